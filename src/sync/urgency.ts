import type { Kysely } from 'kysely';
import type { Tables } from '../store/tables.ts';
import { type Pending, pendingOf } from './distribute.ts';

/** How often a controller that fails is tried while somebody who left waits for it. */
export const PROBE_MS = 2_000;

/** Which of these people are inactive or gone: they do not wait for a window, nor for a breaker. */
export async function whoLeft(db: Kysely<Tables>, people: readonly string[]): Promise<Set<string>> {
  const left = new Set(people);
  for (let at = 0; at < people.length; at += 400) {
    const part = people.slice(at, at + 400);
    const active = await db.selectFrom('users').select('id').where('id', 'in', part).where('active', '=', 1).execute();
    for (const { id } of active) left.delete(id);
  }
  return left;
}

/** Most marks that are looked through for people who left; they come first. */
const LOOKED_AT = 2_000;

/** Marks of people who left, without those that are known already. */
export async function leavingMarks(
  db: Kysely<Tables>,
  controller: string,
  known: readonly Pending[] = [],
): Promise<Pending[]> {
  const seen = new Set(known.map(({ id, seq }) => `${seq} ${id}`));
  const marks = await pendingOf(db, controller, LOOKED_AT);
  const users = marks.filter(({ kind, id, seq }) => kind === 'user' && !seen.has(`${seq} ${id}`));
  const left = await whoLeft(
    db,
    users.map(({ id }) => id),
  );
  return users.filter(({ id }) => left.has(id));
}
