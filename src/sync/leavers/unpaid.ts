import type { IdentityMap } from '../../plan/identities.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import { isBehind } from './cameBack.ts';
import type { CertifiedStep } from './certificate.ts';

/** When people who left had come back last, where they owed something before (RFC 3339). */
type Back = ReadonlyMap<string, string>;

/** Whether a debt is neither paid nor cancelled. */
export function isUnpaid({ state }: Pick<DebtsTable, 'state'>): boolean {
  return state === 'open' || state === 'held';
}

/** Whether an operator gave the id free although this is not paid. */
export function isReleased(row: Pick<DebtsTable, 'state' | 'released'>): boolean {
  return row.released === 1 && isUnpaid(row);
}

/**
 * Whether what is owed now is what is stored as owed: not where somebody came back since and left again, and not where they left who had
 * only given the id up, or came back by another name. What could be made there in between is owed, too.
 */
export function goesOn(row: DebtsTable, cause: DebtsTable['cause'], back: Back): boolean {
  return isUnpaid(row) && row.cause === cause && !isBehind(row, back);
}

/** Nothing of it counts as done any more; what could not be done is owed still. */
export function undone({ steps }: Pick<DebtsTable, 'steps'>): Pick<DebtsTable, 'steps'> {
  return { steps: JSON.stringify((JSON.parse(steps) as CertifiedStep[]).filter(({ verified }) => !verified)) };
}

/** Unpaid debts as they are owed now: nothing is, of what had not begun, where the id came back to its owner (semantics §2). */
export function unpaidNow(
  debts: readonly DebtsTable[],
  { owed, regained }: Pick<IdentityMap, 'owed' | 'regained'>,
  back: Back,
): DebtsTable[] {
  const again = new Set(regained.map(({ person, foldedId }) => `${person}\u0000${foldedId}`));
  const unpaid = debts.filter(
    (row) => isUnpaid(row) && (row.started_at !== null || !again.has(`${row.person}\u0000${row.folded_id}`)),
  );
  if (unpaid.length === 0) return [];
  const causes = new Map(owed.map(({ person, foldedId, cause }) => [`${person}\u0000${foldedId}`, cause]));
  return unpaid.map((row) => {
    const cause = causes.get(`${row.person}\u0000${row.folded_id}`) ?? row.cause;
    return goesOn(row, cause, back) ? row : { ...row, cause, ...undone(row) };
  });
}
