import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { GroupFact, MembershipFact, PersonFact } from '../../policy/facts.ts';
import { jsonRows } from '../../store/sql/json.ts';
import { textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { idSet } from '../groups/idSet.ts';
import { PART } from '../inParts.ts';
import { bundles, type Populous } from './bundles.ts';
import type { Tombstone } from './facts.ts';

type Edge = readonly [other: string, since: string, request: string | null, credential: string | null];

function fact(group: string, since: string, request: string | null, credential: string | null): MembershipFact {
  const made: { -readonly [K in keyof MembershipFact]: MembershipFact[K] } = { group, since };
  if (request !== null) made.request = request;
  if (credential !== null) made.credential = credential;
  return made;
}

/** Gives equal texts as one: many edges came with one request, and each text of a row is a copy of its own. */
function onceEach(): <T extends string | null>(text: T) => T {
  const known = new Map<string, string>();
  return <T extends string | null>(text: T): T => {
    if (text === null) return text;
    const found = known.get(text);
    if (found !== undefined) return found as T;
    known.set(text, text);
    return text;
  };
}

interface EdgesRow {
  readonly group_id: string;
  readonly edges: string;
}

/** Direct memberships in some groups, by member, in parts. One row a group: a third of the time of one an edge. */
export async function membershipsIn(
  db: Kysely<Tables>,
  groups: readonly Populous[],
  breathe: Breathe,
): Promise<Map<string, MembershipFact[]>> {
  const found = new Map<string, MembershipFact[]>();
  const same = onceEach();
  const take = (rows: readonly EdgesRow[]): number => {
    let read = 0;
    for (const { group_id, edges } of rows)
      for (const [id, since, request, credential] of JSON.parse(edges) as Edge[]) {
        const made = fact(group_id, same(since), same(request), same(credential));
        const facts = found.get(id);
        if (facts === undefined) found.set(id, [made]);
        else facts.push(made);
        read += 1;
      }
    return read;
  };
  const picked = jsonRows('member_id', 'since', 'request', 'credential');
  for (const { ids, large } of bundles(groups, PART)) {
    if (large === undefined) {
      const { rows } = await sql<EdgesRow>`SELECT group_id, ${picked} AS edges FROM members
        WHERE group_id IN ${idSet(ids)} GROUP BY group_id ORDER BY group_id`.execute(db);
      take(rows);
      await breathe();
      continue;
    }
    for (let after: string | null = ''; after !== null; ) {
      const { rows }: { rows: (EdgesRow & { last: string })[] } = await sql<EdgesRow & { last: string }>`
        SELECT group_id, ${picked} AS edges, max(member_id) AS last FROM (
          SELECT group_id, member_id, since, request, credential FROM members
          WHERE group_id = ${large} AND member_id > ${after} ORDER BY member_id LIMIT ${PART}
        ) AS part GROUP BY group_id`.execute(db);
      after = take(rows) < PART ? null : rows[0]!.last;
      await breathe();
    }
  }
  return found;
}

/** What groups are in, by group. */
export async function nesting(db: Kysely<Tables>): Promise<Map<string, MembershipFact[]>> {
  return byMember(db, sql`SELECT id FROM groups`);
}

/** Direct memberships of some users or groups, by member. */
export async function membershipsOf(
  db: Kysely<Tables>,
  members: Iterable<string>,
): Promise<Map<string, MembershipFact[]>> {
  return byMember(db, textRows(members));
}

async function byMember(db: Kysely<Tables>, members: RawBuilder<unknown>): Promise<Map<string, MembershipFact[]>> {
  const { rows } = await sql<{ member_id: string; edges: string }>`
    SELECT member_id, ${jsonRows('group_id', 'since', 'request', 'credential')} AS edges FROM members
    WHERE member_id IN (${members}) GROUP BY member_id`.execute(db);
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

/** People who are read in one turn of the event loop: a request needs several turns, and waits for as many parts. */
const PEOPLE = 1_000;

/** Everybody, in parts, with their direct memberships. */
export async function allPeople(
  db: Kysely<Tables>,
  groups: ReadonlyMap<string, readonly MembershipFact[]>,
  breathe: Breathe,
): Promise<PersonFact[]> {
  const found: PersonFact[] = [];
  for (let after = ''; ; ) {
    const part = await people(db, sql`id > ${after} ORDER BY id LIMIT ${PEOPLE}`, groups);
    for (const person of part) found.push(person);
    if (part.length < PEOPLE) return found;
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

type GroupRows = readonly Pick<
  Tables['groups'],
  'id' | 'connection' | 'display_name' | 'external_id' | 'member_count'
>[];

/** The groups that `where` selects. */
export async function groupRows(db: Kysely<Tables>, where: RawBuilder<unknown>): Promise<GroupRows> {
  const { rows } = await sql<GroupRows[number]>`
    SELECT id, connection, display_name, external_id, member_count FROM groups WHERE ${where}`.execute(db);
  return rows;
}

/** Groups with the groups above them. */
export function groupFacts(
  rows: GroupRows,
  parents: ReadonlyMap<string, readonly MembershipFact[]>,
): Map<string, GroupFact> {
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
