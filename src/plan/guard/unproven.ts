import type { Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import type { Court } from './court.ts';

/** Holds what would make somebody an administrator by a membership of which the ledger knows nothing (security.md). */
export function* holdUnproven(court: Court): Steps<void> {
  const { plan, unproven } = court.input;
  if (unproven === undefined || unproven.size === 0) return;
  yield* inSteps(plan.steps, (step) => {
    if (step.kind === 'grant' && unproven.has(court.digest(step)) && court.goes(step) && !court.approved(step))
      court.hold(step, 'unproven', 'no record that verifies tells who put them into that group');
  });
}
