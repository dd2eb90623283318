import type { Clock } from '../../src/access/ports/clock.ts';
import type { Timer, Timers } from '../../src/access/ports/timers.ts';
import { systemClock } from '../../src/cli/edge.ts';

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Real time that can be moved on, with everything that waits for it. */
export class MovableTime implements Clock, Timers {
  #ahead = 0;
  /** How far the clock on the wall is behind, in milliseconds. */
  behind = 0;
  #order = 0;
  #pending = new Set<Pending>();
  #alarm: NodeJS.Timeout | undefined;

  now(): number {
    return systemClock.now() + this.#ahead - this.behind;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#ahead;
  }

  /** Everybody's time goes on; what falls due runs. */
  forward(milliseconds: number): void {
    this.#ahead += milliseconds;
    this.#fire();
  }

  after(milliseconds: number, run: () => void): Timer {
    const pending = { at: this.monotonic() + milliseconds, order: this.#order++, run };
    this.#pending.add(pending);
    this.#arm();
    return { cancel: () => void this.#pending.delete(pending) };
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const timer = this.after(milliseconds, resolve);
      const aborted = (): void => {
        timer.cancel();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  nextTurn(run: () => void): void {
    setImmediate(run);
  }

  close(): void {
    clearTimeout(this.#alarm);
    this.#pending.clear();
  }

  #fire(): void {
    const now = this.monotonic();
    const due = [...this.#pending].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at || a.order - b.order);
    for (const pending of due) if (this.#pending.delete(pending)) pending.run();
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#alarm);
    if (this.#pending.size === 0) return;
    const next = Math.min(...[...this.#pending].map(({ at }) => at));
    this.#alarm = setTimeout(() => this.#fire(), Math.max(0, next - this.monotonic()));
  }
}
