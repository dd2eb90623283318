import type { Generated } from 'kysely';

/** Records as they happened; the last four columns are filled once, by the sealer. Nothing else is ever updated, nothing deleted. */
export interface LedgerTable {
  /** Order of insertion; on SQLite also the order of commits. */
  id: Generated<number>;
  /** Unique, so that a row cannot be copied. */
  uid: string;
  at: string;
  kind: string;
  request: string | null;
  actor: string | null;
  subject_kind: string | null;
  subject_id: string | null;
  /** Canonical JSON. */
  body: string;
  /** Canonical JSON: name → keyed digest of a personal value. */
  digests: string;
  /** HMAC over the columns above but `id`, made with the row. */
  proof: string;
  /** Place in the chain, from 1 without gaps; null until sealed. */
  seq: number | null;
  previous: string | null;
  hash: string | null;
  mac: string | null;
}

/** Personal values of a record, apart so that they can be forgotten. */
interface LedgerPersonalTable {
  uid: string;
  /** Salt of the digests; it goes with the values. */
  salt: string;
  /** Canonical JSON: name → value. */
  content: string;
}

interface LedgerHeadsTable {
  seq: number;
  hash: string;
  at: string;
  signature: string;
}

/** One row, once there are keys. */
interface KeyMarksTable {
  id: number;
  /** HMAC over the other keys and the public key of heads: it tells the keys apart and none of them. */
  mark: string;
  since: string;
}

export interface LedgerTables {
  ledger: LedgerTable;
  ledger_personal: LedgerPersonalTable;
  ledger_heads: LedgerHeadsTable;
  key_marks: KeyMarksTable;
}
