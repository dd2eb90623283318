import { type Kysely, sql } from 'kysely';
import { rowsOf } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';
import { GENESIS, type LedgerRow, type Link, linkOf } from './record.ts';

/** Records that one transaction seals: others wait for it, so it is short. */
export const SEAL_BATCH = 200;

/** Whether a record waits for its place. */
export async function pending(db: Kysely<Tables>): Promise<boolean> {
  return (await unsealed(db, 1)).length > 0;
}

/** Chains the next records in the order of their commits; how many. Runs inside a write transaction, so sealers never meet. */
export async function sealBatch(db: Kysely<Tables>, key: Uint8Array): Promise<number> {
  const rows = await unsealed(db, SEAL_BATCH);
  let { seq, hash } = await last(db);
  const links: (Link & { readonly id: number })[] = [];
  for (const row of rows) {
    const link = linkOf(key, row, seq + 1, hash);
    links.push({ ...link, id: row.id });
    ({ seq, hash } = link);
  }
  if (links.length > 0) await chain(db, links);
  return rows.length;
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
function unsealed(db: Kysely<Tables>, limit: number): Promise<LedgerRow[]> {
  return db
    .selectFrom('ledger')
    .selectAll()
    .where('seq', 'is', null)
    .where('hash', 'is', null)
    .where('mac', 'is', null)
    .where('previous', 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute();
}
