import type { Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import type { Court } from './court.ts';

/** Holds what would make somebody an administrator by what the ledger does not tell, or tells otherwise (security.md). */
export function* holdUnproven(court: Court): Steps<void> {
  const { plan, unproven } = court.input;
  if (unproven === undefined || unproven.size === 0) return;
  yield* inSteps(plan.steps, (step) => {
    if (step.kind === 'grant' && unproven.has(court.digest(step)) && court.goes(step) && !court.approved(step))
      court.hold(
        step,
        'unproven',
        'no record that verifies tells that they are to have it, or one tells that an `unless` keeps it from them',
      );
  });
}
