import type { ErrorCode } from '../../errors.ts';

/** A breaker per controller: closed while calls succeed; after failures it waits longer and longer between tries. */
export interface Breaker {
  /** Failures in a row. */
  readonly failures: number;
  /** Milliseconds of the monotonic clock before which only leavers are tried. */
  readonly until: number;
  /** When the first failure of the row was, and whether one of them looked like a restart. */
  readonly since?: number;
  readonly restart?: boolean;
}

export const CLOSED: Breaker = Object.freeze({ failures: 0, until: 0 });

const THRESHOLD = 3;
const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;
/** A controller that restarts is back within minutes, and is met again within seconds of that. */
const RESTART_MS = 10 * 60_000;
const PROMPT_MS = 3_000;

/** Refused connections and the pages of a start; the false 401, 403 and 500 come between those (jenkins-verified.md point 1). */
const RESTARTS: ReadonlySet<ErrorCode> = new Set(['JEN_RESTARTING', 'JEN_UNREACHABLE']);

/**
 * One more failure; open from the third one on, at most a minute at a time. While it may be a restart, a few seconds at a time:
 * one refused connection every three seconds hurts nobody, and ten minutes later a minute is waited as for any other trouble.
 */
export function failed(breaker: Breaker, now: number, code?: ErrorCode): Breaker {
  const failures = breaker.failures + 1;
  const since = breaker.since ?? now;
  const restart = breaker.restart === true || (code !== undefined && RESTARTS.has(code));
  const longest = restart && now - since < RESTART_MS ? PROMPT_MS : LONGEST_MS;
  const wait = failures < THRESHOLD ? 500 * failures : FIRST_MS * 2 ** (failures - THRESHOLD);
  return { failures, until: now + Math.min(longest, wait), since, restart };
}

/** Whether it failed too often for an accident. */
export function keepsFailing({ failures }: Breaker): boolean {
  return failures >= THRESHOLD;
}

/** Whether ordinary work has to wait. */
export function isOpen(breaker: Breaker, now: number): boolean {
  return breaker.until > now;
}
