import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Clock } from '../access/ports/clock.ts';
import type { Random } from '../access/ports/random.ts';
import type { Timers } from '../access/ports/timers.ts';

// The only file that touches the real clock, randomness and timers (test/house/edges.test.ts).

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  id: () => randomUUIDv7(),
};

export const systemTimers: Timers = {
  after(milliseconds, run, options) {
    const handle = setTimeout(run, milliseconds);
    if (options?.keepAlive !== true) handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  sleep(milliseconds, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const handle = setTimeout(done, milliseconds);
      signal?.addEventListener('abort', aborted, { once: true });
      function done(): void {
        signal?.removeEventListener('abort', aborted);
        resolve();
      }
      function aborted(): void {
        clearTimeout(handle);
        reject(signal?.reason);
      }
    });
  },
  nextTurn(run) {
    setImmediate(run);
  },
};
