import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Breathe } from '../access/ports/store.ts';
import type { GroupFact, MembershipFact, PersonFact } from '../policy/facts.ts';
import { jsonRows } from '../store/sql/json.ts';
import type { Tables } from '../store/tables.ts';
import type { Tombstone } from './facts.ts';
import { idSet } from './idSet.ts';
import { PART } from './inParts.ts';

type Edge = readonly [other: string, since: string, request: string | null, credential: string | null];

function fact(group: string, since: string, request: string | null, credential: string | null): MembershipFact {
  const made: { -readonly [K in keyof MembershipFact]: MembershipFact[K] } = { group, since };
  if (request !== null) made.request = request;
  if (credential !== null) made.credential = credential;
  return made;
}

/** All direct memberships, by member, in parts. One row a group: a third of the time of one an edge. */
export async function allMemberships(db: Kysely<Tables>, breathe: Breathe): Promise<Map<string, MembershipFact[]>> {
  const found = new Map<string, MembershipFact[]>();
  for (let [group, member] = ['', '']; ; ) {
    const { rows } = await sql<{ group_id: string; edges: string; last: string }>`
      SELECT group_id, ${jsonRows('member_id', 'since', 'request', 'credential')} AS edges, max(member_id) AS last FROM (
        SELECT group_id, member_id, since, request, credential FROM members
        WHERE (group_id, member_id) > (${group}, ${member}) ORDER BY group_id, member_id LIMIT ${PART}
      ) AS part GROUP BY group_id ORDER BY group_id`.execute(db);
    let read = 0;
    for (const { group_id, edges } of rows)
      for (const [id, since, request, credential] of JSON.parse(edges) as Edge[]) {
        const facts = found.get(id);
        if (facts === undefined) found.set(id, [fact(group_id, since, request, credential)]);
        else facts.push(fact(group_id, since, request, credential));
        read += 1;
      }
    if (read < PART) return found;
    const end = rows.at(-1)!;
    [group, member] = [end.group_id, end.last];
    await breathe();
  }
}

/** Direct memberships of some users or groups, by member. */
export async function membershipsOf(
  db: Kysely<Tables>,
  members: Iterable<string>,
): Promise<Map<string, MembershipFact[]>> {
  const { rows } = await sql<{ member_id: string; edges: string }>`
    SELECT member_id, ${jsonRows('group_id', 'since', 'request', 'credential')} AS edges FROM members
    WHERE member_id IN ${idSet(members)} GROUP BY member_id`.execute(db);
  return new Map(
    rows.map(({ member_id, edges }) => [
      member_id,
      (JSON.parse(edges) as Edge[]).sort(([a], [b]) => (a < b ? -1 : 1)).map((edge) => fact(...edge)),
    ]),
  );
}

interface PersonRow {
  readonly id: string;
  readonly connection: string;
  readonly user_name: string;
  readonly external_id: string | null;
  readonly display_name: string | null;
  readonly email: string | null;
  readonly active: number;
}

const NO_GROUPS: readonly MembershipFact[] = Object.freeze([]);

/** Everybody, in parts, with their direct memberships. */
export async function allPeople(
  db: Kysely<Tables>,
  groups: ReadonlyMap<string, readonly MembershipFact[]>,
  breathe: Breathe,
): Promise<PersonFact[]> {
  const found: PersonFact[] = [];
  for (let after = ''; ; ) {
    const part = await people(db, sql`id > ${after} ORDER BY id LIMIT ${PART}`, groups);
    for (const person of part) found.push(person);
    if (part.length < PART) return found;
    after = part.at(-1)!.id;
    await breathe();
  }
}

/** The people that `where` selects, with their direct memberships. */
export async function people(
  db: Kysely<Tables>,
  where: RawBuilder<unknown>,
  groups: ReadonlyMap<string, readonly MembershipFact[]>,
): Promise<PersonFact[]> {
  const { rows } = await sql<PersonRow>`SELECT id, connection, user_name, external_id, display_name, email, active
    FROM users WHERE ${where}`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    connection: row.connection,
    userName: row.user_name,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    ...(row.display_name === null ? {} : { displayName: row.display_name }),
    ...(row.email === null ? {} : { email: row.email }),
    active: row.active === 1,
    groups: groups.get(row.id) ?? NO_GROUPS,
  }));
}

/** The groups that `where` selects, with the groups above them. */
export async function groupFacts(
  db: Kysely<Tables>,
  where: RawBuilder<unknown>,
  parents: ReadonlyMap<string, readonly MembershipFact[]>,
): Promise<Map<string, GroupFact>> {
  const { rows } = await sql<Pick<Tables['groups'], 'id' | 'connection' | 'display_name' | 'external_id'>>`
    SELECT id, connection, display_name, external_id FROM groups WHERE ${where}`.execute(db);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        connection: row.connection,
        displayName: row.display_name,
        ...(row.external_id === null ? {} : { externalId: row.external_id }),
        parents: parents.get(row.id) ?? NO_GROUPS,
      },
    ]),
  );
}

/** People who were deleted, of the rows that `where` selects. */
export async function tombstones(db: Kysely<Tables>, where: RawBuilder<unknown>): Promise<Tombstone[]> {
  const { rows } = await sql<Tables['tombstones']>`SELECT * FROM tombstones WHERE kind = 'user' AND ${where}
    ORDER BY deleted_at, id`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    connection: row.connection,
    userName: row.name,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    ...(row.email === null ? {} : { email: row.email }),
    deletedAt: row.deleted_at,
    ...(row.request === null ? {} : { request: row.request }),
    ...(row.credential === null ? {} : { credential: row.credential }),
  }));
}
