/** A breaker per controller: closed while calls succeed; after failures it waits longer and longer between tries. */
export interface Breaker {
  /** Failures in a row. */
  readonly failures: number;
  /** Milliseconds since the epoch before which only leavers are tried. */
  readonly until: number;
}

export const CLOSED: Breaker = Object.freeze({ failures: 0, until: 0 });

const THRESHOLD = 3;
const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;

/** One more failure; open from the third one on, at most a minute at a time. */
export function failed(breaker: Breaker, now: number): Breaker {
  const failures = breaker.failures + 1;
  if (failures < THRESHOLD) return { failures, until: now + 500 * failures };
  return { failures, until: now + Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - THRESHOLD)) };
}

/** Whether ordinary work has to wait. */
export function isOpen(breaker: Breaker, now: number): boolean {
  return breaker.until > now;
}
