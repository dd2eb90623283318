import { type Http, HttpFailure } from '../../src/access/ports/http.ts';
import { refuse } from '../../src/errors.ts';
import type { Store } from '../../src/store/store.ts';
import type { Life } from './mortal.ts';
import type { MovableTime } from './time.ts';

/** Calls that leave a process. */
export const CALLS = ['read', 'write', 'send'] as const;
export type Call = (typeof CALLS)[number];

/**
 * How one goes wrong: it fails before it had an effect; it had it, and the answer is lost; the process is gone before or after it; the
 * process stands still there, and another one takes over; nobody answers, and it has its effect after it was given up.
 */
export const HOWS = ['fails', 'lost', 'gone-before', 'gone-after', 'still-before', 'still-after', 'late'] as const;
export type How = (typeof HOWS)[number];

export interface Fault {
  /** Which call, by who makes it. */
  readonly place: string;
  /** Which of them, from 1. */
  readonly at: number;
  readonly how: How;
}

const TIMEOUT = 5_000;
const LATER = 2_500;

/** Counts the calls that leave processes, and has one of them go wrong. */
export class Strike {
  /** How often each was made. */
  readonly counts = new Map<string, number>();
  /** Nothing is counted before. */
  armed = false;
  /** The fault has happened to whoever hears the provider, or to a command. */
  atFront = false;
  /** When it happened, by the monotonic clock, and how. */
  struck: { readonly at: number; readonly how: How } | undefined;
  /** Calls that are under way, by who made them. */
  readonly #under = new Map<Life, number>();
  /** Called when a process stands still. */
  stands: () => void = () => {};
  readonly #fault: Fault | undefined;

  constructor(fault?: Fault) {
    this.#fault = fault;
  }

  /** @param store one that dies with the process */
  store(store: Store, life: Life, time: MovableTime, mayStand = true): Store {
    const failed = (): Error => refuse('STORE_FAILED', { reason: 'the disk is full' });
    const struck = { life, time, failed, mayStand };
    return {
      ...store,
      read: (work, options) => this.#through('read', struck, () => store.read(work, options)),
      write: (work, options) => this.#through('write', struck, () => store.write(work, options)),
    };
  }

  http(http: Http, life: Life, time: MovableTime, mayStand = true): Http {
    const failed = (sent: boolean): Error => new HttpFailure(sent ? 'reset' : 'refused', sent, 'the connection ended');
    const struck = { life, time, failed, mayStand };
    return {
      send: (request) => this.#through('send', struck, () => http.send(request)),
      close: () => http.close(),
    };
  }

  /** Nobody who is alive waits for a call. */
  get isQuiet(): boolean {
    return [...this.#under].every(([life, calls]) => calls === 0 || life.over || life.frozen);
  }

  async #through<T>(call: Call, { life, time, failed, mayStand }: Struck, plain: () => Promise<T>): Promise<T> {
    const fault = this.#fault;
    const noted = (by: number): void => void this.#under.set(life, (this.#under.get(life) ?? 0) + by);
    const work = async (): Promise<T> => {
      noted(1);
      try {
        return await plain();
      } finally {
        noted(-1);
      }
    };
    if (!this.armed || life.over) return work();
    const place = placeOf(call);
    const count = (this.counts.get(place) ?? 0) + 1;
    this.counts.set(place, count);
    if (place !== fault?.place || count !== fault.at) return work();
    this.atFront = !mayStand;
    this.struck = { at: time.monotonic(), how: fault.how };
    switch (fault.how) {
      case 'fails':
        throw failed(false);
      case 'lost':
        await work();
        throw failed(true);
      case 'gone-before':
        life.end();
        return never();
      case 'gone-after':
        await work();
        life.end();
        return never();
      case 'still-before':
        await this.#still(life, mayStand);
        return work();
      case 'still-after': {
        const done = await work();
        await this.#still(life, mayStand);
        return done;
      }
      case 'late':
        await time.sleep(mayStand ? TIMEOUT : 0);
        if (call !== 'send') throw failed(false);
        void time
          .sleep(LATER)
          .then(work)
          .catch(() => {});
        throw new HttpFailure('timeout', true, 'no answer');
    }
  }

  /** Whom nobody takes the place of is gone. */
  async #still(life: Life, mayStand: boolean): Promise<void> {
    if (!mayStand) life.end();
    else {
      life.freeze();
      this.stands();
    }
    await life.step();
  }
}

/** Functions of the product that led to a call; the innermost that say something. */
function placeOf(call: Call): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  const names = [...stack.matchAll(/at (?:async )?(?:new )?([\w.#<>]+) \(file:\S+?\/src\/(\S+?):/g)].flatMap(
    ([, name, path]) => (/^store\/|leased|parts\.ts/.test(path!) ? [] : [name!.replace(/^.*\./, '')]),
  );
  return `${call} ${names.slice(0, 6).join(' < ')}`;
}

/** What a call goes wrong with. */
interface Struck {
  readonly life: Life;
  readonly time: MovableTime;
  readonly failed: (sent: boolean) => Error;
  /** Another one takes over while it stands still. */
  readonly mayStand: boolean;
}

const never = (): Promise<never> => new Promise(() => {});
