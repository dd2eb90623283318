import { type Kysely, sql } from 'kysely';
import { textRows } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';
import { clear, dirty } from './dirtyMarks.ts';
import { allMemberships, allPeople, groupFacts, membershipsOf, people, tombstones } from './factRows.ts';
import type { DirtyMark, FactsReader } from './facts.ts';
import { idSet } from './idSet.ts';

const ALL = sql`true`;

/** Reads what policy judges. Each call is a few statements for some thousand people and memberships; more come in parts. */
export function createFactsReader(): FactsReader {
  return { everyone, some, dirty, clear };
}

const everyone: FactsReader['everyone'] = async (db, breathe) => {
  const edges = await allMemberships(db, breathe);
  return {
    people: await allPeople(db, edges, breathe),
    groups: await groupFacts(db, ALL, edges),
    tombstones: await tombstones(db, ALL),
  };
};

const some: FactsReader['some'] = async (db, marks) => {
  const marked = (kind: DirtyMark['kind']): string[] => marks.filter((m) => m.kind === kind).map((m) => m.id);
  const groups = marked('group');
  const users = [...new Set([...marked('user'), ...(await peopleBelow(db, groups))])];
  const edges = await membershipsOf(db, users);
  const direct = new Set([...edges.values()].flat().map((fact) => fact.group));
  const above = await groupsAbove(db, [...direct, ...groups]);
  const parents = await membershipsOf(db, above);
  return {
    people: await people(db, sql`id IN ${idSet(users)}`, edges),
    groups: await groupFacts(db, sql`id IN ${idSet(above)}`, parents),
    tombstones: await tombstones(db, sql`id IN ${idSet(users)}`),
  };
};

/** Everybody in these groups and in the groups nested in them. */
async function peopleBelow(db: Kysely<Tables>, groups: readonly string[]): Promise<string[]> {
  if (groups.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    WITH RECURSIVE below (id) AS (
      ${textRows(groups)}
      UNION
      SELECT members.member_id FROM below JOIN members ON members.group_id = below.id AND members.kind = 'Group'
    )
    SELECT DISTINCT member_id AS id FROM members WHERE group_id IN (SELECT id FROM below) AND kind = 'User'`.execute(
    db,
  );
  return rows.map((row) => row.id);
}

/** These groups and all that they are in. */
async function groupsAbove(db: Kysely<Tables>, groups: readonly string[]): Promise<string[]> {
  if (groups.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    WITH RECURSIVE above (id) AS (
      ${textRows(groups)}
      UNION
      SELECT members.group_id FROM above JOIN members ON members.member_id = above.id
    )
    SELECT id FROM above`.execute(db);
  return rows.map((row) => row.id);
}
