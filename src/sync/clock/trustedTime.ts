import type { Clock } from '../../access/ports/clock.ts';
import type { SyncContext } from '../state/context.ts';
import { type Clocks, LEAP_MS } from './clockAnchor.ts';
import { highestTime } from './highestTime.ts';

/** The time that expiries go by. */
export interface TrustedTime {
  /** Whole milliseconds since the epoch. */
  readonly now: number;
  /** False while the wall clock is behind the highest time seen, or more than 10 minutes ahead of the monotonic one. */
  readonly trusted: boolean;
}

/**
 * Judges the wall clock by the monotonic one and by the highest time ever stored (security.md, time). While it is not
 * trusted, nothing expires that was not expired before: time stands still or follows the monotonic clock.
 * @param start both clocks when the wall clock was last known to be right
 * @param highest the highest wall time stored, 0 for none
 */
export function trustedTime(clock: Clock, start: Clocks, highest: number): TrustedTime {
  const wall = clock.now();
  const expected = Math.floor(start.wall + (clock.monotonic() - start.monotonic));
  if (wall > expected + LEAP_MS) return { now: Math.max(expected, Math.min(highest, wall)), trusted: false };
  if (wall < highest) return { now: highest, trusted: false };
  return { now: wall, trusted: true };
}

/** The time as it stands for this process. */
export async function timeOf({
  store,
  clock,
  anchor,
}: Pick<SyncContext, 'store' | 'clock' | 'anchor'>): Promise<TrustedTime> {
  return trustedTime(clock, anchor.look(), await store.read(highestTime));
}
