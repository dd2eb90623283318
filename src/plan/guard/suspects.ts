import type { Court } from './court.ts';

/**
 * Holds what people gain who were touched by a compromised credential, whoever asks and whatever the count (security.md).
 * What they had before is repaired as always, and losses go.
 */
export function holdSuspects(court: Court): void {
  const { plan, suspects } = court.input;
  if (suspects === undefined || suspects.size === 0) return;
  for (const step of plan.steps) {
    if (step.kind !== 'grant' || step.cause === 'drift' || step.person === undefined) continue;
    if (!suspects.has(step.person) || !court.goes(step) || court.approved(step)) continue;
    court.hold(step, 'compromised', 'it may follow from what a compromised credential did');
  }
}
