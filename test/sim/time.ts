import type { Clock } from '../../src/access/ports/clock.ts';
import type { Random } from '../../src/access/ports/random.ts';
import type { Timer, Timers } from '../../src/access/ports/timers.ts';

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Simulated time: nothing moves until `advance`. `nextTurn` is real, so that the event loop can turn. */
export class SimulatedTime implements Clock, Timers {
  #now: number;
  readonly #start: number;
  #order = 0;
  #pending: Pending[] = [];

  constructor(start = Date.parse('2026-11-24T08:00:00.000Z')) {
    this.#now = start;
    this.#start = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#start;
  }

  after(milliseconds: number, run: () => void): Timer {
    const pending: Pending = { at: this.#now + milliseconds, order: this.#order++, run };
    this.#pending.push(pending);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== pending);
      },
    };
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const timer = this.after(milliseconds, resolve);
      signal?.addEventListener(
        'abort',
        () => {
          timer.cancel();
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  nextTurn(run: () => void): void {
    setImmediate(run);
  }

  /** Moves time forward, running what falls due in order, letting promises settle between. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await settle();
      const next = this.#pending.filter((item) => item.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.#pending = this.#pending.filter((item) => item !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
    await settle();
  }
}

const awaited = new Set<() => Promise<void>>();

/** What `settle` waits for beside turns of the event loop, such as a database over a network. @returns how to stop */
export function alsoSettle(run: () => Promise<void>): () => void {
  awaited.add(run);
  return () => void awaited.delete(run);
}

/** Lets the event loop turn a few times. */
export async function settle(turns = 10): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([...awaited].map((run) => run()));
}

/** Repeatable ids and bytes. */
export function seededRandom(seed = 1): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) & 0xff;
  };
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, next);
  return {
    bytes,
    id() {
      const hex = Buffer.from(bytes(16)).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
