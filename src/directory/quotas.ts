import { refuse } from '../errors.ts';
import { prepared } from '../store/prepared.ts';
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

const add = prepared<{ name: string; by: number }, { value: number }>((value, db) =>
  db
    .insertInto('counters')
    .values({ name: value('name'), value: value('by') })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet(({ ref, eb }) => ({ value: eb('counters.value', '+', ref('excluded.value')) })),
    )
    .returning('value'),
);

/** Counts for a connection what is added or, negative, taken away. @throws ScimError SCIM_QUOTA */
export async function count(
  tx: Tx,
  quotas: Quotas,
  connection: string,
  what: 'users' | 'groups' | 'edges',
  by: number,
): Promise<void> {
  if (by === 0) return;
  const { rows } = await add(tx.db, { name: `${what}:${connection}`, by });
  if (by > 0 && rows[0]!.value > quotas[what])
    throw refuse('SCIM_QUOTA', { limit: quotas[what], what: what === 'edges' ? 'memberships' : what });
}
