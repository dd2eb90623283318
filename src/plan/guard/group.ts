import { refuse } from '../../errors.ts';
import { digestOf } from '../digest.ts';
import type { Held } from '../plan.ts';
import type { Step } from '../step.ts';
import { waitsForRelease } from './ceiling.ts';

/** Held steps of one ceiling on one controller, which are released or rejected together. */
interface HeldGroup {
  /** `digestOf` the steps: another step makes another digest. */
  readonly digest: string;
  readonly ceiling: string;
  readonly steps: readonly Step[];
}

/** Groups what waits for a release, by ceiling; what the mode, the clock or another step holds is not among them. */
export function heldGroups(held: readonly Held[]): HeldGroup[] {
  const waiting = held.filter(({ ceiling }) => waitsForRelease(ceiling));
  return [...Map.groupBy(waiting, ({ ceiling }) => ceiling)].map(([ceiling, items]) => {
    const steps = items.map(({ step }) => step);
    return { digest: digestOf(steps), ceiling, steps };
  });
}

/** Reasons that are said of one group. */
const SAID = 5;

/** Why the steps of a group wait, each reason once: whoever releases one releases all. */
export function whyHeld(reasons: readonly string[]): string {
  const all = [...new Set(reasons)];
  const more = all.length > SAID ? [`and ${all.length - SAID} more`] : [];
  return [...all.slice(0, SAID), ...more].join('; ');
}

/** Shortest beginning of a digest that may name a group: what was left out by accident names none. */
const SHORTEST = 8;

/** The one digest that begins so. @throws ScimError PLAN_UNKNOWN where there is none, or more than one */
export function digestCalled(beginning: string, digests: readonly string[]): string {
  const named = beginning.length < SHORTEST ? [] : digests.filter((digest) => digest.startsWith(beginning));
  const [digest, another] = new Set(named);
  if (digest === undefined || another !== undefined) throw refuse('PLAN_UNKNOWN', { digest: beginning });
  return digest;
}
