import { type ConnectionLimits, DEFAULT_LIMITS } from '../config/connectionLimits.ts';
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
  /** Changes in one day (UTC). */
  readonly writesPerDay: number;
}

/** The quotas among the limits of a connection. */
export function quotasOf({ users, groups, memberships, nesting, writesPerDay }: ConnectionLimits): Quotas {
  return { users, groups, edges: memberships, nesting, writesPerDay };
}

export const DEFAULT_QUOTAS: Quotas = Object.freeze(quotasOf(DEFAULT_LIMITS));

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
  quotas: (connection: string) => Quotas,
  connection: string,
  what: 'users' | 'groups' | 'edges',
  by: number,
): Promise<void> {
  if (by === 0) return;
  const { rows } = await add(tx.db, { name: `${what}:${connection}`, by });
  if (by <= 0) return;
  const limit = quotas(connection)[what];
  if (rows[0]!.value > limit) throw refuse('SCIM_QUOTA', { limit, what: what === 'edges' ? 'memberships' : what });
}
