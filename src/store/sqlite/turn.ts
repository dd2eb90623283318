import type { Timers } from '../../access/ports/timers.ts';

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
        reject(new Error('a write waited for something else than its own queries; it was undone'));
      });
    });
    end.catch(() => {});
    this.#end = end;
    return end;
  }
}
