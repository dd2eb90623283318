import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';

interface Pace {
  /** Lines that are all told where there were none for a while. */
  readonly atOnce: number;
  /** Milliseconds from one to the next after that. */
  readonly every: number;
}

const OF_A_KIND: Pace = { atOnce: 10, every: 1_000 };
/** Of all kinds: whoever comes from a thousand networks makes no more of them than that. */
const IN_ALL: Pace = { atOnce: 2_000, every: 100 };
/** Kinds that are remembered; the one that was seen first is forgotten. */
const KINDS = 1_000;

interface Told {
  /** Monotonic: when all of `atOnce` may be told again. */
  fullAt: number;
  untold: number;
}

/** What is added to a line: how many of its kind, and of kinds that are forgotten, were left out before it. */
interface Untold {
  readonly alsoBefore?: number;
  readonly othersBefore?: number;
}

/**
 * Lines that strangers cause, as many as they like: a flood of one kind comes down to a line a second that counts the others, and one of
 * ever new kinds to ten.
 */
export class Sparing {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #kinds = new Map<string, Told>();
  readonly #all: Told = { fullAt: Number.NEGATIVE_INFINITY, untold: 0 };

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Fields to add to a line of this kind; undefined where it is only counted. */
  next(kind: string): Untold | undefined {
    const now = this.#clock.monotonic();
    const state = this.#of(kind, now);
    if (!mayTell(state, OF_A_KIND, now) || !mayTell(this.#all, IN_ALL, now)) {
      state.untold += 1;
      return undefined;
    }
    tell(state, OF_A_KIND, now);
    tell(this.#all, IN_ALL, now);
    const alsoBefore = take(state);
    const othersBefore = take(this.#all);
    return { ...(alsoBefore > 0 && { alsoBefore }), ...(othersBefore > 0 && { othersBefore }) };
  }

  #of(kind: string, now: number): Told {
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const state = { fullAt: now, untold: 0 };
    this.#kinds.set(kind, state);
    if (this.#kinds.size > KINDS) this.#forgetOne();
    return state;
  }

  #forgetOne(): void {
    for (const [kind, { untold }] of this.#kinds) {
      this.#kinds.delete(kind);
      this.#all.untold += untold;
      return;
    }
  }
}

function mayTell({ fullAt }: Told, { atOnce, every }: Pace, now: number): boolean {
  return Math.max(fullAt, now) + every <= now + atOnce * every;
}

function tell(told: Told, { every }: Pace, now: number): void {
  told.fullAt = Math.max(told.fullAt, now) + every;
}

function take(told: Told): number {
  const { untold } = told;
  told.untold = 0;
  return untold;
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
