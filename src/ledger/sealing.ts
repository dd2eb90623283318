import { type Kysely, sql } from 'kysely';
import { inTurn, rowsOf } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';
import { GENESIS, type LedgerRow, type Link, linkOf } from './record.ts';

/** Records that one transaction seals: others wait for it, so it is short. */
export const SEAL_BATCH = 100;
/** The same where the statements, too, are computed on the event loop: 50 µs for each record. */
export const SEAL_BATCH_HERE = 32;
/** Bytes of records after which it takes no further one. */
export const SEAL_BYTES = 256 * 1024;

/** The newest record that waits for its place; undefined where none does. */
export async function newestUnsealed(db: Kysely<Tables>): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`SELECT id FROM ledger WHERE ${UNSEALED}
    ORDER BY id DESC LIMIT 1`.execute(db);
  return rows[0]?.id;
}

/** What one transaction has sealed. */
interface Sealed {
  readonly records: number;
  /** The record that was sealed last; undefined where none waited. */
  readonly last: number | undefined;
}

/** Chains the next records, at most so many, in the order of their commits. Runs inside a write transaction, so sealers never meet. */
export async function sealBatch(db: Kysely<Tables>, key: Uint8Array, most = SEAL_BATCH): Promise<Sealed> {
  const rows = await nextUnsealed(db, most);
  let { seq, hash } = await last(db);
  const links: (Link & { readonly id: number })[] = [];
  for (const row of rows) {
    const link = linkOf(key, row, seq + 1, hash);
    links.push({ ...link, id: row.id });
    ({ seq, hash } = link);
  }
  if (links.length > 0) await chain(db, links);
  return { records: rows.length, last: rows.at(-1)?.id };
}

async function chain(db: Kysely<Tables>, links: readonly (Link & { readonly id: number })[]): Promise<void> {
  const places = rowsOf(
    { id: 'number', seq: 'number', previous: 'text', hash: 'text', mac: 'text' },
    links.map(({ id, seq, previous, hash, mac }) => [id, seq, previous, hash, mac]),
  );
  await sql`UPDATE ledger SET seq = placed.seq, previous = placed.previous, hash = placed.hash, mac = placed.mac
    FROM ${places} AS placed WHERE ledger.id = placed.id`.execute(db);
}

/** The end of the chain. */
export async function last(db: Kysely<Tables>): Promise<{ readonly seq: number; readonly hash: string }> {
  const row = await db
    .selectFrom('ledger')
    .select(['seq', 'hash'])
    .where('seq', 'is not', null)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return { seq: row?.seq ?? 0, hash: row?.hash ?? GENESIS };
}

/** A row that has lost its place keeps hash and seal: it is evidence, not work. */
const UNSEALED = sql`seq IS NULL AND hash IS NULL AND mac IS NULL AND previous IS NULL`;

/**
 * The next records of a batch, one at least; the texts of those behind it are not read. They are asked for one by one: an engine that
 * is told up to which of them would look through all that are sealed.
 */
async function nextUnsealed(db: Kysely<Tables>, most: number): Promise<LedgerRow[]> {
  const { rows } = await sql<LedgerRow>`SELECT ledger.* FROM (
      SELECT id FROM (
        SELECT id, bytes, sum(bytes) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) AS so_far FROM (
          SELECT id, octet_length(body) + octet_length(digests) AS bytes FROM ledger
            WHERE ${UNSEALED} ORDER BY id LIMIT ${most}
        ) AS next
      ) AS measured WHERE so_far - bytes < ${SEAL_BYTES}
    ) AS chosen ${inTurn} ledger ON ledger.id = chosen.id ORDER BY ledger.id`.execute(db);
  return rows;
}
