import type { Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import { narrows } from '../redefinition.ts';
import type { Step } from '../step.ts';
import { type Court, isExempt } from './court.ts';

/** Whether a step takes anything away. */
export function isLoss(step: Step): boolean {
  if (step.kind === 'grant' || step.kind === 'create-role') return false;
  return step.kind !== 'update-role' || narrows(step);
}

/**
 * What the mode of the controller keeps from happening (semantics §5, table); what was rejected is not going to happen in any, and goes
 * on waiting for what it was rejected under.
 */
export function* holdByMode(court: Court): Steps<void> {
  const { mode, by } = court.input;
  yield* inSteps(court.input.plan.steps, (step) => {
    if (court.refused(step)) return;
    if (mode === 'off') court.hold(step, 'mode', 'the controller is off');
    else if (by === 'operator' || isExempt(court.input, step) || mode === 'enforce') return;
    else if (mode === 'observe') court.hold(step, 'mode', 'the controller is only observed; `apply` does it');
    else if (isLoss(step)) court.hold(step, 'mode', 'the mode is add-only; `apply` does it');
  });
}
