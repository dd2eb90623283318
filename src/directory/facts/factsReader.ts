import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { PersonFact } from '../../policy/facts.ts';
import { textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { clear, dirty } from '../dirtyMarks.ts';
import { idSet } from '../groups/idSet.ts';
import { inParts, PART } from '../inParts.ts';
import { bundles, type Populous } from './bundles.ts';
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

const ALL = sql`true`;

/** People that are read together: each comes with all memberships, ten and more, some 3 ms for all of them. */
export const PEOPLE = 50;

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
  const users = [...new Set([...marked('user'), ...(await peopleBelow(db, groups, breathe))])];
  const found: PersonFact[] = [];
  const gone: Tombstone[] = [];
  const direct = new Set(groups);
  const readPart = async (part: readonly string[]): Promise<void> => {
    const edges = await membershipsOf(db, part);
    for (const facts of edges.values()) for (const { group } of facts) direct.add(group);
    for (const person of await people(db, sql`id IN ${idSet(part)}`, edges)) found.push(person);
    gone.push(...(await tombstones(db, sql`id IN ${idSet(part)}`)));
  };
  // Whoever asks has done something in this turn already.
  if (users.length > PEOPLE) await breathe();
  await inParts(users, breathe, readPart, PEOPLE);
  const above = await groupsAbove(db, [...direct]);
  const parents = await membershipsOf(db, above);
  return {
    people: found,
    groups: groupFacts(await groupRows(db, sql`id IN ${idSet(above)}`), parents),
    tombstones: users.length > PEOPLE ? gone.sort(byDeletion) : gone,
  };
};

/** The order of their query, over several of its answers. */
function byDeletion(a: Tombstone, b: Tombstone): number {
  if (a.deletedAt !== b.deletedAt) return a.deletedAt < b.deletedAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/** Everybody in these groups and in the groups nested in them: one statement for some thousand, more come in parts. */
async function peopleBelow(db: Kysely<Tables>, groups: readonly string[], breathe: Breathe): Promise<string[]> {
  if (groups.length === 0) return [];
  const below = sql`WITH RECURSIVE below (id) AS (
      ${textRows(groups)}
      UNION
      SELECT members.member_id FROM below JOIN members ON members.group_id = below.id AND members.kind = 'Group'
    )`;
  const { rows } = await sql<{ id: string }>`${below} SELECT DISTINCT member_id AS id FROM members
    WHERE group_id IN (SELECT id FROM below) AND kind = 'User' LIMIT ${PART + 1}`.execute(db);
  if (rows.length <= PART) return rows.map((row) => row.id);
  const found = new Set<string>();
  const all =
    await sql<Populous>`${below} SELECT id, member_count FROM groups WHERE id IN (SELECT id FROM below)`.execute(db);
  const take = (rows: readonly { readonly id: string }[]): void => {
    for (const { id } of rows) found.add(id);
  };
  for (const { ids, large } of bundles(all.rows, PART)) {
    if (large === undefined) {
      const { rows: some } = await sql<{ id: string }>`SELECT member_id AS id FROM members
        WHERE group_id IN ${idSet(ids)} AND kind = 'User'`.execute(db);
      take(some);
      await breathe();
      continue;
    }
    for (let after: string | undefined = ''; after !== undefined; ) {
      const { rows: part }: { rows: { id: string }[] } = await sql<{ id: string }>`SELECT member_id AS id FROM members
        WHERE group_id = ${large} AND member_id > ${after} AND kind = 'User' ORDER BY member_id LIMIT ${PART}`.execute(
        db,
      );
      take(part);
      after = part.length === PART ? part.at(-1)!.id : undefined;
      await breathe();
    }
  }
  return [...found];
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
