import { instant } from '../../access/ports/clock.ts';
import { refuse } from '../../errors.ts';
import type { GroupChange } from '../../scim/groupChange.ts';
import type { Attributes, GroupResource, MemberRef } from '../../scim/resource.ts';
import { runBlind } from '../../store/blind.ts';
import type { Tx } from '../../store/store.ts';
import { atOnce } from '../atOnce.ts';
import { requireVersion } from '../condition.ts';
import type { Caller, Changed, Condition } from '../directory.ts';
import { count, counted } from '../quotas/quotas.ts';
import { requireSize } from '../size.ts';
import { touchedBy } from '../touched.ts';
import { type DirectoryParts, leaveTrace, requireLeave } from '../trace.ts';
import { freeUnique, keepUnique } from '../unique/uniqueValues.ts';
import { leaveGroups } from '../users/leaving.ts';
import { difference } from './difference.ts';
import { groupChanged, groupCreated, groupDeleted, membersChanged } from './groupEvents.ts';
import { type GroupRow, groupColumns, groupResource } from './groupRow.ts';
import { groupOf, touchGroup, updateGroup } from './groupStatements.ts';
import { onlyLessens } from './lessening.ts';
import { Membership } from './membership.ts';
import { requireNesting } from './nesting.ts';
import type { Foreseen } from './replacement.ts';

/** Stores a new group with its members. @throws ScimError SCIM_UNIQUENESS, SCIM_MEMBERS, SCIM_QUOTA, STORE_RESERVE */
export async function createGroup(
  parts: DirectoryParts,
  tx: Tx,
  caller: Caller,
  attributes: Attributes,
  members: readonly MemberRef[],
  id = parts.random.id(),
): Promise<GroupResource> {
  const at = instant(parts.clock);
  const row: GroupRow = {
    id,
    connection: caller.connection,
    ...groupColumns(attributes),
    created_at: at,
    modified_at: at,
    version: 1,
    member_count: 0,
  };
  const [, groups, edges] = await atOnce(
    requireFreeName(tx, row),
    counted(tx, caller.connection, 'groups'),
    counted(tx, caller.connection, 'edges'),
  );
  requireLeave(parts, caller, at);
  requireSize('group', row.document);
  await keepUnique(tx, parts.unique, { type: 'Group', ...row }, {}, attributes);
  await count(tx, parts.quotas, { connection: caller.connection, what: 'groups', by: 1, before: groups });
  await runBlind(tx.db, tx.db.insertInto('groups').values(row));
  const membership = new Membership(tx, row.id, caller, at);
  await membership.add(members);
  await settleMembers(parts, tx, row, membership, edges);
  if (members.length > 0)
    await runBlind(
      tx.db,
      tx.db.updateTable('groups').set({ member_count: membership.added.size }).where('id', '=', row.id),
    );
  const touched = touchedBy(row.id, membership);
  await leaveTrace(parts, tx, caller, {
    at,
    subject: { kind: 'group', id: row.id },
    journal: { kind: 'group.created', detail: { members: membership.added.size } },
    touched: { ...touched, groups: new Set([...touched.groups, row.id]) },
    events: [groupCreated(row), ...membersChanged(row.display_name, membership.added.keys(), [], false)],
  });
  return groupResource(row);
}

/**
 * Applies the changes in their order, or what they come to where that was foreseen; all or none. @throws ScimError SCIM_NOT_FOUND, SCIM_VERSION, SCIM_UNIQUENESS, SCIM_MEMBERS,
 * SCIM_QUOTA, STORE_RESERVE, whatever a change of attributes throws
 */
export async function changeGroup(
  parts: DirectoryParts,
  tx: Tx,
  caller: Caller,
  id: string,
  asked: readonly GroupChange[],
  condition: Condition | undefined,
  ahead?: Foreseen,
): Promise<Changed<GroupResource>> {
  const at = instant(parts.clock);
  const membership = new Membership(tx, id, caller, at);
  const [only] = asked.length === 1 ? asked : [];
  const early = only?.op === 'add-members' || only?.op === 'remove-members' ? only : undefined;
  const [before, edges] = await atOnce(
    requireGroup(tx, caller.connection, id),
    counted(tx, caller.connection, 'edges'),
    early === undefined ? Promise.resolve() : changeMembers(membership, early, 0),
  );
  requireVersion(before.version, condition);
  const changes = ahead?.version === before.version ? ahead.changes : asked;
  const current = groupResource(before);
  let attributes = current.attributes;
  for (const change of changes) {
    if (change.op === 'attributes') attributes = change.change(structuredClone(attributes));
    else if (change !== early) await changeMembers(membership, change, before.member_count);
  }
  const columns = groupColumns(attributes);
  const names = difference(current.attributes, JSON.parse(columns.document) as Attributes);
  const { added, removed } = membership;
  if (names.length + added.size + removed.size === 0) return { resource: current, changed: false };
  if (added.size > 0 || !onlyLessens(current.attributes, JSON.parse(columns.document) as Attributes, names))
    requireLeave(parts, caller, at, removed.size > 0);
  if (names.length > 0) requireSize('group', columns.document, before.document);
  const row: GroupRow = {
    ...before,
    ...columns,
    modified_at: at,
    version: before.version + 1,
    member_count: before.member_count + added.size - removed.size,
  };
  if (row.display_name_key !== before.display_name_key) await requireFreeName(tx, row);
  await keepUnique(tx, parts.unique, { type: 'Group', ...row }, current.attributes, attributes);
  await settleMembers(parts, tx, row, membership, edges);
  const { version, member_count } = row;
  const moment = { id, modified_at: at, version, member_count };
  await (names.length > 0 ? updateGroup(tx.db, { ...columns, ...moment }) : touchGroup(tx.db, moment));
  const touched = touchedBy(row.id, membership);
  const moved = added.size + removed.size > 0;
  const own = names.length > 0 ? [groupChanged(before, row, names)] : [];
  const cleared = asked.some((change) => change.op === 'clear-members');
  await leaveTrace(parts, tx, caller, {
    at,
    subject: { kind: 'group', id },
    journal: {
      kind: own[0]?.kind.replace('scim.', '') ?? 'group.members',
      detail: { attributes: names, added: added.size, removed: removed.size },
    },
    touched: names.length > 0 ? { ...touched, groups: new Set([...touched.groups, id]) } : touched,
    events: [...own, ...(moved ? membersChanged(row.display_name, added.keys(), removed.keys(), cleared) : [])],
  });
  return { resource: groupResource(row), changed: true };
}

