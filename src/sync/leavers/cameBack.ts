import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { Situation } from '../pass/situation.ts';
import { chunked } from '../state/reading.ts';

/** What is paid, and when people had come back last who have left again and for whom something was cut before (RFC 3339). */
interface Paid {
  readonly debts: readonly DebtsTable[];
  readonly back: ReadonlyMap<string, string>;
}

/**
 * Debts that are paid, without those of people who came back after the departure that the debt is for and have left again since: what
 * they got in between is owed anew. Where no pass looked at them while they were back, only the journal tells; claim and debt stand as
 * they did when they had left for the first time. By one clock: what a controller says of when it cut is by its own.
 */
export async function stillPaid(
  db: Kysely<Tables>,
  { debts, facts, tombstones }: Situation,
  breathe: Breathe,
): Promise<Paid> {
  const begun = debts.filter(
    ({ state, started_at }) => state === 'done' || (state !== 'cancelled' && started_at !== null),
  );
  const back = new Map<string, string>();
  if (begun.length === 0) return { debts: [], back };
  const gone = new Set(tombstones.map(({ id }) => id));
  for (const { id, active } of facts.people) if (!active) gone.add(id);
  const asked = [...new Set(begun.flatMap(({ person }) => (gone.has(person) ? [person] : [])))];
  for (const { subject, at } of await chunked(asked, breathe, (part) => returns(db, part))) back.set(subject, at);
  return { debts: begun.filter((debt) => debt.state === 'done' && !isBehind(debt, back)), back };
}

/** Whether somebody came back after the departure that this debt is for, and left again. */
export function isBehind(
  { person, received_at }: Pick<DebtsTable, 'person' | 'received_at'>,
  back: ReadonlyMap<string, string>,
): boolean {
  return (back.get(person) ?? '') > received_at;
}

/** When each of these people came back last, of those who did. */
export function returns(db: Kysely<Tables>, people: readonly string[]): Promise<{ subject: string; at: string }[]> {
  return db
    .selectFrom('journal')
    .select(({ fn }) => ['subject', fn.max('at').as('at')])
    .where(sql<boolean>`${among(sql.ref('subject'), textRows(people))}`)
    .where('kind', '=', 'user.reactivated')
    .groupBy('subject')
    .execute();
}
