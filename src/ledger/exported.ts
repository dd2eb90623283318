import { z } from 'zod';
import { canonical } from '../access/canonical.ts';
import type { Keys } from '../config/keys.ts';
import type { LedgerRecord } from './ledger.ts';
import { sameValues } from './personal.ts';
import { GENESIS, misplacement, tampering } from './record.ts';

/** The first record of an export that is not what the service wrote. */
export interface Doubt {
  /** Its place in the chain, from 1. */
  readonly seq: number;
  /** Its line in the file, from 1. */
  readonly line: number;
  readonly reason: string;
}

const text = z.string();
const record = z.object({
  ...{ seq: z.int(), row: z.int(), uid: text, at: text, kind: text, request: text.nullable(), actor: text.nullable() },
  subject: z.object({ kind: text, id: text }).nullable(),
  body: z.record(text, z.unknown()),
  digests: z.record(text, text),
  personal: z.record(text, text).optional(),
  salt: text.optional(),
  ...{ proof: text, previous: text, hash: text, mac: text },
});

/**
 * Holds an export against the keys of the service: every record with its seal, its place in the chain from the first one on, and its
 * personal values. Records that are missing at the end are not found. Pure.
 * @param lines NDJSON as `exportLedger` writes it; empty ones are passed over
 * @returns what is first wrong; undefined where nothing is
 */
export function doubtOf(keys: Pick<Keys, 'ledger'>, lines: readonly string[]): Doubt | undefined {
  let [seq, previous] = [0, GENESIS];
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    seq += 1;
    const read = recordIn(line);
    const reason = read === undefined ? 'it is no whole record' : defect(keys, read, seq, previous);
    if (reason !== undefined) return { seq, line: at + 1, reason };
    previous = read!.hash;
  }
  return undefined;
}

function recordIn(line: string): LedgerRecord | undefined {
  try {
    return record.safeParse(JSON.parse(line)).data as LedgerRecord | undefined;
  } catch {
    return undefined;
  }
}

function defect({ ledger }: Pick<Keys, 'ledger'>, read: LedgerRecord, seq: number, previous: string) {
  const { row: id, subject, personal, salt, body, digests, ...rest } = read;
  const row = {
    ...{ ...rest, id, body: canonical(body), digests: canonical(digests) },
    ...{ subject_kind: subject?.kind ?? null, subject_id: subject?.id ?? null },
  };
  const reason = misplacement(ledger.mac, row, seq, previous) ?? tampering(ledger.mac, row);
  if (reason !== undefined || personal === undefined) return reason;
  const kept = sameValues(ledger.personal, salt ?? '', canonical(personal), row.digests);
  return kept ? undefined : 'its personal values are not the ones that were recorded';
}
