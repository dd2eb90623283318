import type { Kysely } from 'kysely';
import { prepared } from '../store/prepared.ts';
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
  for (const row of rows) {
    const link = linkOf(key, row, seq + 1, hash);
    await chain(db, { ...link, id: row.id });
    ({ seq, hash } = link);
  }
  return rows.length;
}

const chain = prepared<Link & { readonly id: number }>((value, db) =>
  db
    .updateTable('ledger')
    .set({ seq: value('seq'), previous: value('previous'), hash: value('hash'), mac: value('mac') })
    .where('id', '=', value('id')),
);

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
