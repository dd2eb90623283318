import type { Controller, Observed, ObservedRole } from '../access/ports/controller.ts';
import { roleKey } from '../access/role.ts';
import type { ControllerConfig } from '../config/schema.ts';
import type { SyncContext } from './context.ts';
import { reproveLeavers } from './debts.ts';
import { liveOf, type Memory } from './pass.ts';
import { STALE } from './perform.ts';
import { RECHECK_AFTER_MS } from './schedule.ts';

/** Longest time from the proof of a leaver to the look that it asked for, beside what it waits for. */
const LATE_MS = 60_000;

/**
 * Reads a controller anew after losses, or after our own changes, and asks about those who left lately: a stale page brings both
 * back silently (semantics §4). @returns whether it is as it was left; then what everybody is to have there is still so.
 */
export async function lookAgain(
  context: SyncContext,
  config: ControllerConfig,
  controller: Controller,
  memory: Memory,
): Promise<boolean> {
  const known = memory.observed;
  delete memory.observed;
  const since = context.clock.now() - Math.max(...RECHECK_AFTER_MS) - LATE_MS;
  await reproveLeavers(context, config, controller, { since });
  const { observed } = await liveOf(context, controller, memory);
  return known !== undefined && sameStrategy(known, observed);
}

/** Whether what was read is what was known, entry by entry where a cut left no digest. */
export function sameStrategy(known: Observed, read: Observed): boolean {
  if (known.session !== read.session || known.roles.length !== read.roles.length) return false;
  if (known.fingerprint !== '') return known.fingerprint === read.fingerprint;
  const before = new Map(known.roles.map((role) => [roleKey(role), role]));
  return read.roles.every((role) => {
    const old = before.get(roleKey(role));
    return old !== undefined && (old.digest === STALE ? content(old) === content(role) : old.digest === role.digest);
  });
}

function content({ permissions, pattern, entries }: ObservedRole): string {
  const named = entries.map(({ type, id }) => [type, id].join('\u0000'));
  return JSON.stringify([permissions.toSorted(), pattern, named.sort()]);
}
