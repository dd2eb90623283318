import type { LeaverConfig } from '../../config/leaver.ts';
import { isLeaverStep, type Step } from '../../plan/step.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';

// What people owe who have nothing left on a controller: sessions at once, tokens after a grace (semantics §2).

/** Whether anything is taken from them. */
export function takesAnything({ sessions, tokens }: LeaverConfig): boolean {
  return sessions === 'end' || tokens === 'revoke';
}

/** When something is to be done for a debt that begins then; milliseconds since the epoch. */
export function firstDue({ sessions, unentitledGrace }: LeaverConfig, now: number, receivedAt: string): number {
  return sessions === 'end' ? now : Date.parse(receivedAt) + unentitledGrace;
}

type Standing = Pick<DebtsTable, 'person' | 'folded_id' | 'id' | 'received_at' | 'due_ms'>;

/** Debts for which a plan has no step: those that wait for the end of the grace, and those that nothing will come of. */
interface Stepless<Row> {
  readonly waiting: readonly (Row & { readonly due: number })[];
  readonly over: readonly Row[];
}

/**
 * Tells what to do with debts of people who had nothing left before a plan was made: without a step in it they wait for the grace alone,
 * or nothing can be taken there any more, because the id is protected, or somebody else's, or the configuration keeps everything. Pure.
 * @param now by which the grace is judged, milliseconds since the epoch
 */
export function stepless<Row extends Standing>(
  debts: readonly Row[],
  steps: readonly Step[],
  leaver: LeaverConfig,
  now: number,
): Stepless<Row> {
  if (debts.length === 0) return { waiting: [], over: [] };
  const key = (person: string | undefined, id: string): string => `${person}\u0000${id}`;
  const busy = new Set(steps.filter(isLeaverStep).map(({ person, principal }) => key(person, principal.id)));
  const idle = debts.filter(({ person, id }) => !busy.has(key(person, id)));
  const dated = idle.map((row) => ({ ...row, due: Date.parse(row.received_at) + leaver.unentitledGrace }));
  const waits = ({ due }: { readonly due: number }): boolean => leaver.tokens === 'revoke' && now < due;
  return { waiting: dated.filter(waits), over: dated.filter((row) => !waits(row)) };
}
