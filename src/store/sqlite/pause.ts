import type { Timers } from '../../access/ports/timers.ts';

/** Waits and keeps the process alive meanwhile: somebody's change hangs on it. */
export function pause(timers: Timers, milliseconds: number): Promise<void> {
  return new Promise((resolve) => timers.after(milliseconds, resolve, { keepAlive: true }));
}
