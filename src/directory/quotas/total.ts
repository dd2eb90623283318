import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Query } from '../../scim/query.ts';
import type { ResourceType } from '../../scim/resource.ts';
import type { Tables } from '../../store/tables.ts';

/** How many resources a list has over all pages. Without a filter that is known (the counters of the quotas); else they are counted. */
export async function totalOf(
  db: Kysely<Tables>,
  type: ResourceType,
  connection: string,
  { filter }: Pick<Query, 'filter'>,
  where: RawBuilder<unknown>,
): Promise<number> {
  const name = type === 'User' ? 'users' : 'groups';
  if (filter === undefined) {
    const known = db.selectFrom('counters').select('value').where('name', '=', `${name}:${connection}`);
    return (await known.executeTakeFirst())?.value ?? 0;
  }
  const { rows } = await sql<{
    total: number;
  }>`SELECT count(*) AS total FROM ${sql.table(name)} WHERE ${where}`.execute(db);
  return rows[0]?.total ?? 0;
}
