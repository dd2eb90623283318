import { type FoundPerson, findPeople } from '../../directory/users/findPeople.ts';
import { refuse, type ScimError } from '../../errors.ts';
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
    throw ambiguous(name, living);
  }
  const person = living[0] ?? found[0];
  if (person === undefined) throw refuse('USER_UNKNOWN', { user: name });
  return person;
}

/**
 * The one person of all there ever were whom a name can mean: for what cannot be taken back. Whoever asks for somebody who left must not
 * hit who is called so by now. @throws ScimError USER_UNKNOWN, USER_AMBIGUOUS
 */
export async function onlyPerson(parts: Pick<Parts, 'store'>, name: string): Promise<FoundPerson> {
  const found = await parts.store.read((db) => findPeople(db, name));
  const person = found.find(({ id }) => id === name) ?? found[0];
  if (person === undefined) throw refuse('USER_UNKNOWN', { user: name });
  if (person.id !== name && found.length > 1) throw ambiguous(name, found);
  return person;
}

function ambiguous(name: string, people: readonly FoundPerson[]): ScimError {
  const ids = people.map(
    ({ id, connection, deletedAt }) =>
      `${id} (${connection}${deletedAt === undefined ? '' : `, deleted ${deletedAt}`})`,
  );
  return refuse('USER_AMBIGUOUS', { user: name, ids: ids.join(', ') });
}

/** Of the people a name means the one who left and still owes something; otherwise whom it means. @throws ScimError USER_UNKNOWN, USER_AMBIGUOUS */
export async function formerOwner(
  parts: Pick<Parts, 'store' | 'config'>,
  name: string,
): Promise<{ readonly person: FoundPerson; readonly owes: boolean }> {
  const owing = await parts.store.read(async (db) => {
    const found = await findPeople(db, name);
    const open = await db.selectFrom('debts').select('person').where('state', 'in', ['open', 'held']).execute();
    const debtors = new Set(open.map(({ person }) => person));
    return found.filter(({ id }) => debtors.has(id));
  });
  const person = owing.length === 1 ? owing[0]! : await personCalled(parts, name);
  return { person, owes: owing.some(({ id }) => id === person.id) };
}
