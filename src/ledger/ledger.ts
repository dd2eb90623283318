import type { Kysely } from 'kysely';
import type { LedgerEvent, Records } from '../access/ports/recorder.ts';
import type { Transaction } from '../access/ports/store.ts';
import type { Tables } from '../store/tables.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { Outside } from './anchors.ts';
import type { Departure } from './departures.ts';
import type { SignedHead } from './head.ts';
import type { Witness } from './witness.ts';

/** One sealed record as exported: NDJSON, one a line. */
export interface LedgerRecord {
  readonly seq: number;
  /** Its number in the database, which `mac` covers. */
  readonly row: number;
  /** RFC 3339 instant, by the clock of the writer. */
  readonly at: string;
  readonly kind: string;
  readonly request: string | null;
  readonly actor: string | null;
  readonly subject: { readonly kind: string; readonly id: string } | null;
  readonly body: Readonly<Record<string, unknown>>;
  /** Keyed, salted digests of the personal values, by name; the hash covers them. */
  readonly digests: Readonly<Record<string, string>>;
  /** The personal values themselves, absent once erased; outside of the hash. */
  readonly personal?: Readonly<Record<string, string>>;
  /** What the digests were salted with; it goes with the values. */
  readonly salt?: string;
  /** Unique id, and HMAC of what was recorded, made in the transaction of the writer, hex. */
  readonly uid: string;
  readonly proof: string;
  /**
   * Hash of the record before (64 zeros before the first). `hash` is SHA-256 over the canonical form of all above but `row`, `personal` and `salt`,
   * `mac` an HMAC under a key outside of the database; hex.
   */
  readonly previous: string;
  readonly hash: string;
  readonly mac: string;
}

export interface Verification {
  readonly records: number;
  readonly head: string;
  /** Signed heads of the database that were checked. */
  readonly heads: number;
  /** Signed heads that were kept elsewhere; all of them are in the chain. */
  readonly anchors: number;
  /** Records that wait for the sealer; checked too. */
  readonly unsealed: number;
}

/** Evidence: records commit with what they tell, a sealer chains them in commit order, heads are signed (semantics §9). */
export interface Ledger extends Records<Transaction<Tables>> {
  /** What this process recorded lately. */
  readonly acknowledged: Acknowledged;
  /** Chains what is not chained by now; how many. */
  seal(): Promise<number>;
  /** Seals, then signs the head; absent while the ledger is empty. */
  signHead(): Promise<SignedHead | undefined>;
  /**
   * Checks chain, seals, personal values and signed heads. `head` is one that was kept elsewhere, `seq:hash` or the hash alone:
   * it has to be in the chain, so that truncation and rewriting are found; so has every anchor. @throws ScimError LED_BROKEN
   */
  verify(head?: string, outside?: Outside): Promise<Verification>;
  /** Sealed records from `seq` on, ascending; personal values are put back unless erased. */
  records(from: number, limit: number): Promise<readonly LedgerRecord[]>;
  /** What happened to a subject, newest first; for `explain` and certificates. Seals before it reads. */
  about(subject: { readonly kind: string; readonly id: string }, limit: number): Promise<readonly LedgerRecord[]>;
  readonly witness: Witness;
  /** Departures of a person (SCIM id) that records prove to be complete, inside a transaction or a reading. */
  departures(db: Kysely<Tables>, person: string): Promise<readonly Departure[]>;
  /** Forgets the personal values of a subject and records that; how many records had some. The chain stays whole. */
  erase(subject: NonNullable<LedgerEvent['subject']>, actor?: string): Promise<number>;
}
