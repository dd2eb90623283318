import type { Clock } from '../../access/ports/clock.ts';
import type { Timers } from '../../access/ports/timers.ts';
import type { PostgresConnection } from './connection.ts';
import { busy, isBusy, isLost, SILENT_SERVER, storeFailed } from './failure.ts';

/** How somebody waits for a lock of another process, or for a server that is away. */
export interface Patience {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Milliseconds until STORE_BUSY or STORE_FAILED. */
  readonly patience: number;
}

/** Milliseconds before the next try. */
export function backoff(attempt: number): number {
  return Math.min(2 ** (attempt + 3), 250);
}

/** Waits and keeps the process alive meanwhile: somebody's change hangs on it. */
export function pause(timers: Timers, milliseconds: number): Promise<void> {
  return new Promise((resolve) => timers.after(milliseconds, resolve, { keepAlive: true }));
}

/** Waits for an answer, and breaks the connection off where none comes in time: the machine of the server may be gone. */
export async function answered<T>(
  timers: Timers,
  {
    connection,
    milliseconds,
  }: { readonly connection: Pick<PostgresConnection, 'drop'>; readonly milliseconds: number },
  answer: Promise<T>,
): Promise<T> {
  const timer = timers.after(milliseconds, () => connection.drop(SILENT_SERVER), { keepAlive: true });
  try {
    return await answer;
  } finally {
    timer.cancel();
  }
}

/** Repeats what has no effect before it succeeds. @throws ScimError STORE_BUSY, STORE_FAILED */
export async function patiently<T>({ clock, timers, patience }: Patience, run: () => Promise<T>): Promise<T> {
  const deadline = clock.monotonic() + patience;
  for (let attempt = 0; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error) && !isLost(error)) throw error;
      if (clock.monotonic() >= deadline) throw isBusy(error) ? busy(error) : storeFailed(error);
    }
    await pause(timers, backoff(attempt));
  }
}
