import { sql } from 'kysely';
import { instant } from '../../access/ports/clock.ts';
import type { Breathe } from '../../access/ports/store.ts';
import { refuse } from '../../errors.ts';
import type { Attributes, UserResource } from '../../scim/resource.ts';
import { runBlind } from '../../store/blind.ts';
import { rowsOf } from '../../store/sql/lists.ts';
import type { Tx } from '../../store/store.ts';
import { atOnce } from '../atOnce.ts';
import { requireVersion } from '../condition.ts';
import type { Caller, Changed, Condition } from '../directory.ts';
import { difference } from '../groups/difference.ts';
import { groupsIn } from '../groups/groupRefs.ts';
import { onlyLessens } from '../groups/lessening.ts';
import { add, count, requireQuota } from '../quotas/quotas.ts';
import { isTooLarge, requireSize } from '../size.ts';
import { type DirectoryParts, leaveTrace, requireLeave } from '../trace.ts';
import { freeUnique, keepUnique } from '../unique/uniqueValues.ts';
import { leaveGroups } from './leaving.ts';
import { requireAsSeen, type SeenUser } from './seen.ts';
import { type UserChange, userCreated, userDeleted, userEvent } from './userEvents.ts';
import { emailRows, roleRows, type UserRow, userColumns, userResource } from './userRow.ts';
import {
  insertEmail,
  insertUser,
  NAMES,
  ownerOf,
  updateState,
  updateUser,
  userOf,
  userWithGroupsOf,
} from './userStatements.ts';

/** What is to become of a person. */
interface UserOrder {
  readonly change: (current: Attributes, breathe: Breathe) => Attributes | Promise<Attributes>;
  readonly condition: Condition | undefined;
  /** Whether the answer is to say what groups the person is in. */
  readonly related: boolean;
}

/** Stores a new person. @throws ScimError SCIM_UNIQUENESS, SCIM_QUOTA, STORE_RESERVE */
export async function createUser(
  parts: DirectoryParts,
  tx: Tx,
  caller: Caller,
  attributes: Attributes,
  id = parts.random.id(),
): Promise<UserResource> {
  const at = instant(parts.clock);
  const row: UserRow = {
    id,
    connection: caller.connection,
    ...userColumns(attributes),
    created_at: at,
    modified_at: at,
    version: 1,
  };
  await tx.given(
    atOnce(
      requireFreeName(tx, row),
      requireQuota(tx, parts.quotas, { connection: caller.connection, what: 'users', by: 1 }),
    ),
  );
  requireLeave(parts, caller, at);
  requireSize('user', row.document);
  await keepUnique(tx, parts.unique, { type: 'User', ...row }, {}, attributes);
  await add(tx, caller.connection, 'users', 1);
  await insertUser(tx.db, row);
  await storeEmails(tx, row.id, attributes);
  await storeRoles(tx, row.id, attributes);
  await leaveTrace(parts, tx, caller, {
    at,
    subject: { kind: 'user', id: row.id },
    journal: { kind: 'user.created', detail: { active: row.active === 1 } },
    touched: { users: [row.id] },
    events: [userCreated(row)],
  });
  return userResource(row);
}

/**
 * Changes a person, `seen` before the transaction or read in it.
 * @throws ScimError SCIM_NOT_FOUND, SCIM_VERSION, SCIM_UNIQUENESS, STORE_RESERVE, whatever `change` throws
 */
export async function changeUser(
  parts: DirectoryParts,
  tx: Tx,
  caller: Caller,
  id: string,
  { change, condition, related }: UserOrder,
  seen?: SeenUser,
): Promise<Changed<UserResource>> {
  const { row: before, groups } = seen ?? (await readUser(tx, caller.connection, id, related));
  if (seen !== undefined) await tx.given(requireAsSeen(tx, before));
  const whole = (user: UserResource): UserResource => (groups === undefined ? user : { ...user, groups });
  requireVersion(before.version, condition);
  const current = userResource(before);
  const asked = userColumns(await change(JSON.parse(before.document), tx.breathe));
  const leaves = before.active === 1 && asked.active === 0;
  // Nobody stays because too much is sent with it, which is not stored.
  const isOnlyLeft = leaves && isTooLarge(asked.document, before.document);
  const columns = isOnlyLeft ? userColumns({ ...current.attributes, active: false }) : asked;
  const attributes = JSON.parse(columns.document) as Attributes;
  const names = difference(current.attributes, attributes);
  if (names.length === 0) return { resource: whole(current), changed: false };
  const at = instant(parts.clock);
  if (!leaves && !onlyLessens(current.attributes, attributes, names)) {
    requireLeave(parts, caller, at);
    requireSize('user', columns.document, before.document);
  }
  const row: UserRow = { ...before, ...columns, modified_at: at, version: before.version + 1 };
  if (row.user_name_key !== before.user_name_key) await requireFreeName(tx, row);
  await keepUnique(tx, parts.unique, { type: 'User', ...row }, current.attributes, attributes);
  await storeUser(tx, before, row);
  if (names.includes('emails')) {
    await runBlind(tx.db, tx.db.deleteFrom('user_emails').where('user_id', '=', id));
    await storeEmails(tx, id, attributes);
  }
  if (names.includes('roles')) {
    await runBlind(tx.db, tx.db.deleteFrom('user_roles').where('user_id', '=', id));
    await storeRoles(tx, id, attributes);
  }
  const event = userEvent({ before, after: row, names } satisfies UserChange);
  await leaveTrace(parts, tx, caller, {
    at,
    subject: { kind: 'user', id },
    journal: { kind: event.kind.replace('scim.', ''), detail: { attributes: names } },
    touched: { users: [id] },
    events: [event],
  });
  return { resource: whole(userResource(row)), changed: true };
}

