/** How fast a connection may call. */
export interface PaceLimits {
  readonly requestsPerSecond: number | 'unlimited';
  /** Requests that may come at once. */
  readonly burst: number;
}

/** Requests that a refused one counts for. */
const PENALTY = 4;
/** Seconds. */
const LONGEST_PENALTY = 2;

interface Bucket {
  /** Requests that are left; below 0 where more was charged than there was. */
  level: number;
  at: number;
}

/**
 * A bucket of tokens for each connection: full with `burst`, filled by `requestsPerSecond`. A request takes one before anything of
 * it is read; what it turns out to be worth more (a Bulk, a large body or answer) is charged later and delays the next ones.
 */
export class Pace {
  readonly #limits: (connection: string) => PaceLimits;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: (connection: string) => PaceLimits) {
    this.#limits = limits;
  }

  /** Takes a request at `now` (monotonic, milliseconds); milliseconds to wait where there are too many, else undefined. */
  take(connection: string, now: number): number | undefined {
    const wait = this.wait(connection, now);
    if (wait !== undefined) return wait;
    this.charge(connection, 1, now);
    return undefined;
  }

  /** Milliseconds until a request would be taken; undefined where it would be taken now. */
  wait(connection: string, now: number): number | undefined {
    const { requestsPerSecond, burst } = this.#limits(connection);
    if (requestsPerSecond === 'unlimited') return undefined;
    const { level } = this.#filled(connection, requestsPerSecond, burst, now);
    return level >= 1 ? undefined : Math.ceil(((1 - level) / requestsPerSecond) * 1000);
  }

  /** Milliseconds until what was charged is paid; undefined where nothing is owed. */
  owes(connection: string, now: number): number | undefined {
    const { requestsPerSecond, burst } = this.#limits(connection);
    if (requestsPerSecond === 'unlimited') return undefined;
    const { level } = this.#filled(connection, requestsPerSecond, burst, now);
    return level >= 0 ? undefined : Math.ceil((-level / requestsPerSecond) * 1000);
  }

  /** Takes `units` more; the debt is never more than a burst. */
  charge(connection: string, units: number, now: number): void {
    const { burst } = this.#limits(connection);
    this.#charge(connection, units, -burst, now);
  }

  /**
   * What a refusal costs: a client that waits as it is told is refused now and then and loses little, one that asks on and on gets
   * next to nothing. Over in `LONGEST_PENALTY` seconds when it stops.
   */
  penalize(connection: string, now: number): void {
    const { requestsPerSecond } = this.#limits(connection);
    if (requestsPerSecond !== 'unlimited') this.#charge(connection, PENALTY, -requestsPerSecond * LONGEST_PENALTY, now);
  }

  #charge(connection: string, units: number, lowest: number, now: number): void {
    const { requestsPerSecond, burst } = this.#limits(connection);
    if (requestsPerSecond === 'unlimited') return;
    const bucket = this.#filled(connection, requestsPerSecond, burst, now);
    bucket.level = Math.min(bucket.level, Math.max(lowest, bucket.level - units));
  }

  #filled(connection: string, perSecond: number, burst: number, now: number): Bucket {
    let bucket = this.#buckets.get(connection);
    if (bucket === undefined) {
      bucket = { level: burst, at: now };
      this.#buckets.set(connection, bucket);
    }
    bucket.level = Math.min(burst, bucket.level + ((now - bucket.at) * perSecond) / 1000);
    bucket.at = now;
    return bucket;
  }
}
