import { type Kysely, sql } from 'kysely';
import type { Tables } from '../../store/tables.ts';
import { pathName, type UniquePaths } from './uniquePaths.ts';

/** Pairs that are named. */
const NAMED = 3;

/** How many resources have a value of an attribute that another one had before it had to be unique. */
export interface NotUnique {
  readonly type: 'User' | 'Group';
  /** URN and name. */
  readonly attribute: string;
  readonly count: number;
  /** Ids of some, with the id of the one that has the value by the table. */
  readonly pairs: readonly (readonly [first: string, other: string])[];
}

/** Looks through the table of values, not through documents; for the doctor. */
export async function notUnique(db: Kysely<Tables>, unique: UniquePaths): Promise<NotUnique[]> {
  const found: NotUnique[] = [];
  for (const type of ['User', 'Group'] as const)
    for (const path of unique[type]) {
      const { rows } = await sql<{ first: string; other: string; count: number }>`
        SELECT own.resource AS first, other.resource AS other, COUNT(*) OVER () AS count
        FROM unique_values AS other
        JOIN unique_values AS own ON own.connection = other.connection AND own.path = other.path
          AND own.value_hash = substr(other.value_hash, 1, 64)
        WHERE other.path = ${pathName(type, path)} AND length(other.value_hash) > 64
        ORDER BY other.connection, other.value_hash LIMIT ${NAMED}`.execute(db);
      if (rows[0] === undefined) continue;
      const pairs = rows.map(({ first, other }) => [first, other] as const);
      const attribute = `${path.schema}:${path.attribute}`;
      found.push({ type, attribute, count: Number(rows[0].count), pairs });
    }
  return found;
}
