import { refuse } from '../errors.ts';
import type { Pace, PaceLimits } from './pace.ts';

interface CostlyParts {
  readonly pace: Pace;
  readonly limits: (who: string) => PaceLimits;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Told of each that is refused. */
  readonly limited: (who: string) => void;
}

/**
 * Requests of a connection that look through everything it has: one after another, so that those that came in one burst are charged
 * before the next one runs, and do not stand before what others ask.
 */
export class Costly {
  readonly #parts: CostlyParts;
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(parts: CostlyParts) {
    this.#parts = parts;
  }

  /** Runs what is the connection's turn to run. @throws ScimError SCIM_RATE where what ran before used up what it may ask */
  async run<T>(who: string, work: () => Promise<T>): Promise<T> {
    return this.#after(who, () => this.#one(who, work));
  }

  /** The same for what belongs to a change that was made: it waits for its turn, and is refused nothing. */
  async finish<T>(who: string, work: () => Promise<T>): Promise<T> {
    return this.#after(who, work);
  }

  #after<T>(who: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(who);
    const running = (before ?? Promise.resolve()).then(work);
    const ended = running.catch(() => {});
    this.#last.set(who, ended);
    void ended.then(() => {
      if (this.#last.get(who) === ended) this.#last.delete(who);
    });
    return running;
  }

  async #one<T>(who: string, work: () => Promise<T>): Promise<T> {
    const { pace, limits, now, limited } = this.#parts;
    // Its own request was taken before, from what was there: what is left may be nothing, not less.
    const owed = pace.owes(who, now());
    if (owed === undefined) return work();
    limited(who);
    throw refuse('SCIM_RATE', { limit: limits(who).requestsPerSecond, seconds: Math.max(1, Math.ceil(owed / 1000)) });
  }
}
