import { refuse } from '../../errors.ts';
import { digestOf, stepDigest } from '../digest.ts';
import type { Held } from '../plan.ts';
import type { Step } from '../step.ts';
import { waitsForRelease } from './ceiling.ts';

/** Held steps of one ceiling on one controller, which are released or rejected together. */
export interface HeldGroup {
  /** `digestOf` the steps: another step makes another digest. */
  readonly digest: string;
  readonly ceiling: string;
  readonly reason: string;
  readonly steps: readonly Step[];
}

/** Groups what waits for a release, by ceiling; what the mode, the clock or another step holds is not among them. */
export function heldGroups(held: readonly Held[]): HeldGroup[] {
  const waiting = held.filter(({ ceiling }) => waitsForRelease(ceiling));
  return [...Map.groupBy(waiting, ({ ceiling }) => ceiling)].map(([ceiling, items]) => {
    const steps = items.map(({ step }) => step);
    return { digest: digestOf(steps), ceiling, reason: items[0]!.reason, steps };
  });
}

/** Shortest beginning of a digest that may name a group. */
const SHORTEST = 8;

/**
 * The steps that `--allow-loss DIGEST` releases: exactly those of the group as it was held, as far as they are still wanted.
 * @param stored groups as they were shown, with the digests of their steps
 * @param current the plan as it is now
 * @throws ScimError PLAN_UNKNOWN where no group, or more than one, has a digest that begins so
 */
export function releasedBy(
  digest: string,
  stored: readonly { readonly digest: string; readonly steps: readonly string[] }[],
  current: readonly Step[],
): Set<string> {
  const named = digest.length < SHORTEST ? [] : stored.filter((group) => group.digest.startsWith(digest));
  const [group, another] = named;
  if (group === undefined || another !== undefined) throw refuse('PLAN_UNKNOWN', { digest });
  const wanted = new Set(current.map(stepDigest));
  return new Set(group.steps.filter((step) => wanted.has(step)));
}
