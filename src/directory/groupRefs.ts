import { type Kysely, sql } from 'kysely';
import type { GroupRef } from '../scim/resource.ts';
import { prepared } from '../store/prepared.ts';
import { apart, inTurn, listed } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';
import { UP } from './groupsAbove.ts';

interface Found {
  readonly id: string;
  readonly display: string;
  readonly direct: number;
}

/** A group and the places in the list of people of those who are in it, with commas between. */
interface Shared extends Found {
  readonly places: string;
}

/**
 * Groups with the people who are in them, so that a group of many is one row. What is above a group is looked for once for each
 * group, not for each of its members; where there is something, people are told apart again.
 */
const ofMany = prepared<{ people: string }, Shared>(
  (value) => sql<Shared>`
    WITH RECURSIVE own (id, places) AS (
      SELECT members.group_id, string_agg(CAST(asked.key AS TEXT), ',')
      FROM ${listed(value('people'))} AS asked ${inTurn} members ON members.member_id = asked.value
      GROUP BY members.group_id
    ), above (place, id) AS (
      SELECT CAST(place.value AS TEXT), up.group_id
      FROM own ${inTurn} ${UP} own.id ${inTurn} ${apart(sql`own.places`)} AS place ON true
      UNION
      SELECT above.place, up.group_id FROM above JOIN ${UP} above.id
    )
    SELECT groups.id, groups.display_name AS display, found.direct, found.places FROM (
      SELECT id, 1 AS direct, places FROM own
      UNION ALL
      SELECT id, 0, string_agg(place, ',') FROM above GROUP BY id
    ) AS found JOIN groups ON groups.id = found.id
    ORDER BY groups.display_name_key, groups.id, found.direct DESC`,
);

const ofOne = prepared<{ user: string }, Found>(
  (value) => sql<Found>`
    WITH RECURSIVE above (id) AS (
      SELECT up.group_id FROM members JOIN ${UP} members.group_id WHERE members.member_id = ${value('user')}
      UNION
      SELECT up.group_id FROM above JOIN ${UP} above.id
    )
    SELECT groups.id, groups.display_name AS display, found.direct FROM (
      SELECT group_id AS id, 1 AS direct FROM members WHERE member_id = ${value('user')}
      UNION ALL
      SELECT id, 0 FROM above
    ) AS found JOIN groups ON groups.id = found.id
    ORDER BY groups.display_name_key, groups.id, found.direct DESC`,
);

/** The groups of some users, direct and through nested groups, by user. One that is both is direct. */
export async function groupsOf(db: Kysely<Tables>, users: readonly string[]): Promise<Map<string, GroupRef[]>> {
  const lists: GroupRef[][] = users.map(() => []);
  const { rows } = users.length === 0 ? { rows: [] } : await ofMany(db, { people: JSON.stringify(users) });
  for (const row of rows) {
    const ref = groupRef(row);
    for (const place of row.places.split(',')) {
      const list = lists[Number(place)]!;
      if (list.at(-1)?.value !== ref.value) list.push(ref);
    }
  }
  return new Map(users.map((id, place) => [id, lists[place]!]));
}

/** The groups of one user, as `groupsOf`. */
export async function groupsOfOne(db: Kysely<Tables>, user: string): Promise<GroupRef[]> {
  const { rows } = await ofOne(db, { user });
  const found: GroupRef[] = [];
  for (const row of rows) if (found.at(-1)?.value !== row.id) found.push(groupRef(row));
  return found;
}

function groupRef({ id, display, direct }: Found): GroupRef {
  return { value: id, display, type: direct === 1 ? 'direct' : 'indirect' };
}
