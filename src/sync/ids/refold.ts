import type { Kysely } from 'kysely';
import type { Capabilities } from '../../access/ports/controller.ts';
import { foldId, type IdStrategy } from '../../access/principal.ts';
import type { Tables } from '../../store/tables.ts';
import { isUnpaid } from '../leavers/unpaid.ts';
import type { SyncContext } from '../state/context.ts';
import type { Memory } from '../state/memory.ts';
import { type Work, writeInParts } from '../state/parts.ts';
import { controllerRow } from '../state/stored.ts';

type Db = Kysely<Tables>;

/** Where ids of a controller are stored with what they fold to; `person` is part of the key of debts only. */
const TABLES = ['claims', 'debts', 'new_links'] as const;
type Table = (typeof TABLES)[number];

interface Stale {
  readonly table: Table;
  readonly id: string;
  readonly person: string;
  readonly from: string;
}

/**
 * Another realm may compare ids otherwise than the one by which they were stored: what is stored is brought under its comparison
 * before anything is judged by it. Otherwise everybody with a capital in the id would have given it up, and what they owe would
 * never be found paid. Looked at where the comparison is another one than at the last full look.
 */
export async function refold(context: SyncContext, controller: string, memory: Memory): Promise<void> {
  const ids = memory.capabilities?.userIds;
  if (ids === undefined || memory.folded === ids) return;
  const before = await context.store.read((db) => controllerRow(db, controller));
  const known = before?.capabilities == null ? ids : (JSON.parse(before.capabilities) as Capabilities).userIds;
  if (known === ids) {
    memory.folded = ids;
    return;
  }
  const stale: Stale[] = [];
  for (const table of TABLES) stale.push(...(await staleIn(context, table, controller, ids)));
  const works = stale.map(
    (row): Work => ({ rows: 1, run: ({ db }) => move(db, controller, row, foldId(row.id, ids)) }),
  );
  await writeInParts(context.store, works);
  memory.folded = ids;
}

async function staleIn({ store }: SyncContext, table: Table, controller: string, ids: IdStrategy): Promise<Stale[]> {
  const rows = await store.read((db) =>
    db.selectFrom(table).select(['folded_id', 'id', 'person']).where('controller', '=', controller).execute(),
  );
  return rows
    .filter(({ folded_id, id }) => foldId(id, ids) !== folded_id)
    .map(({ folded_id, id, person }) => ({ table, id, person, from: folded_id }));
}

/** What is there under the new name already stays: it was made by the comparison that counts now. */
async function move(db: Db, controller: string, stale: Stale, to: string): Promise<void> {
  const { table, person, from } = stale;
  if (table === 'debts') await yieldToUnpaid(db, controller, stale, to);
  const at = (folded: string) => {
    const rows = db
      .selectFrom(table)
      .select('person')
      .where('controller', '=', controller)
      .where('folded_id', '=', folded);
    return table === 'debts' ? rows.where('person', '=', person) : rows;
  };
  if ((await at(to).executeTakeFirst()) !== undefined) {
    await db
      .deleteFrom(table)
      .where('controller', '=', controller)
      .where('folded_id', '=', from)
      .where('person', '=', person)
      .execute();
    return;
  }
  await db
    .updateTable(table)
    .set({ folded_id: to })
    .where('controller', '=', controller)
    .where('folded_id', '=', from)
    .where('person', '=', person)
    .execute();
}

/** But what is paid at one of two ids of somebody that are one now does not pay for the other. */
async function yieldToUnpaid(db: Db, controller: string, { person, from }: Stale, to: string): Promise<void> {
  const row = await db
    .selectFrom('debts')
    .select('state')
    .where('controller', '=', controller)
    .where('folded_id', '=', from)
    .where('person', '=', person)
    .executeTakeFirst();
  if (row === undefined || !isUnpaid(row)) return;
  await db
    .deleteFrom('debts')
    .where('controller', '=', controller)
    .where('folded_id', '=', to)
    .where('person', '=', person)
    .where('state', 'in', ['done', 'cancelled'])
    .execute();
}
