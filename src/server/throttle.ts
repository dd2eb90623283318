import { isIPv6 } from 'node:net';

export interface ThrottleLimits {
  /** Failures an address may have within the window. */
  readonly failures: number;
  /** Milliseconds. */
  readonly window: number;
  /** Addresses that are remembered; the one that was seen first is forgotten. */
  readonly addresses: number;
}

const THROTTLE: ThrottleLimits = { failures: 100, window: 60_000, addresses: 10_000 };

/**
 * Counts failed authentications by client address, never by token: nobody can lock an identity provider out by guessing at its
 * token, and what is valid passes whatever else comes from its address. IPv6 counts by /64, which is what one client has.
 */
export class Throttle {
  readonly #limits: ThrottleLimits;
  readonly #seen = new Map<string, { count: number; readonly until: number }>();

  constructor(limits: ThrottleLimits = THROTTLE) {
    this.#limits = limits;
  }

  /** Notes a failure at `now`; seconds to wait where there were too many, else undefined. */
  failed(address: string, now: number): number | undefined {
    const key = network(address);
    let entry = this.#seen.get(key);
    if (entry === undefined || entry.until <= now) {
      this.#seen.delete(key);
      entry = { count: 0, until: now + this.#limits.window };
      this.#seen.set(key, entry);
      this.#forget();
    }
    entry.count += 1;
    return entry.count > this.#limits.failures ? Math.max(1, Math.ceil((entry.until - now) / 1000)) : undefined;
  }

  get size(): number {
    return this.#seen.size;
  }

  #forget(): void {
    while (this.#seen.size > this.#limits.addresses) {
      const oldest = this.#seen.keys().next();
      if (oldest.done === true) return;
      this.#seen.delete(oldest.value);
    }
  }
}

/** The part of an address that one client cannot change at will. */
export function network(address: string): string {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [left = '', right] = plain.toLowerCase().split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
