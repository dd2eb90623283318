import type { Compilable, CompiledQuery, Kysely } from 'kysely';

/** On the statement itself: a set of short-lived objects that holds them weakly is work for each collection. */
const BLIND = Symbol('its answer is not waited for');

/**
 * Runs a statement of a write whose answer nobody needs: PostgreSQL is sent it together with what follows, the commit included,
 * and the round trip is saved. An error of it refuses the whole write, later; it must not be one that is expected.
 */
export async function runBlind<Tables>(db: Kysely<Tables>, statement: Compilable): Promise<void> {
  await db.executeQuery(blindly(statement.compile()));
}

/** The same compiled statement as one whose answer is not waited for. */
export function blindly<R>(query: CompiledQuery<R>): CompiledQuery<R> {
  return Object.assign({ ...query }, { [BLIND]: true });
}

/** Whether the answer of this one is not waited for. */
export function isBlind(query: CompiledQuery): boolean {
  return BLIND in query;
}
