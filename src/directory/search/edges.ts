import { sql } from 'kysely';
import type { AttributePath } from '../../scim/filter/filter.ts';
import type { ResourceType } from '../../scim/resource.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import { type Condition, type Expression, isCore } from './home.ts';

/** Rows of `groups` (of users, nested ones included) or `members` (of groups) of the resource at hand: value, type, display. */
const GROUPS_OF_USER = sql`(
  WITH RECURSIVE above (id, direct) AS (
    SELECT members.group_id, 1 FROM members WHERE members.member_id = users.id
    UNION
    SELECT members.group_id, 0 FROM above JOIN members ON members.member_id = above.id
  )
  SELECT parent.id AS value, CASE max(above.direct) WHEN 1 THEN 'direct' ELSE 'indirect' END AS type,
    parent.display_name AS display
  FROM above JOIN groups AS parent ON parent.id = above.id GROUP BY parent.id)`;

const MEMBERS_OF_GROUP = sql`(
  SELECT members.member_id AS value, members.kind AS type,
    coalesce(person.display_name, person.user_name, nested.display_name) AS display
  FROM members LEFT JOIN users AS person ON person.id = members.member_id
  LEFT JOIN groups AS nested ON nested.id = members.member_id
  WHERE members.group_id = groups.id)`;

/** Whether the attribute is kept as edges, not in the document. */
export function isEdges(type: ResourceType, path: AttributePath): boolean {
  return isCore(path) && path.attribute === (type === 'User' ? 'groups' : 'members');
}

/**
 * Some edge of the resource fulfils the condition on its columns `edge.value`, `edge.type`, `edge.display`. Where the type does not
 * matter, the groups are found first and their people from there.
 */
export function someEdge(type: ResourceType, condition: Condition, typed: boolean): Condition {
  if (type === 'Group') return sql`EXISTS (SELECT 1 FROM ${MEMBERS_OF_GROUP} AS edge WHERE ${condition})`;
  if (typed) return sql`EXISTS (SELECT 1 FROM ${GROUPS_OF_USER} AS edge WHERE ${condition})`;
  return below(
    sql`SELECT edge.value FROM (SELECT id AS value, display_name AS display FROM groups) AS edge WHERE ${condition}`,
  );
}

/** The value of a sub-attribute of an edge. */
export function edgeValue(sub: string | undefined): Expression {
  switch (sub ?? 'value') {
    case 'value':
      return sql.ref('edge.value');
    case 'type':
      return sql.ref('edge.type');
    case 'display':
      return sql.ref('edge.display');
    default:
      return sql`NULL`;
  }
}

/** The resources that have an edge to one given id, by index. */
export function withEdgeTo(type: ResourceType, id: string): Condition {
  return type === 'Group'
    ? among(sql.ref('groups.id'), sql`SELECT group_id FROM members WHERE member_id = ${id}`)
    : below(textRows([id]));
}

/** The users in some groups and in the groups nested in them. */
function below(groups: Expression): Condition {
  return among(
    sql.ref('users.id'),
    sql`WITH RECURSIVE below (id) AS (
      ${groups}
      UNION
      SELECT members.member_id FROM below JOIN members ON members.group_id = below.id AND members.kind = 'Group'
    )
    SELECT member_id FROM members WHERE group_id IN (SELECT id FROM below)`,
  );
}
