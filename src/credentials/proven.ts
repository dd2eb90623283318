import { hash } from 'node:crypto';
import type { StorePort } from '../access/ports/store.ts';
import type { Keys } from '../config/keys.ts';
import type { Tables } from '../store/tables.ts';
import type { TokenRecord } from './credentials.ts';
import type { LiveRow } from './tokenRow.ts';

/** A token whose seal was found to hold, and its row. */
export interface Proven {
  readonly row: LiveRow;
  readonly record: TokenRecord;
  /** Version of the key that the seal was made under: while it is there, so is the token. */
  readonly version: number;
  /** When an access token of our token endpoint ends, in milliseconds since the epoch; absent on any other. */
  readonly until?: number;
}

const TABLES = ['tokens', 'rotations'] as const;
const MOST = 1_000;

/**
 * Tokens that were proven and whose rows nobody has changed since, in this process or another: what a seal says does not change
 * with the clock, so it is not computed anew for each request. Kept by hash, so that no secret stays in memory. Where the store
 * cannot say whether something changed, nothing is kept.
 */
export class ProvenTokens {
  readonly #store: Pick<StorePort<Tables>, 'stamp'>;
  readonly #keys: Keys['token']['byVersion'];
  readonly #known = new Map<string, Proven>();
  #stamp: string | undefined;

  constructor(store: Pick<StorePort<Tables>, 'stamp'>, keys: Keys['token']['byVersion']) {
    this.#store = store;
    this.#keys = keys;
  }

  /**
   * What is known of a token, or what `prove` finds out: undefined for one that is none of ours. @throws what `prove` throws;
   * failures are not kept
   */
  async find(text: string, prove: () => Promise<Proven | undefined>): Promise<Proven | undefined> {
    const stamp = this.#store.stamp?.(TABLES);
    if (stamp === undefined) return prove();
    if (stamp !== this.#stamp) {
      this.#known.clear();
      this.#stamp = stamp;
    }
    const key = hash('sha256', text);
    const known = this.#known.get(key);
    if (known !== undefined && this.#keys.has(known.version)) return known;
    const proven = await prove();
    // What was read may be older than a change that came meanwhile.
    if (proven !== undefined && this.#store.stamp?.(TABLES) === stamp) this.#keep(key, proven);
    return proven;
  }

  #keep(key: string, proven: Proven): void {
    if (this.#known.size >= MOST) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(key, proven);
  }
}
