import { createHash } from 'node:crypto';
import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { Timers } from '../access/ports/timers.ts';

interface FloodDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly timers: Pick<Timers, 'after'>;
}

/** Refusals of a connection that are answered at once in one second; later ones are held. */
const AT_ONCE = 10;
/** Milliseconds a refusal is held: who does not wait by itself is made to, one request of a socket at a time. */
const HOLD = 1_000;
/** Refusals that are held at once for one connection. */
const HELD = 512;
/** Tokens that are remembered; all are forgotten when there are more. */
const TOKENS = 1_000;
const TELL_EVERY = 60_000;

interface Refused {
  second: number;
  inSecond: number;
  held: number;
  toldAt: number;
  sinceTold: number;
}

/**
 * Makes refusing cheap: a token that was found valid and over its limit is known by its digest for as long as the limit holds, so
 * that the next refusal costs neither database nor MAC; and refusals are held back, for a client that asks again at once would
 * otherwise turn as fast as we can say no.
 */
export class Flood {
  readonly #deps: FloodDeps;
  readonly #tokens = new Map<string, { readonly connection: string; readonly until: number }>();
  readonly #refused = new Map<string, Refused>();
  readonly #waiting = new Set<() => void>();
  #closing = false;

  constructor(deps: FloodDeps) {
    this.#deps = deps;
  }

  /** The connection of a token that was valid and over its limit a moment ago. */
  connectionOf(authorization: string | undefined): string | undefined {
    if (authorization === undefined || this.#tokens.size === 0) return undefined;
    const found = this.#tokens.get(digestOf(authorization));
    return found !== undefined && found.until > this.#deps.clock.monotonic() ? found.connection : undefined;
  }

  /** Remembers a valid token while its connection is over the limit, at most a second: a revocation is seen after that. */
  remember(authorization: string | undefined, connection: string, wait: number): void {
    if (authorization === undefined) return;
    if (this.#tokens.size >= TOKENS) this.#tokens.clear();
    const until = this.#deps.clock.monotonic() + Math.min(wait, HOLD);
    this.#tokens.set(digestOf(authorization), { connection, until });
  }

  /** Resolves when the refusal may be answered; false where so many wait already that the socket is better closed. */
  async hold(connection: string): Promise<boolean> {
    const { clock, timers } = this.#deps;
    const now = clock.monotonic();
    const state = this.#of(connection, now);
    this.#tell(connection, state, now);
    if (state.inSecond++ < AT_ONCE || this.#closing) return true;
    if (state.held >= HELD) return false;
    state.held += 1;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        this.#waiting.delete(end);
        resolve();
      };
      this.#waiting.add(end);
      timers.after(HOLD, end);
    });
    state.held -= 1;
    return true;
  }

  /** Answers everything that is held, and holds nothing any more. */
  release(): void {
    this.#closing = true;
    for (const end of [...this.#waiting]) end();
  }

  #of(connection: string, now: number): Refused {
    const second = Math.floor(now / 1000);
    let state = this.#refused.get(connection);
    if (state === undefined) {
      state = { second, inSecond: 0, held: 0, toldAt: Number.NEGATIVE_INFINITY, sinceTold: 0 };
      this.#refused.set(connection, state);
    }
    if (state.second !== second) Object.assign(state, { second, inSecond: 0 });
    return state;
  }

  /** Once a minute, not for each request: a flood does not fill the log. */
  #tell(connection: string, state: Refused, now: number): void {
    state.sinceTold += 1;
    if (now - state.toldAt < TELL_EVERY) return;
    this.#deps.log.warn('a connection is over its limit of requests', { connection, refused: state.sinceTold });
    Object.assign(state, { toldAt: now, sinceTold: 0 });
  }
}

function digestOf(authorization: string): string {
  return createHash('sha256').update(authorization).digest('base64');
}
