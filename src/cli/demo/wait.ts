import type { Clock } from '../../access/ports/clock.ts';
import type { Timers } from '../../access/ports/timers.ts';

const PATIENCE = 5_000;
const PAUSE = 3;

/** Asks until it holds; the milliseconds it took, or undefined after five seconds. */
export async function until(
  holds: () => Promise<boolean>,
  time: { clock: Clock; timers: Timers },
): Promise<number | undefined> {
  const started = time.clock.monotonic();
  for (;;) {
    if (await holds()) return time.clock.monotonic() - started;
    if (time.clock.monotonic() - started > PATIENCE) return undefined;
    await time.timers.sleep(PAUSE);
  }
}

/** `21 ms`, or that it did not happen. */
export function took(milliseconds: number | undefined): string {
  return milliseconds === undefined ? 'not within 5 s' : `${Math.round(milliseconds)} ms`;
}
