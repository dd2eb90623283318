import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';

/** Milliseconds between two lines about a trouble that lasts. */
const REMIND_MS = 60_000;
/** Milliseconds without it after which a success ends it: what goes well now and then is still a trouble. */
const CALM_MS = 2_000;

interface TroubleParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
  /** The constant message of the log while it lasts, and when it is over. */
  readonly message: string;
  readonly over: string;
}

/**
 * Something that fails again and again until it is mended. It is told when it begins, once a minute with how often it was met
 * meanwhile, and when it is over: a full disk must not be filled further by a log that complains of it.
 */
export class Trouble {
  readonly #parts: TroubleParts;
  #since: number | undefined;
  #metAt = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #quiet = 0;

  constructor(parts: TroubleParts) {
    this.#parts = parts;
  }

  /** It happened. @param fields for the log, with the reason */
  met(fields: Record<string, unknown>): void {
    const { clock, log, message } = this.#parts;
    const now = clock.monotonic();
    this.#since ??= now;
    this.#metAt = now;
    if (now - this.#toldAt < REMIND_MS) {
      this.#quiet += 1;
      return;
    }
    this.#toldAt = now;
    log.error(message, this.#quiet === 0 ? fields : { ...fields, alsoBefore: this.#quiet });
    this.#quiet = 0;
  }

  /** It went well. */
  well(): void {
    if (this.#since === undefined) return;
    const { clock, log, over } = this.#parts;
    if (clock.monotonic() - this.#metAt < CALM_MS) return;
    log.info(over, { afterMs: Math.round(clock.monotonic() - this.#since) });
    this.#since = undefined;
    this.#toldAt = Number.NEGATIVE_INFINITY;
    this.#quiet = 0;
  }
}
