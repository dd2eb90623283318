import { type RawBuilder, sql } from 'kysely';
import type { GroupRef } from '../scim/resource.ts';

/** A group that somebody is in; one that is both direct and above has two rows, the direct one first. */
export interface AboveRow {
  readonly user: string;
  readonly id: string;
  readonly display: string;
  readonly direct: number;
}

/** The groups of those whose ids a query finds, direct and through nested groups, by name for each. */
export function groupsAbove(ids: RawBuilder<unknown>): RawBuilder<AboveRow> {
  return sql<AboveRow>`
    WITH RECURSIVE above ("user", id, direct) AS (
      SELECT members.member_id, members.group_id, 1 FROM (${ids}) AS found JOIN members ON members.member_id = found.id
      UNION
      SELECT above."user", members.group_id, 0 FROM above JOIN members ON members.member_id = above.id
    )
    SELECT above."user" AS "user", groups.id AS id, groups.display_name AS display, above.direct AS direct
    FROM above JOIN groups ON groups.id = above.id
    ORDER BY groups.display_name_key, groups.id, above.direct DESC`;
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
