import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Place, Query } from '../../scim/query.ts';
import type { ResourceType } from '../../scim/resource.ts';
import type { Tables } from '../../store/tables.ts';
import { totalOf } from '../quotas/total.ts';
import { behind, placeKey, placeOrdering } from '../search/sorting.ts';

type Row = { readonly id: string; readonly created_at: string; readonly place_key?: string | number | null };

/** Rows of a page by place: no row is skipped by counting, so the last page costs what the first one does. */
export async function cursorPage<R extends Row>(
  db: Kysely<Tables>,
  type: ResourceType,
  connection: string,
  where: RawBuilder<unknown>,
  query: Query & Required<Pick<Query, 'cursor'>>,
): Promise<{ total: number; rows: readonly R[]; places: readonly Place[]; more: boolean }> {
  const { after, counted } = query.cursor;
  const table = sql.table(type === 'User' ? 'users' : 'groups');
  const order = placeOrdering(type, query);
  const from = after === undefined ? where : sql`${where} AND ${behind(type, query, after)}`;
  const limit = sql`LIMIT ${query.count + 1}`;
  const [columns, chosen, slice] =
    query.sortBy === undefined
      ? [sql`*`, from, limit]
      : [
          sql`*, ${placeKey(type, query.sortBy)} AS place_key`,
          sql`id IN (SELECT id FROM ${table} WHERE ${from} ORDER BY ${order} ${limit})`,
          sql``,
        ];
  const { rows: found } =
    await sql<R>`SELECT ${columns} FROM ${table} WHERE ${chosen} ORDER BY ${order} ${slice}`.execute(db);
  const more = found.length > query.count;
  const rows = found.slice(0, query.count);
  const places = rows.map((row) => ({ key: row.place_key ?? null, createdAt: row.created_at, id: row.id }));
  const total = !counted
    ? 0
    : after === undefined && !more
      ? rows.length
      : await totalOf(db, type, connection, query, where);
  return { total, rows, places, more };
}
