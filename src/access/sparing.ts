import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';

/** Lines of one kind that are all told where there were none for a while, and the milliseconds from one to the next after that. */
const AT_ONCE = 10;
const EVERY = 1_000;
/** Kinds that are remembered; the one that was seen first is forgotten. */
const KINDS = 1_000;

interface Kind {
  /** Monotonic: when all of `AT_ONCE` may be told again. */
  fullAt: number;
  untold: number;
}

/** Lines that strangers cause, as many as they like: a flood of one kind comes down to a line a second that counts the others. */
export class Sparing {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #kinds = new Map<string, Kind>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Fields to add to a line of this kind; undefined where it is only counted. */
  next(kind: string): { readonly alsoBefore?: number } | undefined {
    const now = this.#clock.monotonic();
    const state = this.#of(kind, now);
    const fullAt = Math.max(state.fullAt, now) + EVERY;
    if (fullAt > now + AT_ONCE * EVERY) {
      state.untold += 1;
      return undefined;
    }
    const { untold } = state;
    Object.assign(state, { fullAt, untold: 0 });
    return untold === 0 ? {} : { alsoBefore: untold };
  }

  #of(kind: string, now: number): Kind {
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const state = { fullAt: now, untold: 0 };
    this.#kinds.set(kind, state);
    if (this.#kinds.size > KINDS) this.#kinds.delete(this.#kinds.keys().next().value!);
    return state;
  }
}

/** A log whose warnings that say the same again and again are told sparingly. */
export function sparingLog(log: Log, clock: Pick<Clock, 'monotonic'>): Log {
  const sparing = new Sparing(clock);
  return {
    ...log,
    warn(message, fields = {}) {
      const more = sparing.next(`${message} ${JSON.stringify(fields)}`);
      if (more !== undefined) log.warn(message, { ...fields, ...more });
    },
  };
}
