import type { Clock } from '../../access/ports/clock.ts';
import type { Timers } from '../../access/ports/timers.ts';
import { busy, isBusy } from './failure.ts';
import { pause } from './pause.ts';

/** How somebody waits for the lock of another process. */
export interface Patience {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Milliseconds until STORE_BUSY. */
  readonly patience: number;
}

/** Milliseconds before the next try; the event loop turns meanwhile. */
export function backoff(attempt: number): number {
  return Math.min(2 ** attempt, 50);
}

/** Repeats `run` while another process holds the lock. @throws ScimError STORE_BUSY */
export async function patiently<T>({ clock, timers, patience }: Patience, run: () => T | Promise<T>): Promise<T> {
  const deadline = clock.monotonic() + patience;
  for (let attempt = 0; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (clock.monotonic() >= deadline) throw busy(error);
    }
    await pause(timers, backoff(attempt));
  }
}
