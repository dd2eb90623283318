import { type Kysely, sql } from 'kysely';
import { among } from '../store/sql/lists.ts';
import type { DebtsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';

/** What somebody who left owes on a controller, and what became of it so far. */
export type UnpaidLeaver = Pick<
  DebtsTable,
  'controller' | 'folded_id' | 'person' | 'received_at' | 'alarmed' | 'state' | 'error' | 'attempts'
>;

/**
 * What people who left owe, at the id they had last and at those they had given up before, on each controller that was ever owed
 * anything: nobody goes through all debts that are paid.
 */
export async function unpaidLeavers(db: Kysely<Tables>): Promise<readonly UnpaidLeaver[]> {
  const controllers = sql`WITH RECURSIVE known (name) AS (
    SELECT min(controller) FROM debts
    UNION ALL
    SELECT (SELECT min(controller) FROM debts WHERE controller > known.name) FROM known WHERE known.name IS NOT NULL)
    SELECT name FROM known WHERE name IS NOT NULL`;
  const stays = sql`SELECT 1 FROM users WHERE users.id = debts.person AND users.active = 1
    AND NOT EXISTS (SELECT 1 FROM ordered_leavers WHERE ordered_leavers.person = users.id)`;
  const { rows } = await sql<UnpaidLeaver>`
    SELECT controller, folded_id, person, received_at, alarmed, state, error, attempts FROM debts
    WHERE ${among(sql`controller`, controllers)} AND state IN ('open', 'held')
      AND (cause = 'leaver' OR (cause = 'old-id' AND NOT EXISTS (${stays})))`.execute(db);
  return rows;
}
