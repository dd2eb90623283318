import type { Timers } from '../../access/ports/timers.ts';

export const TURN_OVER = new Error('a write waited for something else than its own queries; it was undone');

/** The pauses of one long write, at the end of a turn each. */
export class Breath {
  readonly #timers: Timers;
  #taken = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Whether it waits for its next turn. */
  get isTaken(): boolean {
    return this.#taken > 0;
  }

  take(): Promise<void> {
    this.#taken += 1;
    return new Promise((resolve) =>
      this.#timers.nextTurn(() => {
        this.#taken -= 1;
        resolve();
      }),
    );
  }
}

/** The current turn of the event loop, shared by all who ask in it. */
export class Turn {
  readonly #timers: Timers;
  #end: Promise<never> | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Rejects when the turn is over: whatever runs on microtasks alone is done by then. */
  over(): Promise<never> {
    if (this.#end !== undefined) return this.#end;
    const end = new Promise<never>((_, reject) => {
      this.#timers.nextTurn(() => {
        this.#end = undefined;
        reject(TURN_OVER);
      });
    });
    end.catch(() => {});
    this.#end = end;
    return end;
  }
}
