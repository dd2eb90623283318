import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { GroupRef } from '../../scim/resource.ts';
import { prepared } from '../../store/prepared.ts';
import { orderedJsonRows, readJsonRows } from '../../store/sql/json.ts';
import { apart, inTurn, listed } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';

/** Groups that are members: a small index of its own, in which most groups are not. */
const UP = sql`members AS up ON up.kind = 'Group' AND up.member_id =`;

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
    ORDER BY ${ORDER}`,
);

/** By name; what is both direct and above is direct first. */
const ORDER = sql`groups.display_name_key, groups.id, found.direct DESC`;

/** The groups of a row of `users` as one more column of it, to be read with `groupsIn`: a person is one statement and one row. */
export const GROUPS: RawBuilder<string | null> = sql`(
    WITH RECURSIVE above (id) AS (
      SELECT up.group_id FROM members JOIN ${UP} members.group_id WHERE members.member_id = users.id
      UNION
      SELECT up.group_id FROM above JOIN ${UP} above.id
    )
    SELECT ${orderedJsonRows(['groups.id', 'groups.display_name', 'found.direct'], ORDER)} FROM (
      SELECT group_id AS id, 1 AS direct FROM members WHERE member_id = users.id
      UNION ALL
      SELECT id, 0 FROM above
    ) AS found JOIN groups ON groups.id = found.id
  )`;

/** What the column `GROUPS` says. */
export function groupsIn(text: string | null): GroupRef[] {
  const found: GroupRef[] = [];
  for (const [id, display, direct] of readJsonRows<[string, string, number]>(text))
    if (found.at(-1)?.value !== id) found.push(groupRef({ id, display, direct }));
  return found;
}

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

function groupRef({ id, display, direct }: Found): GroupRef {
  return { value: id, display, type: direct === 1 ? 'direct' : 'indirect' };
}
