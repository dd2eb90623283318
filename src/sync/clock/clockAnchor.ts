import type { Clock } from '../../access/ports/clock.ts';
import type { Log } from '../../access/ports/log.ts';

/** Ahead of the monotonic clock by more than this, the wall clock is not trusted. */
export const LEAP_MS = 600_000;
/** So long it has to run evenly after a leap before it is trusted again. */
export const EVEN_MS = 1_800_000;
/** Runs evenly: within this of the monotonic clock. */
const DRIFT_MS = 5_000;

/** Both clocks at one moment, in milliseconds. */
export interface Clocks {
  readonly wall: number;
  readonly monotonic: number;
}

/**
 * The moment by which the wall clock is judged: the start of the process, and after a leap the moment in which it had run evenly for
 * half an hour. A machine that was suspended stands so; a clock that is set to and fro does not. Nobody has to trust our clock
 * alone: where a controller's differs by 5 minutes, expiries are held there in any case.
 */
export class ClockAnchor {
  readonly #clock: Clock;
  readonly #log: Log;
  #anchor: Clocks;
  /** Since when it runs evenly after a leap. */
  #even: Clocks | undefined;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#anchor = this.#now();
  }

  /** Looks at the clocks; to be called again and again. @returns the moment that counts */
  look(): Clocks {
    const now = this.#now();
    if (ahead(now, this.#anchor) <= LEAP_MS) {
      if (this.#even !== undefined) this.#log.info('the clock is back where it was before its leap');
      this.#even = undefined;
      return this.#anchor;
    }
    if (this.#even === undefined)
      this.#log.error('the clock leapt ahead; nothing ends by time until it has run evenly for a while', {
        aheadMs: Math.round(ahead(now, this.#anchor)),
        evenMs: EVEN_MS,
      });
    if (this.#even === undefined || Math.abs(ahead(now, this.#even)) > DRIFT_MS) this.#even = now;
    if (now.monotonic - this.#even.monotonic < EVEN_MS) return this.#anchor;
    this.#log.warn('the clock has run evenly since its leap and is trusted again');
    this.#even = undefined;
    this.#anchor = now;
    return now;
  }

  #now(): Clocks {
    return { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
  }
}

/** How far the wall clock went beyond the monotonic one since then. */
function ahead(now: Clocks, since: Clocks): number {
  return now.wall - since.wall - (now.monotonic - since.monotonic);
}
