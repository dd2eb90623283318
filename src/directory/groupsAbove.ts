import { type RawBuilder, sql } from 'kysely';
import type { GroupRef } from '../scim/resource.ts';
import { inTurn } from '../store/sql/lists.ts';

/** A group that somebody is in; one that is both direct and above has two rows, the direct one first. */
export interface AboveRow {
  readonly user: string;
  readonly id: string;
  readonly display: string;
  readonly direct: number;
}

/** Groups that are members: a small index of its own, in which most groups are not. */
export const UP = sql`members AS up ON up.kind = 'Group' AND up.member_id =`;

/** The groups of those whose ids a query finds, direct and through nested groups, by name for each. */
export function groupsAbove(ids: RawBuilder<unknown>): RawBuilder<AboveRow> {
  return sql<AboveRow>`
    WITH RECURSIVE own ("user", id) AS (
      SELECT members.member_id, members.group_id FROM (${ids}) AS found ${inTurn} members ON members.member_id = found.id
    ), above ("user", id) AS (
      SELECT own."user", up.group_id FROM own ${inTurn} ${UP} own.id
      UNION
      SELECT above."user", up.group_id FROM above JOIN ${UP} above.id
    )
    SELECT found."user" AS "user", groups.id AS id, groups.display_name AS display, found.direct AS direct FROM (
      SELECT "user", id, 1 AS direct FROM own
      UNION ALL
      SELECT "user", id, 0 FROM above
    ) AS found JOIN groups ON groups.id = found.id
    ORDER BY groups.display_name_key, groups.id, found.direct DESC`;
}

/** The groups of each. */
export function refsByUser(rows: readonly AboveRow[]): Map<string, GroupRef[]> {
  const found = new Map<string, Map<string, GroupRef>>();
  for (const { user, id, display, direct } of rows) {
    const groups = found.get(user) ?? new Map<string, GroupRef>();
    found.set(user, groups);
    if (!groups.has(id)) groups.set(id, { value: id, display, type: direct === 1 ? 'direct' : 'indirect' });
  }
  return new Map([...found].map(([user, groups]) => [user, [...groups.values()]]));
}
