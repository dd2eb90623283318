import type { Timers } from './ports/timers.ts';

/** What work comes to, if it ends in time; it is not ended by that. @throws Error where the database did not answer */
export async function within<T>(milliseconds: number, timers: Timers, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = timers.after(milliseconds, () => reject(new Error('the database does not answer')));
  try {
    return await Promise.race([work, promise]);
  } finally {
    timer.cancel();
  }
}
