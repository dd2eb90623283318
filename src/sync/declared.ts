import { type Kysely, sql } from 'kysely';
import type { Transaction } from '../access/ports/store.ts';
import { rowsOf } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';
import type { SyncContext } from './context.ts';
import { hasLeft, type Pending } from './distribute.ts';

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
 * Whom an operator said to leave and a controller has not looked at since: past its mode and ceilings, also where the provider says the
 * same by now. A row alone says so of nobody; there has to be the record, and nobody's return after it.
 */
export async function declaredPeople(
  { store, witness }: Pick<SyncContext, 'store' | 'witness'>,
  controller: string,
): Promise<ReadonlySet<string>> {
  return store.read(async (db) => {
    const said = new Set<string>();
    for (const { id } of (await unseenWords(db, controller)).rows)
      if ((await witness?.declared(db, id)) !== false) said.add(id);
    return said;
  });
}

function unseenWords(db: Kysely<Tables>, controller: string) {
  const paid = sql`SELECT 1 FROM debts WHERE debts.controller = ${controller} AND debts.person = pending.id
    AND debts.cause = 'leaver' AND debts.state = 'done' AND debts.done_at >= ledger.at`;
  const declared = sql`SELECT 1 FROM ledger WHERE ledger.subject_kind = 'user' AND ledger.subject_id = pending.id
    AND ledger.kind = 'leaver.declared' AND NOT EXISTS (${paid})`;
  return sql<{ id: string }>`SELECT pending.id FROM pending LEFT JOIN users ON users.id = pending.id
    WHERE pending.controller = ${controller} AND pending.kind = 'user' AND ${hasLeft} AND EXISTS (${declared})`.execute(
    db,
  );
}
