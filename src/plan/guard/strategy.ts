import type { Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import type { LeaverStepKind } from '../../access/ports/controller.ts';
import { type Court, ofLeaver } from './court.ts';

/** What is done of somebody who left when the entries are gone: the record goes last. */
const WAIT: ReadonlySet<string> = new Set<LeaverStepKind>(['remove-entries', 'delete-record']);

/**
 * While another authorization strategy is in force, who left is cut off all the same: what they can act with is no matter of roles. What is, waits,
 * and so does what people owe who are still there, which follows from what they gain elsewhere, or hold no more.
 */
export function* holdByStrategy(court: Court): Steps<void> {
  const { unread } = court.input.observed;
  if (unread === undefined) return;
  yield* inSteps(court.input.plan.steps, (step) => {
    if (!ofLeaver(step) || WAIT.has(step.kind)) court.hold(step, 'strategy', unread);
  });
}