/** A person of a connection, with groups where they are asked for, by one statement. @throws ScimError SCIM_NOT_FOUND */
export async function readUser(
  tx: Pick<Tx, 'db'>,
  connection: string,
  id: string,
  related: boolean,
): Promise<SeenUser> {
  if (!related) return { row: await requireUser(tx, connection, id), groups: undefined };
  const { rows } = await userWithGroupsOf(tx.db, { id, connection });
  if (rows[0] === undefined) throw refuse('SCIM_NOT_FOUND', { resource: 'User', id });
  const { groups, ...row } = rows[0];
  return { row, groups: groupsIn(groups) };
}

/** What is left as it is, is left out: SQLite would write it into its indexes anew. */
function storeUser(tx: Tx, before: UserRow, row: UserRow): Promise<void> {
  return NAMES.every((name) => row[name] === before[name]) ? updateState(tx.db, row) : updateUser(tx.db, row);
}

/** Removes a person with all memberships and leaves a tombstone (semantics §1). @throws ScimError SCIM_NOT_FOUND, SCIM_VERSION */
export async function deleteUser(
  parts: DirectoryParts,
  tx: Tx,
  caller: Caller,
  id: string,
  condition: Condition | undefined,
): Promise<void> {
  const row = await requireUser(tx, caller.connection, id);
  requireVersion(row.version, condition);
  const at = instant(parts.clock);
  const groups = await leaveGroups(tx, id, at);
  await count(tx, parts.quotas, { connection: caller.connection, what: 'edges', by: -groups.length });
  await count(tx, parts.quotas, { connection: caller.connection, what: 'users', by: -1 });
  await runBlind(tx.db, tx.db.deleteFrom('users').where('id', '=', id));
  await freeUnique(tx, parts.unique, { type: 'User', id, connection: row.connection });
  await runBlind(
    tx.db,
    tx.db.insertInto('tombstones').values({
      id,
      kind: 'user',
      connection: row.connection,
      name: row.user_name,
      name_key: row.user_name_key,
      external_id: row.external_id,
      email: row.email,
      deleted_at: at,
      request: caller.request,
      credential: caller.credential,
    }),
  );
  await leaveTrace(parts, tx, caller, {
    at,
    subject: { kind: 'user', id },
    journal: { kind: 'user.deleted', detail: { groups: groups.length } },
    touched: { users: [id] },
    events: [userDeleted(row, groups)],
  });
}

/** The row of a person of this connection. @throws ScimError SCIM_NOT_FOUND */
async function requireUser(tx: Pick<Tx, 'db'>, connection: string, id: string): Promise<UserRow> {
  const { rows } = await userOf(tx.db, { id, connection });
  if (rows[0] === undefined) throw refuse('SCIM_NOT_FOUND', { resource: 'User', id });
  return rows[0];
}

async function requireFreeName(tx: Tx, row: UserRow): Promise<void> {
  const { rows } = await ownerOf(tx.db, row);
  if (rows.some(({ id }) => id !== row.id))
    throw refuse('SCIM_UNIQUENESS', { attribute: 'userName', value: row.user_name, resource: 'user' });
}

/** Nobody's where the person was not stored, as everything of a write that is undone. */
async function storeEmails(tx: Tx, id: string, attributes: Attributes): Promise<void> {
  const rows = emailRows(id, attributes);
  if (rows.length === 1) return insertEmail(tx.db, rows[0]!);
  const types = { value: 'text', value_key: 'text', type: 'text', is_primary: 'number' } as const;
  const cells = rows.map(({ value, value_key, type, is_primary }) => [value, value_key, type, is_primary]);
  if (rows.length > 1) await storeOwned(tx, 'user_emails', id, types, cells);
}

async function storeRoles(tx: Tx, id: string, attributes: Attributes): Promise<void> {
  const rows = roleRows(id, attributes).map(({ value, value_key, display }) => [value, value_key, display]);
  const types = { value: 'text', value_key: 'text', display: 'text' } as const;
  if (rows.length > 0) await storeOwned(tx, 'user_roles', id, types, rows);
}

async function storeOwned(
  tx: Tx,
  table: 'user_emails' | 'user_roles',
  id: string,
  types: Readonly<Record<string, 'text' | 'number'>>,
  rows: Parameters<typeof rowsOf>[1],
): Promise<void> {
  const names = sql.join(Object.keys(types).map((name) => sql.ref(name)));
  const statement = sql`INSERT INTO ${sql.table(table)} (user_id, ${names})
    SELECT users.id, ${sql.join(Object.keys(types).map((name) => sql.ref(`own.${name}`)))}
    FROM users CROSS JOIN ${rowsOf(types, rows)} AS own WHERE users.id = ${id}`;
  await runBlind(tx.db, { compile: () => statement.compile(tx.db) });
}
