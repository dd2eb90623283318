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

/** Of the people a name means the one who left and still owes something; otherwise whom it means. @throws ScimError USER_UNKNOWN, USER_AMBIGUOUS */
export async function formerOwner(parts: Pick<Parts, 'store' | 'config'>, name: string): Promise<FoundPerson> {
  const owing = await parts.store.read(async (db) => {
    const found = await findPeople(db, name);
    const open = await db.selectFrom('debts').select('person').where('state', 'in', ['open', 'held']).execute();
    const debtors = new Set(open.map(({ person }) => person));
    return found.filter(({ id }) => debtors.has(id));
  });
  return owing.length === 1 ? owing[0]! : personCalled(parts, name);
}
