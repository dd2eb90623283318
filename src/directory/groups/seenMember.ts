import { type Kysely, sql } from 'kysely';
import { instant } from '../../access/ports/clock.ts';
import type { GroupChange } from '../../scim/groupChange.ts';
import type { GroupResource } from '../../scim/resource.ts';
import { prepared } from '../../store/prepared.ts';
import type { Tx } from '../../store/store.ts';
import type { Tables } from '../../store/tables.ts';
import { atOnce } from '../atOnce.ts';
import type { Caller, Changed } from '../directory.ts';
import { add, requireQuota } from '../quotas/quotas.ts';
import { type DirectoryParts, leaveTrace, requireLeave } from '../trace.ts';
import { Outdated } from '../users/seen.ts';
import { membersChanged } from './groupEvents.ts';
import { GROUP_COLUMNS, type GroupRow, groupResource } from './groupRow.ts';
import { groupOf } from './groupStatements.ts';
import { addEdge, takeEdge } from './membership.ts';

/** A change of a group that is about one member and nothing else. */
interface OneMember {
  readonly op: 'add-members' | 'remove-members';
  readonly id: string;
}

/** The group of such a change, as read before the write; the person is, or is not, in it as the change needs it. */
interface SeenMember extends OneMember {
  readonly row: GroupRow;
}

/** What the changes of a group come to, where that is one person who comes or goes. */
export function oneMember(changes: readonly GroupChange[]): OneMember | undefined {
  const [only, ...others] = changes;
  if (others.length > 0) return undefined;
  if (only?.op === 'add-members' && only.members.length === 1) {
    const { value: id, type = 'User' } = only.members[0]!;
    return type === 'User' ? { op: only.op, id } : undefined;
  }
  if (only?.op === 'remove-members' && only.values.length === 1) return { op: only.op, id: only.values[0]! };
  return undefined;
}

const standingOf = prepared<
  { group: string; id: string; connection: string },
  { person: number | null; edge: string | null }
>(
  (value) => sql`SELECT
    (SELECT 1 FROM users WHERE id = ${value('id')} AND connection = ${value('connection')}) AS person,
    (SELECT kind FROM members WHERE group_id = ${value('group')} AND member_id = ${value('id')}) AS edge`,
);

/** Looks whether the change adds somebody who is there and no member, or removes a person who is one; asked for at once. */
export async function seeMember(
  db: Kysely<Tables>,
  connection: string,
  group: string,
  { op, id }: OneMember,
): Promise<SeenMember | undefined> {
  const [groups, standings] = await atOnce(
    groupOf(db, { id: group, connection }),
    standingOf(db, { group, id, connection }),
  );
  const [[row], [standing]] = [groups.rows, standings.rows];
  const fits = op === 'add-members' ? standing?.person === 1 && standing.edge === null : standing?.edge === 'User';
  return row === undefined || !fits ? undefined : { op, id, row };
}

/** One more version of a group that has its name still, with so many more members. */
const moveOn = prepared<Pick<GroupRow, 'id' | 'display_name' | 'modified_at'> & { by: number }, GroupRow>((value, db) =>
  db
    .updateTable('groups')
    .set((e) => ({
      modified_at: value('modified_at'),
      version: e('version', '+', 1),
      member_count: e('member_count', '+', value('by')),
    }))
    .where('id', '=', value('id'))
    .where('display_name', '=', value('display_name'))
    .returning(GROUP_COLUMNS),
);

/**
 * What `changeGroup` does for a change that was looked at before, without waiting for an answer: the group is counted on from whatever
 * version it has by then, and the write stands only where the member came or went and the group is called the same.
 * @throws ScimError SCIM_QUOTA, STORE_RESERVE
 */
export async function changeMember(
  parts: DirectoryParts,
  tx: Tx,
  caller: Caller,
  { op, id, row }: SeenMember,
): Promise<Changed<GroupResource>> {
  const { connection, request, credential } = caller;
  const at = instant(parts.clock);
  const comes = op === 'add-members';
  const by = comes ? 1 : -1;
  const group = row.id;
  const edges = comes
    ? addEdge(tx.db, { group, at, connection, request, credential, id })
    : takeEdge(tx.db, { group, id });
  // It is filled in when the check is over, before anybody is answered.
  const resource = groupResource(row);
  const moved = async (): Promise<void> => {
    const [edge, own] = await atOnce(
      edges,
      moveOn(tx.db, { id: group, display_name: row.display_name, modified_at: at, by }),
    );
    if (edge.rows[0]?.kind !== 'User' || own.rows[0] === undefined) throw new Outdated('it changed since it was read');
    Object.assign(resource, groupResource(own.rows[0]));
  };
  await tx.given(atOnce(moved(), requireQuota(tx, parts.quotas, { connection, what: 'edges', by })));
  if (comes) requireLeave(parts, caller, at);
  await add(tx, connection, 'edges', by);
  const [came, went] = comes ? [[id], []] : [[], [id]];
  await leaveTrace(parts, tx, caller, {
    at,
    subject: { kind: 'group', id: group },
    journal: { kind: 'group.members', detail: { attributes: [], added: came.length, removed: went.length } },
    touched: { users: [id] },
    events: membersChanged(row.display_name, came, went, false),
  });
  return { resource, changed: true };
}
