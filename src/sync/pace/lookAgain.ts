import type { Controller } from '../../access/ports/controller.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import { reproveLeavers } from '../leavers/debts.ts';
import type { SyncContext } from '../state/context.ts';
import { liveOf, type Memory } from '../state/memory.ts';
import { RECHECK_AFTER_MS } from './schedule.ts';

/** Longest time from the proof of a leaver to the look that it asked for, beside what it waits for. */
const LATE_MS = 60_000;

/**
 * Reads a controller anew after losses, or after our own changes, and asks about those who left lately: a stale page brings both
 * back silently (semantics §4). Where it is as it was left, what everybody is to have there is still so; else the memory says so.
 */
export async function lookAgain(
  context: SyncContext,
  config: ControllerConfig,
  controller: Controller,
  memory: Memory,
): Promise<void> {
  delete memory.observed;
  const since = context.clock.now() - Math.max(...RECHECK_AFTER_MS) - LATE_MS;
  await reproveLeavers(context, config, controller, { since });
  await liveOf(context, controller, memory);
}
