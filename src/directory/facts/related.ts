import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { MemberRef } from '../../scim/resource.ts';
import type { Tables } from '../../store/tables.ts';
import { idSet } from '../groups/idSet.ts';
import { bundles, type Populous } from './bundles.ts';

/** Members with their names that are read in one turn of the event loop, a few milliseconds. */
const A_TURN = 1_000;

/**
 * The direct members of some groups, by group, in the order of their ids. One statement for as many groups as have `A_TURN` members
 * together; the members of a larger group come in parts.
 */
export async function membersOf(
  db: Kysely<Tables>,
  groups: readonly Populous[],
  breathe: Breathe,
): Promise<Map<string, MemberRef[]>> {
  const found = new Map<string, MemberRef[]>(groups.map(({ id }) => [id, []]));
  for (const [at, { ids, large }] of bundles(groups, A_TURN).entries()) {
    if (at > 0) await breathe();
    if (large === undefined) {
      const { rows } = await sql<MemberRow>`${MEMBERS} WHERE members.group_id IN ${idSet(ids)} ${ORDER}`.execute(db);
      for (const row of rows) found.get(row.of)?.push(memberRef(row));
    } else found.set(large, await membersInParts(db, large, breathe));
  }
  return found;
}

async function membersInParts(db: Kysely<Tables>, group: string, breathe: Breathe): Promise<MemberRef[]> {
  const found: MemberRef[] = [];
  for (let after = ''; ; ) {
    const { rows } = await sql<MemberRow>`${MEMBERS}
      WHERE members.group_id = ${group} AND members.member_id > ${after} ${ORDER} LIMIT ${A_TURN}`.execute(db);
    for (const row of rows) found.push(memberRef(row));
    if (rows.length < A_TURN) return found;
    after = rows.at(-1)!.id;
    await breathe();
  }
}

interface MemberRow {
  readonly of: string;
  readonly id: string;
  readonly type: 'User' | 'Group';
  readonly display: string | null;
}

const MEMBERS = sql`SELECT members.group_id AS of, members.member_id AS id, members.kind AS type,
    coalesce(users.display_name, users.user_name, groups.display_name) AS display
  FROM members
  LEFT JOIN users ON users.id = members.member_id
  LEFT JOIN groups ON groups.id = members.member_id`;
const ORDER = sql`ORDER BY members.group_id, members.member_id`;

function memberRef({ id, type, display }: MemberRow): MemberRef {
  return display === null ? { value: id, type } : { value: id, type, display };
}
