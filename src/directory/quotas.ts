import { sql } from 'kysely';
import { refuse } from '../errors.ts';
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

export const DEFAULT_QUOTAS: Quotas = Object.freeze({ users: 200_000, groups: 50_000, edges: 5_000_000, nesting: 10 });

/** Counts for a connection what is added or, negative, taken away. @throws ScimError SCIM_QUOTA */
export async function count(
  tx: Tx,
  quotas: Quotas,
  connection: string,
  what: 'users' | 'groups' | 'edges',
  by: number,
): Promise<void> {
  if (by === 0) return;
  const { value } = await tx.db
    .insertInto('counters')
    .values({ name: `${what}:${connection}`, value: by })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: sql`counters.value + excluded.value` }))
    .returning('value')
    .executeTakeFirstOrThrow();
  if (by > 0 && value > quotas[what])
    throw refuse('SCIM_QUOTA', { limit: quotas[what], what: what === 'edges' ? 'memberships' : what });
}
