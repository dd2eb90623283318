import type { Kysely } from 'kysely';
import type { Tables } from '../store/tables.ts';
import type { Ledger, LedgerRecord } from './ledger.ts';
import { content, type LedgerRow, parsed } from './record.ts';

type Sealed = LedgerRow & { readonly personal: string | null; readonly salt: string | null };

/** Sealed records from `seq` on, ascending. */
export function sealedFrom(db: Kysely<Tables>, seq: number, limit: number): Promise<Sealed[]> {
  return sealed(db).where('ledger.seq', '>=', seq).orderBy('ledger.seq').limit(limit).execute();
}

/** Sealed records about a subject, newest first. */
export function newestAbout(
  db: Kysely<Tables>,
  subject: { readonly kind: string; readonly id: string },
  limit: number,
): Promise<Sealed[]> {
  return sealed(db)
    .where('ledger.subject_kind', '=', subject.kind)
    .where('ledger.subject_id', '=', subject.id)
    .where('ledger.seq', 'is not', null)
    .orderBy('ledger.id', 'desc')
    .limit(limit)
    .execute();
}

/** A row as it is exported; a column that somebody emptied shows as an empty text and does not verify. */
export function exported(row: Sealed): LedgerRecord {
  const { id, seq, previous, hash, mac, proof, personal, salt } = row;
  return {
    seq: seq ?? 0,
    row: id,
    ...(content(row) as Pick<
      LedgerRecord,
      'uid' | 'at' | 'kind' | 'request' | 'actor' | 'subject' | 'body' | 'digests'
    >),
    ...(personal === null ? {} : { personal: parsed(personal) as Record<string, string>, salt: salt ?? '' }),
    proof,
    previous: previous ?? '',
    hash: hash ?? '',
    mac: mac ?? '',
  };
}

const PAGE = 500;

/** Writes every sealed record as one line of JSON (NDJSON), oldest first; the last of them. */
export async function exportLedger(
  ledger: Pick<Ledger, 'records'>,
  line: (text: string) => void,
): Promise<LedgerRecord | undefined> {
  let last: LedgerRecord | undefined;
  for (;;) {
    const records = await ledger.records((last?.seq ?? 0) + 1, PAGE);
    for (const record of records) line(JSON.stringify(record));
    last = records.at(-1) ?? last;
    if (records.length < PAGE) return last;
  }
}

function sealed(db: Kysely<Tables>) {
  return db
    .selectFrom('ledger')
    .leftJoin('ledger_personal', 'ledger_personal.uid', 'ledger.uid')
    .selectAll('ledger')
    .select(['ledger_personal.content as personal', 'ledger_personal.salt']);
}
