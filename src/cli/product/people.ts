import { type FoundPerson, findPeople } from '../../directory/findPeople.ts';
import { refuse } from '../../errors.ts';
import type { Parts } from './parts.ts';

/**
 * The one person a name means: the living before the deleted, the primary connection before others.
 * @throws ScimError USER_UNKNOWN, USER_AMBIGUOUS
 */
export async function personCalled(parts: Pick<Parts, 'store' | 'config'>, name: string): Promise<FoundPerson> {
  const found = await parts.store.read((db) => findPeople(db, name));
  const living = found.filter(({ deletedAt }) => deletedAt === undefined);
  const exact = found.find(({ id }) => id === name);
  if (exact !== undefined) return exact;
  if (living.length > 1) {
    const primary = parts.config.connections.find((connection) => connection.primary)?.name;
    const own = living.filter(({ connection }) => connection === primary);
    if (own.length === 1) return own[0]!;
    const ids = living.map(({ id, connection }) => `${id} (${connection})`).join(', ');
    throw refuse('USER_AMBIGUOUS', { user: name, ids });
  }
  const person = living[0] ?? found[0];
  if (person === undefined) throw refuse('USER_UNKNOWN', { user: name });
  return person;
}