/** Removes a group with its edges, those to groups above included. @throws ScimError SCIM_NOT_FOUND, SCIM_VERSION */
export async function deleteGroup(
  parts: DirectoryParts,
  tx: Tx,
  caller: Caller,
  id: string,
  condition: Condition | undefined,
): Promise<void> {
  const row = await requireGroup(tx, caller.connection, id);
  requireVersion(row.version, condition);
  const at = instant(parts.clock);
  const membership = new Membership(tx, id, caller, at);
  await membership.clear(row.member_count);
  const parents = await leaveGroups(tx, id, at);
  const edges = membership.removed.size + parents.length;
  await count(tx, parts.quotas, { connection: caller.connection, what: 'edges', by: -edges });
  await count(tx, parts.quotas, { connection: caller.connection, what: 'groups', by: -1 });
  await runBlind(tx.db, tx.db.deleteFrom('groups').where('id', '=', id));
  await freeUnique(tx, parts.unique, { type: 'Group', id, connection: row.connection });
  await runBlind(
    tx.db,
    tx.db.insertInto('tombstones').values({
      id,
      kind: 'group',
      connection: row.connection,
      name: row.display_name,
      name_key: row.display_name_key,
      external_id: row.external_id,
      email: null,
      deleted_at: at,
      request: caller.request,
      credential: caller.credential,
    }),
  );
  const touched = touchedBy(row.id, membership);
  await leaveTrace(parts, tx, caller, {
    at,
    subject: { kind: 'group', id },
    journal: { kind: 'group.deleted', detail: { members: membership.removed.size } },
    touched: { ...touched, groups: new Set([...touched.groups, id]) },
    events: [
      groupDeleted(row.display_name, membership.removed.size, parents),
      ...membersChanged(row.display_name, [], membership.removed.keys(), false),
    ],
  });
}

/** The row of a group of this connection. @throws ScimError SCIM_NOT_FOUND */
export async function requireGroup(tx: Pick<Tx, 'db'>, connection: string, id: string): Promise<GroupRow> {
  const { rows } = await groupOf(tx.db, { id, connection });
  if (rows[0] === undefined) throw refuse('SCIM_NOT_FOUND', { resource: 'Group', id });
  return rows[0];
}

async function requireFreeName(tx: Tx, row: GroupRow): Promise<void> {
  const taken = await tx.db
    .selectFrom('groups')
    .select('id')
    .where('connection', '=', row.connection)
    .where('display_name_key', '=', row.display_name_key)
    .where('id', '!=', row.id)
    .executeTakeFirst();
  if (taken !== undefined)
    throw refuse('SCIM_UNIQUENESS', { attribute: 'displayName', value: row.display_name, resource: 'group' });
}

/** Counts the edges and looks at the depth of new groups in the group. @throws ScimError SCIM_QUOTA */
async function settleMembers(
  parts: DirectoryParts,
  tx: Tx,
  row: GroupRow,
  membership: Membership,
  edges: number,
): Promise<void> {
  const { added, removed } = membership;
  await count(tx, parts.quotas, {
    connection: row.connection,
    what: 'edges',
    by: added.size - removed.size,
    before: edges,
  });
  const nested = added.values().some((kind) => kind === 'Group');
  if (nested) await requireNesting(tx, row.id, parts.quotas(row.connection).nesting);
}

/** `size` is how many members the group had before the transaction. */
function changeMembers(
  membership: Membership,
  change: Exclude<GroupChange, { op: 'attributes' }>,
  size: number,
): Promise<void> {
  const now = size + membership.added.size - membership.removed.size;
  switch (change.op) {
    case 'add-members':
      return membership.add(change.members);
    case 'remove-members':
      return membership.remove(change.values);
    case 'replace-members':
      return membership.replace(change.members, now);
    case 'clear-members':
      return membership.clear(now);
  }
}
