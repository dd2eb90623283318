import { type ConnectionLimits, DEFAULT_LIMITS } from '../../config/connectionLimits.ts';
import { refuse } from '../../errors.ts';
import { prepared, preparedBlind } from '../../store/prepared.ts';
import type { Tx } from '../../store/store.ts';

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

type Counted = 'users' | 'groups' | 'edges';

const numberOf = prepared<{ name: string }, { value: number }>((value, db) =>
  db.selectFrom('counters').select('value').where('name', '=', value('name')),
);

const addTo = preparedBlind<{ name: string; by: number }>((value, db) =>
  db
    .insertInto('counters')
    .values({ name: value('name'), value: value('by') })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet(({ ref, eb }) => ({ value: eb('counters.value', '+', ref('excluded.value')) })),
    ),
);

export const DEFAULT_QUOTAS: Quotas = Object.freeze(quotasOf(DEFAULT_LIMITS));

/** How many there are; nobody else writes before the transaction ends. */
export async function counted(tx: Tx, connection: string, what: Counted): Promise<number> {
  const { rows } = await numberOf(tx.db, { name: `${what}:${connection}` });
  return rows[0]?.value ?? 0;
}

/** What a connection gets more of or, negative, loses. */
interface Counting {
  readonly connection: string;
  readonly what: Counted;
  readonly by: number;
  /** How many there are, where that is known from `counted`. */
  readonly before?: number;
}

type Allowed = (connection: string) => Quotas;

/** @throws ScimError SCIM_QUOTA where a connection would have more than it may */
export async function requireQuota(tx: Tx, quotas: Allowed, counting: Counting): Promise<void> {
  const { connection, what, by, before } = counting;
  const limit = quotas(connection)[what];
  if (by > 0 && (before ?? (await counted(tx, connection, what))) + by > limit)
    throw refuse('SCIM_QUOTA', { limit, what: what === 'edges' ? 'memberships' : what });
}

/** Counts for a connection what is added or, negative, taken away. */
export function add(tx: Tx, connection: string, what: Counted, by: number): Promise<void> {
  return addTo(tx.db, { name: `${what}:${connection}`, by });
}

/** Both. @throws ScimError SCIM_QUOTA */
export async function count(tx: Tx, quotas: Allowed, counting: Counting): Promise<void> {
  const { connection, what, by } = counting;
  if (by === 0) return;
  await requireQuota(tx, quotas, counting);
  await add(tx, connection, what, by);
}
