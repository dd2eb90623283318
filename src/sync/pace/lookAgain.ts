import { leased } from '../lease/leased.ts';
import { reproveLeavers } from '../leavers/debts.ts';
import { endSessionsAgain } from '../leavers/sessionsAgain.ts';
import { liveOf, type Memory, unlessAnotherStrategy } from '../state/memory.ts';
import type { Site } from '../state/site.ts';
import { noteUnread } from './problems.ts';
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
  await reproveLeavers(context, config, controller, { since, unread: memory.unread === true });
  await liveOf(context, controller, memory);
  return endSessionsAgain({ ...site, context }, since);
}

/** What a reading of ours found otherwise than it was left is not seen by the next look any more: everybody is compared. */
export function compareAllIfChanged({ changed }: Memory, schedule: Schedule, now: number): void {
  if (changed) schedule.allBy(now);
}

/** What is to be read again by the cheap digest and the session: nothing, what our own changes left, or everything. */
export async function whatChanged({
  context,
  config,
  controller,
  memory,
}: Site): Promise<'nothing' | 'ours' | 'everything'> {
  const found = await controller.fingerprint().catch(unlessAnotherStrategy);
  const known = memory.observed;
  if (found === undefined && known?.unread !== undefined) {
    await noteUnread(context, config.name, memory);
    return 'nothing';
  }
  if (found === undefined || known?.unread !== undefined) return 'everything';
  if (known !== undefined && known.session === found.session && known.fingerprint === found.fingerprint)
    return 'nothing';
  // After changes of our own there is no digest to compare with: each role is.
  return known?.fingerprint === '' ? 'ours' : 'everything';
}
