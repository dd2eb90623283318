/** What a controller has to be looked at for by the clock; times are milliseconds since the epoch. */
export interface Schedule {
  readonly fullAt: number;
  readonly fingerprintAt: number;
  /** Looks again at administrator losses and leavers 5 and 60 seconds after them. */
  readonly rechecks: readonly number[];
}

/** After which times a loss of an administrator and a leaver are looked at again (a stale page reverts silently). */
export const RECHECK_AFTER_MS = [5_000, 60_000] as const;

/** When something is due at the latest. */
export function nextDue(schedule: Schedule): number {
  return Math.min(schedule.fullAt, schedule.fingerprintAt, ...schedule.rechecks);
}

/** Takes out the rechecks that have come. */
export function takeRechecks(schedule: Schedule, now: number): { readonly due: boolean; readonly schedule: Schedule } {
  const rest = schedule.rechecks.filter((at) => at > now);
  return { due: rest.length < schedule.rechecks.length, schedule: { ...schedule, rechecks: rest } };
}

/** Losses within so many milliseconds are looked at again together, which bounds how many looks can wait. */
const TOGETHER_MS = 1_000;

/** Adds the looks that follow a loss, up to `TOGETHER_MS` late. */
export function withRechecks(schedule: Schedule, now: number): Schedule {
  const due = RECHECK_AFTER_MS.map((after) => Math.ceil((now + after) / TOGETHER_MS) * TOGETHER_MS);
  return { ...schedule, rechecks: [...new Set([...schedule.rechecks, ...due])] };
}
