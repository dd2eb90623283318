import { canonical, digest, seal, sealText } from '../access/canonical.ts';
import type { LedgerTable } from '../store/tables/ledger.ts';

/** Stands before the first record. */
export const GENESIS = '0'.repeat(64);

/** A row as it is read: everything but the optional parts is there. */
export type LedgerRow = Omit<LedgerTable, 'id'> & { readonly id: number };

/** What was recorded, without its place in the chain. */
export type Recorded = Pick<
  LedgerRow,
  'uid' | 'at' | 'kind' | 'request' | 'actor' | 'subject_kind' | 'subject_id' | 'body' | 'digests'
>;

/** Its place in the chain. */
export interface Link {
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
  readonly mac: string;
}

/** The fields of a record as they are exported and hashed; JSON columns taken apart, or left as they are where they are none. */
export function content(row: Recorded) {
  const { uid, at, kind, request, actor, subject_kind, subject_id } = row;
  return {
    ...{ uid, at, kind, request, actor },
    subject: subject_kind === null && subject_id === null ? null : { kind: subject_kind, id: subject_id },
    body: parsed(row.body) as Record<string, unknown>,
    digests: parsed(row.digests) as Record<string, string>,
  };
}

/** A row that SQL put there must not stop the sealer: it is sealed as what it is and found by `verify`. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** HMAC of what is recorded, made by the writer: a row that SQL put there has none that holds. */
export function proofOf(key: Uint8Array, row: Recorded): string {
  return seal(key, { purpose: 'record', ...content(row) });
}

/** `proofOf` of a row that was just made: its JSON columns are in canonical form and stand in the text as they are. */
export function proofOfNew(key: Uint8Array, row: Recorded): string {
  const { uid, at, kind, request, actor, subject_kind, subject_id, body, digests } = row;
  const own = (value: string | null): string => JSON.stringify(value);
  const subject =
    subject_kind === null && subject_id === null ? 'null' : canonical({ kind: subject_kind, id: subject_id });
  const text =
    `{"actor":${own(actor)},"at":${own(at)},"body":${body},"digests":${digests},"kind":${own(kind)},` +
    `"purpose":"record","request":${own(request)},"subject":${subject},"uid":${own(uid)}}`;
  return sealText(key, text);
}

/** Chains a record behind `previous`. */
export function linkOf(key: Uint8Array, row: LedgerRow, seq: number, previous: string): Link {
  const hash = hashOf(row, seq, previous);
  return { seq, previous, hash, mac: seal(key, { purpose: 'link', id: row.id, seq, hash }) };
}

/** SHA-256 of a record and of the one before it: whoever has no key can compute it, too. */
function hashOf(row: LedgerRow, seq: number, previous: string): string {
  return digest({ seq, ...content(row), proof: row.proof, previous });
}

/** Why a row is not what the service wrote; undefined where it is. Its place is not looked at. */
export function tampering(key: Uint8Array, row: LedgerRow): string | undefined {
  if (canonical(parsed(row.body)) !== row.body || canonical(parsed(row.digests)) !== row.digests)
    return 'its text was rewritten';
  return proofOf(key, row) === row.proof ? undefined : 'it is not what the service recorded';
}

/** Why a row does not stand where it says, behind `previous` at `seq`; undefined where it does. */
export function misplacement(key: Uint8Array, row: LedgerRow, seq: number, previous: string): string | undefined {
  const reason = unchained(row, seq, previous);
  if (reason !== undefined) return reason;
  return row.mac === linkOf(key, row, seq, previous).mac ? undefined : 'its seal does not fit';
}

/** The same by the hashes alone, for whoever has no key: who sealed it is not looked at. */
export function unchained(row: LedgerRow, seq: number, previous: string): string | undefined {
  if (row.seq !== seq) return 'it is missing';
  if (row.previous !== previous) return 'it does not follow the record before it';
  return row.hash === hashOf(row, seq, previous) ? undefined : 'its hash does not fit';
}
