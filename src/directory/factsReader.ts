import { type Kysely, sql } from 'kysely';
import type { PersonFact } from '../policy/facts.ts';
import { textRows } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';
import { clear, dirty } from './dirtyMarks.ts';
import {
  allPeople,
  groupFacts,
  groupRows,
  membershipsIn,
  membershipsOf,
  nesting,
  people,
  tombstones,
} from './factRows.ts';
import type { DirtyMark, FactsReader, Tombstone } from './facts.ts';
import { idSet } from './idSet.ts';
import { inParts, PART } from './inParts.ts';

const ALL = sql`true`;

/** Reads what policy judges. Each call is a few statements for some thousand people and memberships; more come in parts. */
export function createFactsReader(): FactsReader {
  return { everyone, some, below: peopleBelow, dirty, clear };
}

const everyone: FactsReader['everyone'] = async (db, breathe, counting) => {
  const rows = await groupRows(db, ALL);
  const groups = groupFacts(rows, await nesting(db));
  const asked = counting?.(groups);
  const wanted = asked === undefined ? rows : rows.filter(({ id }) => asked.has(id));
  const edges = await membershipsIn(db, wanted, breathe);
  return {
    people: await allPeople(db, edges, breathe),
    groups,
    tombstones: await tombstones(db, ALL),
  };
};

const some: FactsReader['some'] = async (db, marks, breathe) => {
  const marked = (kind: DirtyMark['kind']): string[] => marks.filter((m) => m.kind === kind).map((m) => m.id);
  const groups = marked('group');
  const users = [...new Set([...marked('user'), ...(await peopleBelow(db, groups))])];
  const found: PersonFact[] = [];
  const gone: Tombstone[] = [];
  const direct = new Set(groups);
  await inParts(users, breathe, async (part) => {
    const edges = await membershipsOf(db, part);
    for (const facts of edges.values()) for (const { group } of facts) direct.add(group);
    for (const person of await people(db, sql`id IN ${idSet(part)}`, edges)) found.push(person);
    gone.push(...(await tombstones(db, sql`id IN ${idSet(part)}`)));
  });
  const above = await groupsAbove(db, [...direct]);
  const parents = await membershipsOf(db, above);
  return {
    people: found,
    groups: groupFacts(await groupRows(db, sql`id IN ${idSet(above)}`), parents),
    tombstones: users.length > PART ? gone.sort(byDeletion) : gone,
  };
};

/** The order of their query, over several of its answers. */
function byDeletion(a: Tombstone, b: Tombstone): number {
  if (a.deletedAt !== b.deletedAt) return a.deletedAt < b.deletedAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

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
