import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { refuse } from '../../errors.ts';
import type { Filter } from '../../scim/filter/filter.ts';
import type { Page, Query } from '../../scim/query.ts';
import type { GroupResource, ResourceType, UserResource } from '../../scim/resource.ts';
import { unindexed } from '../../store/sql/unindexed.ts';
import type { Tables } from '../../store/tables.ts';
import { membersOf } from '../facts/related.ts';
import { groupsOf } from '../groups/groupRefs.ts';
import { type GroupRow, groupResource } from '../groups/groupRow.ts';
import { totalOf } from '../quotas/total.ts';
import { condition } from '../search/condition.ts';
import { effortOf } from '../search/effort.ts';
import { comparisonsIn } from '../search/looks.ts';
import { groupLookup, personLookup } from '../search/lookup.ts';
import { isIndexed, ordering } from '../search/sorting.ts';
import { type UserRow, userResource } from '../users/userRow.ts';
import { cursorPage } from './cursorPage.ts';

/** One group may have more; a page of several is refused rather than cut, so that nobody takes a part for the whole. */
const MEMBERS_A_PAGE = 500_000;

/** The people that a search for one key finds, by one statement; undefined where there are more than a page. */
export async function findUsers(
  db: Kysely<Tables>,
  connection: string,
  query: Query,
): Promise<Page<UserResource> | undefined> {
  const resources = await personLookup(db, connection, query);
  return resources && { total: resources.length, resources };
}

/** A page of the people of a connection; groups are read where `related` asks for them. */
export async function listUsers(db: Kysely<Tables>, connection: string, query: Query): Promise<Page<UserResource>> {
  const { rows, ...page } = await rowsOf<UserRow>(db, 'User', connection, query);
  const users = rows.map(userResource);
  if (!query.related) return { ...page, resources: users };
  const groups = await groupsOf(
    db,
    users.map((user) => user.id),
  );
  return { ...page, resources: users.map((user) => ({ ...user, groups: groups.get(user.id) ?? [] })) };
}

/** A page of the groups of a connection; members are read where `related` asks for them. @throws ScimError SCIM_TOO_MANY */
export async function listGroups(
  db: Kysely<Tables>,
  connection: string,
  query: Query,
  breathe: Breathe,
): Promise<Page<GroupResource>> {
  const { rows, ...page } = await rowsOf<GroupRow>(db, 'Group', connection, query);
  const groups = rows.map(groupResource);
  if (!query.related) return { ...page, resources: groups };
  const asked = rows.reduce((sum, row) => sum + row.member_count, 0);
  if (rows.length > 1 && asked > MEMBERS_A_PAGE)
    throw refuse('SCIM_TOO_MANY', {
      reason: `these ${rows.length} groups have ${asked} members, more than one answer holds`,
    });
  const members = await membersOf(db, rows, breathe);
  return { ...page, resources: groups.map((group) => ({ ...group, members: members.get(group.id) ?? [] })) };
}

/** Sorting is done on ids alone: documents are read for the page only. */
async function rowsOf<Row extends UserRow | GroupRow>(
  db: Kysely<Tables>,
  type: ResourceType,
  connection: string,
  query: Query,
): Promise<Omit<Page<unknown>, 'resources'> & { readonly rows: readonly Row[] }> {
  const found = type === 'Group' ? await groupLookup(db, connection, query) : undefined;
  if (found !== undefined) return { total: found.length, rows: found as readonly Row[] };
  const page = await pageOf<Row>(db, type, connection, query);
  const effort = effortOf(type, query);
  if (effort === 'few') return page;
  const counted = effort === 'matches' && query.cursor?.counted !== false;
  const looked = counted ? page.total : await totalOf(db, type, connection, {}, sql`true`);
  return { ...page, looked: looked * comparisonsIn(query) };
}

async function pageOf<Row extends UserRow | GroupRow>(
  db: Kysely<Tables>,
  type: ResourceType,
  connection: string,
  query: Query,
): Promise<Omit<Page<unknown>, 'resources'> & { readonly rows: readonly Row[] }> {
  const table = sql.table(type === 'User' ? 'users' : 'groups');
  const where = sql`${owned(type, connection, query.filter)} AND ${
    query.filter === undefined ? sql`true` : condition(type, query.filter)
  }`;
  const { cursor } = query;
  if (cursor !== undefined) return cursorPage<Row>(db, type, connection, where, { ...query, cursor });
  const start = Math.max(query.startIndex, 1);
  const order = ordering(type, query);
  if (query.filter === undefined && isIndexed(type, query)) {
    const total = await totalOf(db, type, connection, query, where);
    return { total, rows: await nearestEnd<Row>(db, type, where, { ...query, start, total }) };
  }
  const limits = sql`LIMIT ${query.count} OFFSET ${start - 1}`;
  const [chosen, slice] =
    query.sortBy === undefined
      ? [where, limits]
      : [sql`id IN (SELECT id FROM ${table} WHERE ${where} ORDER BY ${order} ${limits})`, sql``];
  const { rows } =
    query.count <= 0
      ? { rows: [] }
      : await sql<Row>`SELECT * FROM ${table} WHERE ${chosen} ORDER BY ${order} ${slice}`.execute(db);
  const whole = rows.length < query.count && (rows.length > 0 || start === 1);
  if (whole) return { total: start - 1 + rows.length, rows };
  return { total: await totalOf(db, type, connection, query, where), rows };
}

/** A page in an order that an index has, counted from the end of the list that is nearer; entries of the index are skipped, no rows. */
async function nearestEnd<Row extends UserRow | GroupRow>(
  db: Kysely<Tables>,
  type: ResourceType,
  where: ReturnType<typeof sql>,
  query: Query & { readonly start: number; readonly total: number },
): Promise<readonly Row[]> {
  const { start, total } = query;
  const count = Math.min(query.count, total - start + 1);
  if (count <= 0) return [];
  const before = start - 1;
  const after = total - before - count;
  const backwards = after < before;
  const table = sql.table(type === 'User' ? 'users' : 'groups');
  const { rows } = await sql<Row>`SELECT * FROM ${table} WHERE ${where} ORDER BY ${ordering(type, query, backwards)}
    LIMIT ${count} OFFSET ${backwards ? after : before}`.execute(db);
  return backwards ? rows.reverse() : rows;
}

/** Rows of the connection. A filter that names ids is answered from them: the index over the connection is kept out of its way. */
function owned(type: ResourceType, connection: string, filter: Filter | undefined) {
  const owner = type === 'User' ? 'users.connection' : 'groups.connection';
  const named = filter !== undefined && namesIds(filter);
  return sql`${named ? unindexed(owner) : sql.ref(owner)} = ${connection}`;
}

/** Whether the filter can only hold for ids that an index gives: `id`, `emails.value`, `roles.value`, `members`, `groups`. */
function namesIds(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.some(namesIds);
    case 'or':
      return filter.filters.length > 0 && filter.filters.every(namesIds);
    case 'value-path':
      return ['emails', 'roles'].includes(filter.path.attribute) && namesIds(filter.filter);
    case 'compare': {
      const { attribute, sub = 'value' } = filter.path;
      if (filter.operator !== 'eq') return false;
      return attribute === 'id' || (['emails', 'roles', 'members', 'groups'].includes(attribute) && sub === 'value');
    }
    default:
      return false;
  }
}
