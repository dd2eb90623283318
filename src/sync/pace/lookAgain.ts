import { leased } from '../lease/leased.ts';
import { reproveLeavers } from '../leavers/debts.ts';
import { endSessionsAgain } from '../leavers/sessionsAgain.ts';
import { liveOf, type Memory } from '../state/memory.ts';
import type { Site } from '../state/site.ts';
import { RECHECK_AFTER_MS, type Schedule } from './schedule.ts';

/** Longest time from the proof of a leaver to the look that it asked for, beside what it waits for. */
const LATE_MS = 60_000;

/**
 * Reads a controller anew after losses, or after our own changes, and asks about those who left lately: a stale page brings both
 * back silently (semantics §4). Where it is as it was left, what everybody is to have there is still so; else the memory says so.
 * @param due when the look was to be, in milliseconds since the epoch: it is about those who left shortly before that
 * @returns what there is to do yet
 */
export async function lookAgain(site: Site, due: number): ReturnType<typeof endSessionsAgain> {
  const { config, controller, memory, lease } = site;
  const context = leased(site.context, lease);
  delete memory.observed;
  const since = due - Math.max(...RECHECK_AFTER_MS) - LATE_MS;
  await reproveLeavers(context, config, controller, { since });
  await liveOf(context, controller, memory);
  return endSessionsAgain({ ...site, context }, since);
}

/** What a reading of ours found otherwise than it was left is not seen by the next look any more: everybody is compared. */
export function compareAllIfChanged({ changed }: Memory, schedule: Schedule, now: number): void {
  if (changed) schedule.allBy(now);
}
