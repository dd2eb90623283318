import assert from 'node:assert/strict';
import { systemClock, systemTimers } from '../src/cli/edge.ts';

/** Asks until the value is the expected one; gives the milliseconds it took. @throws AssertionError after `patience` */
export async function eventually<T>(read: () => Promise<T>, expected: T, patience = 60_000): Promise<number> {
  const started = systemClock.monotonic();
  for (;;) {
    const value = await read();
    try {
      assert.deepEqual(value, expected);
      return Math.round(systemClock.monotonic() - started);
    } catch (error) {
      if (systemClock.monotonic() - started > patience) throw error;
    }
    await systemTimers.sleep(20);
  }
}
