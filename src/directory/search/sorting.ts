import { sql } from 'kysely';
import type { AttributePath } from '../../scim/filter/filter.ts';
import type { Place, Query } from '../../scim/query.ts';
import type { ResourceType } from '../../scim/resource.ts';
import { jsonElements, jsonScalar, parsed } from '../../store/sql/json.ts';
import { foldedText } from '../../store/sql/texts.ts';
import { column } from './columns.ts';
import { type Condition, documentPath, type Expression, elementValue, jsonValue, subPath } from './home.ts';

/** Characters of a sort key that a place remembers. */
const KEY_LENGTH = 200;

/**
 * The order of a list: as asked for, then by creation, so that pages neither repeat nor miss anybody. Missing values come last
 * ascending and first descending; of a multi-valued attribute the primary value counts, else the first (RFC 7644 §3.4.2.3).
 */
export function ordering(
  type: ResourceType,
  query: Pick<Query, 'sortBy' | 'sortOrder'>,
  backwards = false,
): Expression {
  return ordered(type, query, sortKey, backwards);
}

/** Whether an index has the rows in that order, so that a page is read from either end of the list. */
export function isIndexed(type: ResourceType, { sortBy }: Pick<Query, 'sortBy'>): boolean {
  return sortBy === undefined || uniqueKey(type, sortBy) !== undefined;
}

function uniqueKey(type: ResourceType, path: AttributePath): Expression | undefined {
  const stored = column(type, path);
  return stored?.unique === true ? stored.value : undefined;
}

function ordered(
  type: ResourceType,
  query: Pick<Query, 'sortBy' | 'sortOrder'>,
  keyOf: (type: ResourceType, path: AttributePath) => Expression,
  backwards = false,
): Expression {
  const table = type === 'User' ? 'users' : 'groups';
  const down = (query.sortOrder === 'descending') !== backwards ? sql`DESC` : sql`ASC`;
  const unique = query.sortBy === undefined ? undefined : uniqueKey(type, query.sortBy);
  if (unique !== undefined) return sql`${unique} ${down}`;
  const along = backwards ? sql`DESC` : sql`ASC`;
  const stable = sql`${sql.ref(`${table}.created_at`)} ${along}, ${sql.ref(`${table}.id`)} ${along}`;
  if (query.sortBy === undefined) return stable;
  const key = keyOf(type, query.sortBy);
  return sql`${key} IS NULL ${down}, ${key} ${down}, ${stable}`;
}

/** A condition for what stands behind a place in that order; keys of texts are cut there as in `placeKey`. */
export function behind(type: ResourceType, query: Pick<Query, 'sortBy' | 'sortOrder'>, after: Place): Condition {
  const table = type === 'User' ? 'users' : 'groups';
  const later = sql`(${sql.ref(`${table}.created_at`)}, ${sql.ref(`${table}.id`)}) > (${after.createdAt}, ${after.id})`;
  if (query.sortBy === undefined) return later;
  const descending = query.sortOrder === 'descending';
  const unique = uniqueKey(type, query.sortBy);
  if (unique !== undefined) return behindUnique(type, unique, descending, after);
  const key = placeKey(type, query.sortBy);
  if (after.key === null)
    return descending ? sql`(${key} IS NOT NULL OR ${later})` : sql`(${key} IS NULL AND ${later})`;
  const same = sql`(${key} = ${after.key} AND ${later})`;
  return descending
    ? sql`(${key} < ${after.key} OR ${same})`
    : sql`(${key} > ${after.key} OR ${same} OR ${key} IS NULL)`;
}

/** By the whole key of the row at that place; where that row is gone, by what the place remembers of it. */
function behindUnique(type: ResourceType, key: Expression, descending: boolean, after: Place): Condition {
  const table = sql.table(type === 'User' ? 'users' : 'groups');
  const cut = String(after.key ?? '');
  const known = sql`(SELECT ${key} FROM ${table} WHERE id = ${after.id} AND substr(${key}, 1, ${sql.lit(KEY_LENGTH)}) = ${cut})`;
  if (!descending) return sql`${key} > coalesce(${known}, ${cut})`;
  const last = [...cut].length < KEY_LENGTH ? cut : `${cut}\u{10ffff}`;
  return sql`${key} < coalesce(${known}, ${last})`;
}

/** What a place in the order says of a row: the sort key, of a text the first characters, so that a cursor stays short. */
export function placeKey(type: ResourceType, path: AttributePath): Expression {
  const key = sortKey(type, path);
  const isText = path.type !== 'boolean' && path.type !== 'integer' && path.type !== 'decimal';
  return isText ? sql`substr(${key}, 1, ${sql.lit(KEY_LENGTH)})` : key;
}

/** The order of `behind`. */
export function placeOrdering(type: ResourceType, query: Pick<Query, 'sortBy' | 'sortOrder'>): Expression {
  return ordered(type, query, placeKey);
}

function sortKey(type: ResourceType, path: AttributePath): Expression {
  const stored = column(type, path);
  if (stored !== undefined) return stored.folded === true ? stored.value : folded(stored.value, path);
  const document = parsed(sql.ref(type === 'User' ? 'users.document' : 'groups.document'));
  const at = documentPath(path);
  if (!path.multiValued)
    return folded(jsonValue(document, path.sub === undefined ? at : subPath(at, path.sub), path.type), path);
  const plain = path.sub === undefined;
  const value = plain
    ? elementValue(path.type)
    : jsonValue(sql.ref('element.value'), subPath('$', path.sub ?? 'value'), path.type);
  const first = plain ? sql`` : sql`coalesce(${jsonScalar(sql.ref('element.value'), '$.primary', 'boolean')}, 0) DESC,`;
  return folded(sql`(SELECT ${value} FROM ${jsonElements(document, at)} ORDER BY ${first} element.key LIMIT 1)`, path);
}

function folded(value: Expression, path: AttributePath): Expression {
  return path.caseExact || path.type !== 'string' ? value : foldedText(value);
}
