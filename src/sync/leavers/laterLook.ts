import type { Kysely } from 'kysely';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { isTriggerText, UNSEEN_TRIGGERS } from './residue.ts';

type Row = Pick<DebtsTable, 'controller' | 'done_at' | 'residual'>;

/**
 * What is left by a row of a certificate. Remote build triggers are of the controller, not of a person: where not all could be looked at in
 * time, what the cut of somebody who left later found of them takes their place.
 */
export async function residualOf(db: Kysely<Tables>, row: Row): Promise<readonly string[]> {
  const own = JSON.parse(row.residual) as string[];
  if (!own.includes(UNSEEN_TRIGGERS) || row.done_at === null) return own;
  const later = await db
    .selectFrom('debts')
    .select('residual')
    .where('controller', '=', row.controller)
    .where('state', '=', 'done')
    .where('cause', 'in', ['leaver', 'old-id'])
    .where('done_at', '>', row.done_at)
    .where('residual', 'not like', `%${UNSEEN_TRIGGERS}%`)
    // A step that was missing, or a person without a record, is cut all the same; who owed nothing was not.
    .where('steps', '!=', '[]')
    .orderBy('done_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (later === undefined) return own;
  const found = (JSON.parse(later.residual) as string[]).filter(isTriggerText);
  return [...own.filter((text) => !isTriggerText(text)), ...found];
}
