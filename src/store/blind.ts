import type { Compilable, CompiledQuery, Kysely } from 'kysely';

const blind = new WeakSet<CompiledQuery>();

/**
 * Runs a statement of a write whose answer nobody needs: PostgreSQL is sent it together with what follows, the commit included,
 * and the round trip is saved. An error of it refuses the whole write, later; it must not be one that is expected.
 */
export async function runBlind<Tables>(db: Kysely<Tables>, statement: Compilable): Promise<void> {
  await db.executeQuery(blindly(statement.compile()));
}

/** Notes that the answer of a compiled statement is not waited for. */
export function blindly<R>(query: CompiledQuery<R>): CompiledQuery<R> {
  blind.add(query);
  return query;
}

/** Whether the answer of this one is not waited for. */
export function isBlind(query: CompiledQuery): boolean {
  return blind.has(query);
}
