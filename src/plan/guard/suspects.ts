import type { Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import type { Court } from './court.ts';

/**
 * Holds what people gain who were touched by a compromised credential, whoever asks and whatever the count (security.md).
 * What they had before is repaired as always, and losses go.
 */
export function* holdSuspects(court: Court): Steps<void> {
  const { plan, suspects } = court.input;
  if (suspects === undefined) return;
  yield* inSteps(plan.steps, (step) => {
    if (step.kind !== 'grant' || step.cause === 'drift' || step.person === undefined) return;
    if (!court.goes(step) || court.approved(step) || !suspects(step.person, step.reasons)) return;
    court.hold(step, 'compromised', 'it may follow from what a compromised credential did');
  });
}
