import type { Kysely } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { chunked } from '../state/reading.ts';

const UNPAID: readonly DebtsTable['state'][] = ['open', 'held'];

/** Whether an id is nobody else's before this is paid: what somebody owes who is still there by another name, too, but no grace. */
export function isOwing(row: Pick<DebtsTable, 'state' | 'released' | 'cause'>): boolean {
  return row.released === 0 && row.cause !== 'unentitled' && UNPAID.includes(row.state);
}

/** What is owed so at these folded ids, also of what waits (`held`). */
export function owingAt(
  db: Kysely<Tables>,
  controller: string,
  foldedIds: readonly string[],
  breathe: Breathe,
): Promise<Pick<DebtsTable, 'person' | 'id' | 'state'>[]> {
  const owing = db
    .selectFrom('debts')
    .select(['person', 'id', 'state'])
    .where('controller', '=', controller)
    .where('released', '=', 0)
    .where('cause', '!=', 'unentitled')
    .where('state', 'in', UNPAID);
  return chunked(foldedIds, breathe, (part) => owing.where('folded_id', 'in', part).execute());
}
