import { type Kysely, sql } from 'kysely';
import { runBlind } from '../../store/blind.ts';
import { inTurn, rowsOf } from '../../store/sql/lists.ts';
import { unindexed } from '../../store/sql/unindexed.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';

/**
 * Whether a debt is in one of these states, kept out of the way of the key: while many leave, most debts of a controller are open, and
 * an engine without statistics goes through all of them for each.
 */
export function isState(states: readonly DebtsTable['state'][]) {
  return sql<boolean>`${unindexed('debts.state')} IN (${sql.join(states.map((state) => sql.lit(state)))})`;
}

export type Unpaid = Pick<
  DebtsTable,
  'person' | 'id' | 'cause' | 'steps' | 'attempts' | 'received_at' | 'started_at' | 'done_at' | 'due_ms' | 'request'
>;

const UNPAID = [
  ...(['person', 'id', 'cause', 'steps', 'attempts', 'received_at', 'started_at', 'done_at'] as const),
  ...(['due_ms', 'request'] as const),
] as const;

/** What they owe who are named, by folded id and person; nobody is looked for by other means. */
export async function unpaidOfAll(
  db: Kysely<Tables>,
  controller: string,
  owing: readonly Pick<DebtsTable, 'folded_id' | 'person'>[],
): Promise<(Unpaid & { readonly folded_id: string })[]> {
  if (owing.length === 0) return [];
  const asked = rowsOf(
    { asked_id: 'text', asked_person: 'text' },
    owing.map(({ folded_id, person }) => [folded_id, person]),
  );
  const columns = sql.join(['folded_id', ...UNPAID].map((name) => sql.ref(`debts.${name}`)));
  const { rows } = await sql<Unpaid & { folded_id: string }>`SELECT ${columns} FROM ${asked} AS asked ${inTurn} debts
    ON debts.person = asked.asked_person AND debts.folded_id = asked.asked_id
      AND ${unindexed('debts.controller')} = ${controller} AND ${isState(['open', 'held'])}`.execute(db);
  return rows;
}

const PROGRESS = {
  ...({ steps: 'text', missing: 'text', residual: 'text', state: 'text', started_at: 'text' } as const),
  ...({ done_at: 'text', due_ms: 'number', attempts: 'number', error: 'text' } as const),
} as const;
const PROGRESSED = Object.keys(PROGRESS) as (keyof typeof PROGRESS)[];

/** What was proved of a debt. */
export type Proved = Pick<DebtsTable, 'folded_id' | 'person' | keyof typeof PROGRESS>;

export async function proveDebts(db: Kysely<Tables>, controller: string, proved: readonly Proved[]): Promise<void> {
  if (proved.length === 0) return;
  const rows = rowsOf(
    { folded_id: 'text', person: 'text', ...PROGRESS },
    proved.map((row) => [row.folded_id, row.person, ...PROGRESSED.map((name) => row[name])]),
  );
  const set = sql.join(PROGRESSED.map((name) => sql`${sql.id(name)} = ${sql.ref(`proved.${name}`)}`));
  const update = sql`UPDATE debts SET ${set} FROM ${rows} AS proved
    WHERE debts.person = proved.person AND debts.folded_id = proved.folded_id
      AND ${unindexed('debts.controller')} = ${controller}`;
  await runBlind(db, { compile: () => update.compile(db) });
}

/**
 * Entries at ids that were cut off are there no more, whatever person they were made for. The person stands in the question so that an
 * engine without statistics asks the indexes over ids and people, not all entries of the controller.
 */
export async function forgetEntriesAt(
  db: Kysely<Tables>,
  controller: string,
  gone: readonly { readonly sid: string; readonly person: string }[],
): Promise<void> {
  if (gone.length === 0) return;
  const rows = rowsOf(
    { controller: 'text', sid: 'text', person: 'text' },
    gone.map(({ sid, person }) => [controller, sid, person]),
  );
  const update = sql`UPDATE entries SET verified = 0, desired = 0 FROM ${rows} AS gone WHERE entries.entry_type <> 'group'
    AND (entries.controller = gone.controller AND entries.sid = gone.sid
      OR entries.person = gone.person AND ${unindexed('entries.controller')} = gone.controller
        AND ${unindexed('entries.sid')} = gone.sid)`;
  await runBlind(db, { compile: () => update.compile(db) });
}
