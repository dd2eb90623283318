import { sql } from 'kysely';
import type { AttributePath } from '../../scim/filter/filter.ts';
import type { Query } from '../../scim/query.ts';
import type { ResourceType } from '../../scim/resource.ts';
import { jsonElements, jsonScalar, parsed } from '../../store/sql/json.ts';
import { column } from './columns.ts';
import { documentPath, type Expression, jsonValue, subPath } from './home.ts';

/**
 * The order of a list: as asked for, then by creation, so that pages neither repeat nor miss anybody. Missing values come last
 * ascending and first descending; of a multi-valued attribute the primary value counts, else the first (RFC 7644 §3.4.2.3).
 */
export function ordering(type: ResourceType, query: Pick<Query, 'sortBy' | 'sortOrder'>): Expression {
  const table = type === 'User' ? 'users' : 'groups';
  const stable = sql`${sql.ref(`${table}.created_at`)}, ${sql.ref(`${table}.id`)}`;
  if (query.sortBy === undefined) return stable;
  const key = sortKey(type, query.sortBy);
  const direction = query.sortOrder === 'descending' ? sql`DESC` : sql`ASC`;
  return sql`${key} IS NULL ${direction}, ${key} ${direction}, ${stable}`;
}

function sortKey(type: ResourceType, path: AttributePath): Expression {
  const stored = column(type, path);
  if (stored !== undefined) return stored.folded === true ? stored.value : folded(stored.value, path);
  const document = parsed(sql.ref(type === 'User' ? 'users.document' : 'groups.document'));
  const at = documentPath(path);
  if (!path.multiValued)
    return folded(jsonValue(document, path.sub === undefined ? at : subPath(at, path.sub), path.type), path);
  const value = jsonValue(sql.ref('element.value'), subPath('$', path.sub ?? 'value'), path.type);
  return folded(
    sql`(SELECT ${value} FROM ${jsonElements(document, at)}
      ORDER BY coalesce(${jsonScalar(sql.ref('element.value'), '$.primary', 'boolean')}, 0) DESC, element.key LIMIT 1)`,
    path,
  );
}

function folded(value: Expression, path: AttributePath): Expression {
  return path.caseExact || path.type !== 'string' ? value : sql`fold(${value})`;
}
