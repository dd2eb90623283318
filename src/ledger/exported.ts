import { z } from 'zod';
import { canonical } from '../access/canonical.ts';
import type { Keys } from '../config/keys.ts';
import { type SignedHead, signatureHolds, signedHead } from './head.ts';
import type { LedgerRecord } from './ledger.ts';
import { sameValues } from './personal.ts';
import { GENESIS, misplacement, tampering, unchained } from './record.ts';

/** The last line of an export: the head of the chain as far as it was exported, signed, so that what is missing before it is found. */
export interface ExportEnd extends SignedHead {
  readonly kind: typeof END;
}

const END = 'export.end';

/** The end of an export whose last record is this one. */
export function exportEnd({ heads }: Pick<Keys, 'heads'>, { seq, hash, at }: LedgerRecord): ExportEnd {
  return { kind: END, ...signedHead(heads, { seq, hash, at }) };
}

/** The lines of an export that are records. */
export function* recordsIn(lines: Iterable<string>): Generator<string> {
  for (const line of lines) if (line.trim() !== '' && endIn(line) === undefined) yield line;
}

/** What an export is held against. */
export interface Proof {
  /** Without it the hashes alone are looked at: neither seals, nor personal values, nor who wrote a record. */
  readonly ledger?: Keys['ledger'];
  readonly heads: Pick<Keys['heads'], 'publicKey'>;
  /** The hash that a signed head, kept elsewhere, names for a record. */
  readonly kept?: ReadonlyMap<number, string>;
}

/** The first record of an export that is not what the service wrote. */
export interface Doubt {
  /** Its place in the chain, from 1. */
  readonly seq: number;
  /** Its line in the file, from 1. */
  readonly line: number;
  readonly reason: string;
}

const text = z.string();
const end = z.object({ kind: z.literal(END), seq: z.int(), hash: text, at: text, signature: text });
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
 * The lines of an export that are records, while it is held against the keys of the service: every record with its seal, its place in the
 * chain from the first one on, and its personal values (as far as there are keys for it); and the end, by which records that are missing before it are found. What is read once,
 * from a pipe say, is proven and used at once.
 * @param lines NDJSON as `exportLedger` writes it; empty ones are passed over
 * @param doubted told what is first wrong, before that line is given; may throw
 */
export function* provenRecords(
  proof: Proof,
  lines: Iterable<string>,
  doubted: (doubt: Doubt) => void,
): Generator<string> {
  let [seq, previous, next] = [0, GENESIS, 1];
  let [ended, isSound, at] = [false, true, 0];
  const wrong = (line: number, reason: string): void => {
    isSound = false;
    doubted({ seq: seq + 1, line, reason });
  };
  for (const line of lines) {
    at += 1;
    if (line.trim() === '') continue;
    const told = endIn(line);
    if (isSound) {
      const read = told === undefined ? recordIn(line) : undefined;
      const reason = ended
        ? 'it stands behind the end of the export'
        : told === undefined
          ? wrongRecord(proof, read, seq + 1, previous)
          : wrongEnd(proof, told, seq, previous);
      if (reason !== undefined) wrong(at, reason);
      else if (read !== undefined) [seq, previous] = [read.seq, read.hash];
      ended = told !== undefined;
      next = at + 1;
    }
    if (told === undefined) yield line;
  }
  if (isSound && !ended)
    wrong(next, 'the line with the end of the export is missing, and with it whatever stood before it');
}

function endIn(line: string): ExportEnd | undefined {
  if (!line.includes(END)) return undefined;
  try {
    return end.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function wrongEnd({ heads }: Proof, told: ExportEnd, seq: number, hash: string): string | undefined {
  const { kind: _, ...head } = told;
  if (!signatureHolds(heads, head)) return 'the signature of its end does not fit';
  if (told.seq > seq) return `records up to ${told.seq} were there and are missing`;
  return told.hash === hash ? undefined : 'its end names another record';
}

function recordIn(line: string): LedgerRecord | undefined {
  try {
    return record.safeParse(JSON.parse(line)).data as LedgerRecord | undefined;
  } catch {
    return undefined;
  }
}

function wrongRecord(
  { ledger, kept }: Proof,
  read: LedgerRecord | undefined,
  seq: number,
  previous: string,
): string | undefined {
  if (read === undefined) return 'it is no whole record';
  const { row: id, subject, personal, salt, body, digests, ...rest } = read;
  const row = {
    ...{ ...rest, id, body: canonical(body), digests: canonical(digests) },
    ...{ subject_kind: subject?.kind ?? null, subject_id: subject?.id ?? null },
  };
  const reason =
    ledger === undefined
      ? unchained(row, seq, previous)
      : (misplacement(ledger.mac, row, seq, previous) ?? tampering(ledger.mac, row));
  if (reason !== undefined) return reason;
  if ((kept?.get(seq) ?? row.hash) !== row.hash) return 'a signed head names another hash';
  if (ledger === undefined || personal === undefined) return undefined;
  const same = sameValues(ledger.personal, salt ?? '', canonical(personal), row.digests);
  return same ? undefined : 'its personal values are not the ones that were recorded';
}
