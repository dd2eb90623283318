import type { Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import type { Court } from './court.ts';

/**
 * Holds what people gain who were touched by a compromised credential, whoever asks and whatever the count (security.md).
 * What they had before is repaired as always, and losses go.
 */
export function* holdSuspects(court: Court): Steps<void> {
  const { plan, suspects } = court.input;
  if (suspects === undefined || suspects.size === 0) return;
  yield* inSteps(plan.steps, (step) => {
    if (step.kind !== 'grant' || step.cause === 'drift' || step.person === undefined) return;
    if (!suspects.has(step.person) || !court.goes(step) || court.approved(step)) return;
    court.hold(step, 'compromised', 'it may follow from what a compromised credential did');
  });
}
