import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../access/ports/store.ts';
import type { GroupRef, MemberRef } from '../scim/resource.ts';
import { prepared } from '../store/prepared.ts';
import type { Tables } from '../store/tables.ts';
import type { GroupRow } from './groupRow.ts';
import { idSet } from './idSet.ts';
import { PART } from './inParts.ts';

/** The groups of some users, direct and through nested groups, by user. One that is both is direct. */
export async function groupsOf(db: Kysely<Tables>, users: readonly string[]): Promise<Map<string, GroupRef[]>> {
  const found = new Map<string, GroupRef[]>(users.map((id) => [id, []]));
  if (users.length === 0) return found;
  const { rows } = await sql<{ user: string; id: string; display: string; direct: number }>`
    WITH RECURSIVE above ("user", id, direct) AS (
      SELECT member_id, group_id, 1 FROM members WHERE member_id IN ${idSet(users)}
      UNION
      SELECT above."user", members.group_id, 0 FROM above JOIN members ON members.member_id = above.id
    )
    SELECT above."user", groups.id, groups.display_name AS display, max(above.direct) AS direct
    FROM above JOIN groups ON groups.id = above.id
    GROUP BY above."user", groups.id ORDER BY groups.display_name_key, groups.id`.execute(db);
  for (const { user, id, display, direct } of rows)
    found.get(user)?.push({ value: id, display, type: direct === 1 ? 'direct' : 'indirect' });
  return found;
}

const aboveOne = prepared<{ user: string }, { id: string; display: string; direct: number }>(
  (value) => sql<{ id: string; display: string; direct: number }>`
    WITH RECURSIVE above (id, direct) AS (
      SELECT group_id, 1 FROM members WHERE member_id = ${value('user')}
      UNION
      SELECT members.group_id, 0 FROM above JOIN members ON members.member_id = above.id
    )
    SELECT groups.id, groups.display_name AS display, above.direct AS direct
    FROM above JOIN groups ON groups.id = above.id
    ORDER BY groups.display_name_key, groups.id, above.direct DESC`,
);

/** The groups of one user, as `groupsOf`. */
export async function groupsOfOne(db: Kysely<Tables>, user: string): Promise<GroupRef[]> {
  const { rows } = await aboveOne(db, { user });
  const once = rows.filter(({ id }, at) => id !== rows[at - 1]?.id);
  return once.map(({ id, display, direct }) => ({ value: id, display, type: direct === 1 ? 'direct' : 'indirect' }));
}

/** A group whose members are asked for, and how many it has. */
export type Populous = Pick<GroupRow, 'id' | 'member_count'>;

/**
 * The direct members of some groups, by group, in the order of their ids. One statement for as many groups as have `PART` members
 * together; the members of a larger group come in parts.
 */
export async function membersOf(
  db: Kysely<Tables>,
  groups: readonly Populous[],
  breathe: Breathe,
): Promise<Map<string, MemberRef[]>> {
  const found = new Map<string, MemberRef[]>(groups.map(({ id }) => [id, []]));
  let together: string[] = [];
  let members = 0;
  const read = async (): Promise<void> => {
    if (together.length === 0) return;
    const { rows } = await sql<MemberRow>`${MEMBERS} WHERE members.group_id IN ${idSet(together)} ${ORDER}`.execute(db);
    for (const row of rows) found.get(row.of)?.push(memberRef(row));
    together = [];
    members = 0;
  };
  for (const { id, member_count: size } of groups) {
    if (size > PART) found.set(id, await membersInParts(db, id, breathe));
    else {
      if (members + size > PART) {
        await read();
        await breathe();
      }
      together.push(id);
      members += size;
    }
  }
  await read();
  return found;
}

async function membersInParts(db: Kysely<Tables>, group: string, breathe: Breathe): Promise<MemberRef[]> {
  const found: MemberRef[] = [];
  for (let after = ''; ; ) {
    const { rows } = await sql<MemberRow>`${MEMBERS}
      WHERE members.group_id = ${group} AND members.member_id > ${after} ${ORDER} LIMIT ${PART}`.execute(db);
    for (const row of rows) found.push(memberRef(row));
    if (rows.length < PART) return found;
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
