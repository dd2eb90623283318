import { type Kysely, sql } from 'kysely';
import type { Transaction } from '../access/ports/store.ts';
import { rowsOf } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';
import type { SyncContext } from './context.ts';
import type { Pending } from './distribute.ts';
import { orderedLeavers } from './stored.ts';

/**
 * An operator's word about somebody, as a mark that waits for each of these controllers: one that is down or paused still has it before
 * it, as it has what a provider says. Whoever carries it out there takes it away.
 * @param at RFC 3339
 */
export async function handOutWord(
  { db }: Transaction<Tables>,
  controllers: readonly string[],
  person: string,
  at: string,
): Promise<void> {
  await db.updateTable('counters').set({ value: sql`value + 1` }).where('name', '=', 'dirty').execute();
  const names = rowsOf(
    { controller: 'text' },
    controllers.map((name) => [name]),
  );
  // A push that waits there, too, stays one: an order by hand does not answer it.
  await sql`INSERT INTO pending (controller, kind, id, seq, marked_at, request)
    SELECT named.controller, 'user', ${person}, counters.value, ${at}, NULL FROM ${names} AS named, counters
    WHERE counters.name = 'dirty'
    ON CONFLICT (controller, kind, id) DO UPDATE SET seq = excluded.seq`.execute(db);
}

/** Marks that an operator's word about somebody has left on a controller. */
export async function wordsAbout(db: Kysely<Tables>, controller: string, person: string): Promise<Pending[]> {
  const rows = await db
    .selectFrom('pending')
    .select(['kind', 'id', 'seq', 'marked_at', 'request'])
    .where('controller', '=', controller)
    .where('kind', '=', 'user')
    .where('id', '=', person)
    .where('request', 'is', null)
    .execute();
  return rows.map(({ marked_at, ...row }) => ({ ...row, markedAt: marked_at }));
}

/**
 * Of whom it is said by these marks that they leave: past mode and ceilings, where that could not be carried out yet. A row alone says
 * so of nobody; there has to be the record.
 */
export async function declaredPeople(
  { store, witness }: Pick<SyncContext, 'store' | 'witness'>,
  marks: readonly Pending[],
): Promise<ReadonlySet<string>> {
  const marked = marks.flatMap(({ kind, id, request }) => (kind === 'user' && request === null ? [id] : []));
  if (marked.length === 0) return new Set();
  return store.read(async (db) => {
    const ordered = await orderedLeavers(db);
    const said = new Set<string>();
    for (const id of marked) if (ordered.has(id) && (await witness?.declared(db, id)) !== false) said.add(id);
    return said;
  });
}
