import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { GroupFact, MembershipFact, PersonFact } from '../policy/facts.ts';
import type { Tables } from '../store/tables.ts';
import type { Tombstone } from './facts.ts';

interface EdgeRow {
  readonly member_id: string;
  readonly group_id: string;
  readonly since: string;
  readonly request: string | null;
  readonly credential: string | null;
}

/** Direct memberships by member, of the edges that `where` selects. */
export async function memberships(
  db: Kysely<Tables>,
  where: RawBuilder<unknown>,
): Promise<Map<string, MembershipFact[]>> {
  const { rows } = await sql<EdgeRow>`SELECT member_id, group_id, since, request, credential FROM members
    WHERE ${where} ORDER BY member_id, group_id`.execute(db);
  const found = new Map<string, MembershipFact[]>();
  for (const { member_id, group_id, since, request, credential } of rows) {
    const fact: { -readonly [K in keyof MembershipFact]: MembershipFact[K] } = { group: group_id, since };
    if (request !== null) fact.request = request;
    if (credential !== null) fact.credential = credential;
    const facts = found.get(member_id);
    if (facts === undefined) found.set(member_id, [fact]);
    else facts.push(fact);
  }
  return found;
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

/** The people that `where` selects, with their direct memberships. */
export async function people(
  db: Kysely<Tables>,
  where: RawBuilder<unknown>,
  groups: ReadonlyMap<string, readonly MembershipFact[]>,
): Promise<PersonFact[]> {
  const { rows } = await sql<PersonRow>`SELECT id, connection, user_name, external_id, display_name, email, active
    FROM users WHERE ${where} ORDER BY id`.execute(db);
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
    SELECT id, connection, display_name, external_id FROM groups WHERE ${where} ORDER BY id`.execute(db);
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
