import { isLeaverStep, type Step } from '../../plan/step.ts';
import type { HeldTable } from '../../store/tables/sync.ts';

/** Of what waits, that about which a look without roles says anything; the rest waits as it did. */
export function heldWithoutRoles(held: readonly HeldTable[]): HeldTable[] {
  return held.filter(({ ceiling, step: text }) => {
    const step = JSON.parse(text) as Step;
    return isLeaverStep(step) && (ceiling === 'strategy' || step.kind !== 'remove-entries');
  });
}
