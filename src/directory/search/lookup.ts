import { type Kysely, type RawBuilder, sql } from 'kysely';
import { fold } from '../../access/fold.ts';
import type { AttributePath } from '../../scim/filter/filter.ts';
import type { Query } from '../../scim/query.ts';
import type { UserResource } from '../../scim/resource.ts';
import { prepared } from '../../store/prepared.ts';
import { among } from '../../store/sql/lists.ts';
import { unindexed } from '../../store/sql/unindexed.ts';
import type { Tables } from '../../store/tables.ts';
import { GROUPS, groupsIn } from '../groups/groupRefs.ts';
import { GROUP_COLUMNS, type GroupRow } from '../groups/groupRow.ts';
import { USER_COLUMNS, type UserRow, userResource } from '../users/userRow.ts';
import { isCore } from './home.ts';

interface Asked {
  readonly connection: string;
  readonly key: string;
  readonly most: number;
}

type Value = Parameters<Parameters<typeof prepared<Asked>>[0]>[0];
/** Which rows of a table have the key. */
type Chosen = (value: Value) => RawBuilder<unknown>;

/** By a column that has an index over the connection. */
const byColumn =
  (column: string): Chosen =>
  (value) =>
    sql`connection = ${value('connection')} AND ${sql.ref(column)} = ${value('key')}`;

/** The index over the connection is kept out of the way of the one over the values. */
const byEmail: Chosen = (value) =>
  sql`${unindexed('connection')} = ${value('connection')} AND ${among(
    sql.ref('users.id'),
    sql`SELECT user_id FROM user_emails WHERE value_key = ${value('key')}`,
  )}`;

const person = (chosen: Chosen) => {
  const found = (more: RawBuilder<unknown>) =>
    prepared<Asked, UserRow & { groups?: string | null }>(
      (value) => sql`SELECT ${columns(USER_COLUMNS)}${more} FROM users WHERE ${chosen(value)} LIMIT ${value('most')}`,
    );
  return { rows: found(sql``), related: found(sql`, ${GROUPS} AS groups`) };
};

const group = (chosen: Chosen) => ({
  rows: prepared<Asked, GroupRow>(
    (value) =>
      sql<GroupRow>`SELECT ${columns(GROUP_COLUMNS)} FROM groups WHERE ${chosen(value)} LIMIT ${value('most')}`,
  ),
});

const users = {
  userName: person(byColumn('user_name_key')),
  externalId: person(byColumn('external_id')),
  emails: person(byEmail),
};

const groups = { displayName: group(byColumn('display_name_key')), externalId: group(byColumn('external_id')) };

function columns(names: readonly string[]) {
  return sql.join(names.map((name) => sql.ref(name)));
}

/**
 * The groups of a search for one key, which is what identity providers ask before every change: one statement that is kept
 * prepared. Undefined where the search is another one, or has more than a page.
 */
export async function groupLookup(
  db: Kysely<Tables>,
  connection: string,
  query: Query,
): Promise<readonly GroupRow[] | undefined> {
  const asked = askedOf(query);
  const statements = asked && groupOf(asked.path);
  if (statements === undefined || asked === undefined) return undefined;
  const { rows } = await statements.rows(db, { connection, key: asked.key, most: query.count + 1 });
  return rows.length > query.count ? undefined : [...rows].sort(byCreation);
}

/** Whether people are searched for one key. */
export function isPersonLookup(query: Query): boolean {
  const asked = askedOf(query);
  return asked !== undefined && personOf(asked.path) !== undefined;
}

/** The same for people, with their groups where they are asked for; undefined where there are more than a page. */
export async function personLookup(
  db: Kysely<Tables>,
  connection: string,
  query: Query,
): Promise<readonly UserResource[] | undefined> {
  const asked = askedOf(query);
  const statements = asked && personOf(asked.path);
  if (statements === undefined || asked === undefined) return undefined;
  const values = { connection, key: asked.key, most: query.count + 1 };
  const { rows } = await (query.related ? statements.related : statements.rows)(db, values);
  if (rows.length > query.count) return undefined;
  return [...rows].sort(byCreation).map((row) => {
    const user = userResource(row);
    return query.related ? { ...user, groups: groupsIn(row.groups ?? null) } : user;
  });
}

function askedOf(query: Query): { readonly path: AttributePath; readonly key: string } | undefined {
  const { filter, count } = query;
  if (query.sortBy !== undefined || query.cursor !== undefined || query.startIndex > 1 || count <= 0) return undefined;
  if (filter?.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value !== 'string') return undefined;
  return { path: filter.path, key: filter.path.caseExact ? filter.value : fold(filter.value) };
}

function personOf(path: AttributePath) {
  if (!isCore(path)) return undefined;
  const { attribute, sub } = path;
  if (attribute === 'emails') return (sub ?? 'value') === 'value' ? users.emails : undefined;
  return sub === undefined && (attribute === 'userName' || attribute === 'externalId') ? users[attribute] : undefined;
}

function groupOf(path: AttributePath) {
  if (!isCore(path) || path.sub !== undefined) return undefined;
  const { attribute } = path;
  return attribute === 'displayName' || attribute === 'externalId' ? groups[attribute] : undefined;
}

/** The order of a list that is not sorted; both are ASCII. */
function byCreation(a: UserRow | GroupRow, b: UserRow | GroupRow): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
