import { type Kysely, sql } from 'kysely';
import { among } from '../../store/sql/lists.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';

/** What somebody who left owes on a controller, or at an id they gave up, and what became of it so far. */
export type UnpaidLeaver = Pick<
  DebtsTable,
  'controller' | 'folded_id' | 'person' | 'received_at' | 'alarmed' | 'state' | 'error' | 'attempts'
> & {
  /** 1 where they did not leave: they are called otherwise now. */
  readonly stays: number;
};

/**
 * What is owed at the id that people had last who left, and at those that anybody gave up, on each controller that was ever owed
 * anything: nobody goes through all debts that are paid. Who is back, and called as before, did not leave: a controller
 * that nobody looks at meanwhile stores it still.
 */
export async function unpaidLeavers(db: Kysely<Tables>): Promise<readonly UnpaidLeaver[]> {
  const controllers = sql`WITH RECURSIVE known (name) AS (
    SELECT min(controller) FROM debts
    UNION ALL
    SELECT (SELECT min(controller) FROM debts WHERE controller > known.name) FROM known WHERE known.name IS NOT NULL)
    SELECT name FROM known WHERE name IS NOT NULL`;
  const stays = sql`SELECT 1 FROM users WHERE users.id = debts.person AND users.active = 1
    AND NOT EXISTS (SELECT 1 FROM ordered_leavers WHERE ordered_leavers.person = users.id)`;
  const isBack = sql`${stays} AND debts.id IN (users.user_name, users.external_id)`;
  const { rows } = await sql<UnpaidLeaver>`
    SELECT controller, folded_id, person, received_at, alarmed, state, error, attempts,
      CASE WHEN EXISTS (${stays}) THEN 1 ELSE 0 END AS stays FROM debts
    WHERE ${among(sql`controller`, controllers)} AND state IN ('open', 'held')
      AND (cause = 'old-id' OR (cause = 'leaver' AND NOT EXISTS (${isBack})))`.execute(db);
  return rows;
}
