import { sql } from 'kysely';
import { refuse } from '../errors.ts';
import { runBlind } from '../store/blind.ts';
import type { Tx } from '../store/store.ts';

/** What one connection may have at most (security.md, flooding). */
export interface Quotas {
  readonly users: number;
  readonly groups: number;
  /** Memberships, direct ones. */
  readonly edges: number;
  /** Levels of groups in groups. */
  readonly nesting: number;
}

type Counted = 'users' | 'groups' | 'edges';

export const DEFAULT_QUOTAS: Quotas = Object.freeze({ users: 200_000, groups: 50_000, edges: 5_000_000, nesting: 10 });

/** How many there are; nobody else writes before the transaction ends. */
export async function counted(tx: Tx, connection: string, what: Counted): Promise<number> {
  const row = await tx.db
    .selectFrom('counters')
    .select('value')
    .where('name', '=', `${what}:${connection}`)
    .executeTakeFirst();
  return row?.value ?? 0;
}

/** Counts for a connection what is added or, negative, taken away; `before` from `counted`. @throws ScimError SCIM_QUOTA */
export async function count(
  tx: Tx,
  quotas: Quotas,
  connection: string,
  what: Counted,
  by: number,
  before?: number,
): Promise<void> {
  if (by === 0) return;
  if (by > 0 && (before ?? (await counted(tx, connection, what))) + by > quotas[what])
    throw refuse('SCIM_QUOTA', { limit: quotas[what], what: what === 'edges' ? 'memberships' : what });
  await runBlind(
    tx.db,
    tx.db
      .insertInto('counters')
      .values({ name: `${what}:${connection}`, value: by })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: sql`counters.value + excluded.value` })),
  );
}
