import { randomBytes, randomFillSync, randomUUIDv7 } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Clock } from '../access/ports/clock.ts';
import type { Disk } from '../access/ports/disk.ts';
import type { Random } from '../access/ports/random.ts';
import type { Timers } from '../access/ports/timers.ts';

// The only file that touches the real clock, randomness, timers, disks and accounts (test/house/edges.test.ts).

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** Random bytes that are fetched together: a call into the system for each salt took 20 µs of a create. */
const AHEAD = 4_096;
const ahead = new Uint8Array(AHEAD);
let taken = AHEAD;

/** What is given away is not kept. */
function randomAhead(length: number): Uint8Array {
  if (taken + length > AHEAD) {
    randomFillSync(ahead);
    taken = 0;
  }
  const given = ahead.slice(taken, taken + length);
  ahead.fill(0, taken, taken + length);
  taken += length;
  return given;
}

export const systemRandom: Random = {
  bytes: (length) => (length > AHEAD / 64 ? new Uint8Array(randomBytes(length)) : randomAhead(length)),
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

/** The account that runs this process: behind `sudo` the one that called it. Containers have accounts without a name. */
export function systemAccount(
  { SUDO_USER, ...environment }: Readonly<Record<string, string | undefined>>,
  info: () => { readonly username: string } = userInfo,
): string {
  if (SUDO_USER !== undefined && SUDO_USER !== '') return SUDO_USER;
  try {
    return info().username;
  } catch {
    return environment.USER ?? `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

export const systemDisk: Disk = {
  space(folder) {
    try {
      const { bavail, blocks, bsize } = statfsSync(folder);
      // Some file systems of the cloud and of containers say nothing of themselves.
      return blocks === 0 ? undefined : { available: bavail * bsize, total: blocks * bsize };
    } catch {
      return undefined;
    }
  },
};
