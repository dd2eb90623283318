import { type Kysely, type RawBuilder, sql } from 'kysely';
import { placed, prepared, preparedBlind } from '../store/prepared.ts';
import { unindexed } from '../store/sql/unindexed.ts';
import type { DebtsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';

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

export interface Owing {
  readonly controller: string;
  readonly folded_id: string;
  readonly person: string | null;
}

type Place = Pick<DebtsTable, 'controller' | 'folded_id' | 'person'>;
const UNPAID = [
  ...(['person', 'id', 'cause', 'steps', 'attempts', 'received_at', 'started_at', 'done_at'] as const),
  ...(['due_ms', 'request'] as const),
] as const;

/**
 * The debt at a place, found by the person alone: a server keeps the plan that it made while the table was empty, when any index that
 * begins with the controller seemed as good as the key.
 */
const isAt = (value: (name: keyof Place) => RawBuilder<never>) =>
  sql<boolean>`person = ${value('person')} AND folded_id = ${value('folded_id')}
    AND ${unindexed('controller')} = ${value('controller')}`;

const unpaidOf = prepared<{ [K in keyof Place]: Place[K] }, Unpaid>((value, db) =>
  db
    .selectFrom('debts')
    .select(UNPAID)
    .where(isAt(value))
    .where(isState(['open', 'held']))
    .limit(sql.lit(1)),
);

/** What somebody owes; whoever it is where no person is named. */
export async function unpaid(db: Kysely<Tables>, { person, ...place }: Owing): Promise<Unpaid | undefined> {
  if (person !== null) return (await unpaidOf(db, { ...place, person })).rows[0];
  return db
    .selectFrom('debts')
    .select(UNPAID)
    .where('controller', '=', place.controller)
    .where('folded_id', '=', place.folded_id)
    .where(isState(['open', 'held']))
    .executeTakeFirst();
}

const PROGRESS = [
  ...(['steps', 'missing', 'residual', 'state', 'started_at'] as const),
  ...(['done_at', 'due_ms', 'attempts', 'error'] as const),
] as const;
type Progress = Pick<DebtsTable, (typeof PROGRESS)[number]>;

export const proveDebt = preparedBlind<Place & Progress>((value, db) =>
  db.updateTable('debts').set(placed(value, PROGRESS)).where(isAt(value)),
);

export const forgetEntriesOf = preparedBlind<{ controller: string; sid: string; person: string }>((value, db) =>
  db
    .updateTable('entries')
    .set({ verified: sql.lit(0), desired: sql.lit(0) })
    .where(
      sql<boolean>`entry_type <> 'group' AND (controller = ${value('controller')} AND sid = ${value('sid')}
        OR person = ${value('person')} AND ${unindexed('controller')} = ${value('controller')})`,
    ),
);
