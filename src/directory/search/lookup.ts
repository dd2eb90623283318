import { type Kysely, sql } from 'kysely';
import { fold } from '../../access/fold.ts';
import type { AttributePath } from '../../scim/filter/filter.ts';
import type { Query } from '../../scim/query.ts';
import type { ResourceType } from '../../scim/resource.ts';
import { prepared } from '../../store/prepared.ts';
import { among } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import type { GroupRow } from '../groupRow.ts';
import type { UserRow } from '../userRow.ts';
import { isCore } from './home.ts';

interface Asked {
  readonly connection: string;
  readonly key: string;
  readonly most: number;
}

/** By a column that has an index over the connection. */
function byColumn<Row>(table: 'users' | 'groups', column: string) {
  return prepared<Asked, Row>(
    (value) => sql<Row>`SELECT * FROM ${sql.table(table)}
      WHERE connection = ${value('connection')} AND ${sql.ref(column)} = ${value('key')} LIMIT ${value('most')}`,
  );
}

const users = {
  userName: byColumn<UserRow>('users', 'user_name_key'),
  externalId: byColumn<UserRow>('users', 'external_id'),
  // The index over the connection is kept out of the way of the one over the values.
  emails: prepared<Asked, UserRow>(
    (value) =>
      sql<UserRow>`SELECT * FROM users WHERE (connection || '') = ${value('connection')} AND ${among(
        sql.ref('users.id'),
        sql`SELECT user_id FROM user_emails WHERE value_key = ${value('key')}`,
      )} LIMIT ${value('most')}`,
  ),
};

const groups = {
  displayName: byColumn<GroupRow>('groups', 'display_name_key'),
  externalId: byColumn<GroupRow>('groups', 'external_id'),
};

/**
 * The rows of a search for one key, which is what identity providers ask before every change: one statement that is kept
 * prepared. Undefined where the search is another one, or has more than a page.
 */
export async function lookup<Row extends UserRow | GroupRow>(
  db: Kysely<Tables>,
  type: ResourceType,
  connection: string,
  query: Query,
): Promise<readonly Row[] | undefined> {
  const { filter, count } = query;
  if (query.sortBy !== undefined || query.cursor !== undefined || query.startIndex > 1 || count <= 0) return undefined;
  if (filter?.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value !== 'string') return undefined;
  const statement = statementOf(type, filter.path);
  if (statement === undefined) return undefined;
  const key = filter.path.caseExact ? filter.value : fold(filter.value);
  const { rows } = await statement(db, { connection, key, most: count + 1 });
  if (rows.length > count) return undefined;
  return [...(rows as readonly Row[])].sort(byCreation);
}

function statementOf(type: ResourceType, path: AttributePath) {
  if (!isCore(path)) return undefined;
  const { attribute, sub } = path;
  if (attribute === 'emails') return type === 'User' && (sub ?? 'value') === 'value' ? users.emails : undefined;
  if (sub !== undefined) return undefined;
  const of: Readonly<Record<string, (typeof users)['userName'] | (typeof groups)['displayName']>> =
    type === 'User' ? { userName: users.userName, externalId: users.externalId } : groups;
  return Object.hasOwn(of, attribute) ? of[attribute] : undefined;
}

/** The order of a list that is not sorted; both are ASCII. */
function byCreation(a: UserRow | GroupRow, b: UserRow | GroupRow): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
