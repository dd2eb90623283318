import type { Clock } from '../../access/ports/clock.ts';
import type { Transaction, WriteOptions } from '../../access/ports/store.ts';
import { takeTurns } from '../lanes.ts';
import { busy } from './failure.ts';
import { backoff } from './patience.ts';

/** A write that was asked for. */
export interface Waiting<Tables> {
  readonly work: (tx: Transaction<Tables>) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Monotonic; STORE_BUSY from then on. */
  readonly deadline: number;
  readonly alone: boolean;
  /** To be run in a thread. */
  long: boolean;
  readonly lane?: string;
}

/** The writes that have not begun, in their order. */
export class WaitingWrites<Tables> {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #patience: number;
  #all: Waiting<Tables>[] = [];

  /** `patience` in milliseconds, of each. */
  constructor(clock: Pick<Clock, 'monotonic'>, patience: number) {
    this.#clock = clock;
    this.#patience = patience;
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  get next(): Waiting<Tables> | undefined {
    return this.#all[0];
  }

  /** Resolves as the write does. */
  add<T>(
    work: (tx: Transaction<Tables>) => Promise<T>,
    { alone = false, long = false, ...options }: WriteOptions,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deadline = this.#clock.monotonic() + this.#patience;
      const how = { deadline, alone: alone || long, long, ...options };
      this.#all.push({ work, resolve: resolve as (value: unknown) => void, reject, ...how });
    });
  }

  has(one: Waiting<Tables>): boolean {
    return this.#all.includes(one);
  }

  /** Takes up to so many, those of each lane in turn. */
  take(most: number): Waiting<Tables>[] {
    return takeTurns(this.#all, most);
  }

  takeAll(): Waiting<Tables>[] {
    return this.#all.splice(0);
  }

  takeOne(one: Waiting<Tables>): void {
    const at = this.#all.indexOf(one);
    if (at !== -1) this.#all.splice(at, 1);
  }

  /** Before all others. */
  giveBack(ones: readonly Waiting<Tables>[]): void {
    this.#all.unshift(...ones);
  }

  /** Another process holds the lock: refuses whoever waited too long. Milliseconds to the next attempt; 0 where nobody waits any more. */
  outwait(error: unknown, attempt: number): number {
    const now = this.#clock.monotonic();
    const late = this.#all.filter((one) => one.deadline <= now);
    this.#all = this.#all.filter((one) => one.deadline > now);
    for (const one of late) one.reject(busy(error));
    return this.isEmpty ? 0 : backoff(attempt);
  }
}
