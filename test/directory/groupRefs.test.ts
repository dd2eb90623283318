import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import { groupsIn, groupsOf } from '../../src/directory/groups/groupRefs.ts';
import { userWithGroupsOf } from '../../src/directory/users/userStatements.ts';
import type { GroupRef } from '../../src/scim/resource.ts';
import { rowsOf, textRows } from '../../src/store/sql/lists.ts';
import type { Tables } from '../../src/store/tables.ts';
import { engine } from '../store/open.ts';
import { type Bench, crowd, ENTRA, OKTA, openBench } from './open.ts';
import { explain, populous, weakSteps } from './plan.ts';

/** The definition: everything that a walk over all edges finds. */
async function walked(db: Kysely<Tables>, users: readonly string[]): Promise<Map<string, GroupRef[]>> {
  const { rows } = await sql<{ user: string; id: string; display: string; direct: number }>`
    WITH RECURSIVE above ("user", id, direct) AS (
      SELECT member_id, group_id, 1 FROM members WHERE member_id IN (${textRows(users)})
      UNION
      SELECT above."user", members.group_id, 0 FROM above JOIN members ON members.member_id = above.id
    )
    SELECT above."user", groups.id, groups.display_name AS display, max(above.direct) AS direct
    FROM above JOIN groups ON groups.id = above.id
    GROUP BY above."user", groups.id ORDER BY groups.display_name_key, groups.id`.execute(db);
  const found = new Map<string, GroupRef[]>(users.map((id) => [id, []]));
  for (const { user, id, display, direct } of rows)
    found.get(user)!.push({ value: id, display, type: direct === 1 ? 'direct' : 'indirect' });
  return found;
}

async function ofOne(db: Kysely<Tables>, id: string): Promise<GroupRef[]> {
  const { rows } = await userWithGroupsOf(db, { id, connection: OKTA.connection });
  return groupsIn(rows[0]?.groups ?? null);
}

const PEOPLE = 8;
const GROUPS = 7;

/** Edges as numbers: people first, then groups; into groups. */
const graph = fc.record({
  people: fc.array(fc.tuple(fc.nat(PEOPLE - 1), fc.nat(GROUPS - 1)), { maxLength: 24 }),
  groups: fc.array(fc.tuple(fc.nat(GROUPS - 1), fc.nat(GROUPS - 1)), { maxLength: 10 }),
});

async function replaceEdges({ store }: Bench, edges: readonly (readonly [string, string, string])[]): Promise<void> {
  await store.write(async ({ db }) => {
    await db.deleteFrom('members').execute();
    await sql`INSERT INTO members (group_id, member_id, kind, since)
      SELECT "group", member, kind, '2026-01-01T00:00:00.000Z'
      FROM ${rowsOf({ group: 'text', member: 'text', kind: 'text' }, edges)} AS edges WHERE true
      ON CONFLICT (group_id, member_id) DO NOTHING`.execute(db);
  });
}

test('the groups of people are those a walk over all edges finds, cycles and other connections included', async (t) => {
  const bench = await openBench(t);
  const people = await crowd(bench, PEOPLE);
  const groups: string[] = [];
  for (let n = 0; n < GROUPS; n++) groups.push(await bench.group(`${n % 2 ? 'b' : 'A'}${n}`));
  await bench.group('beside', [], ENTRA);
  await fc.assert(
    fc.asyncProperty(graph, async (edges) => {
      await replaceEdges(bench, [
        ...edges.people.map(([member, group]) => [groups[group]!, people[member]!, 'User'] as const),
        ...edges.groups.map(([member, group]) => [groups[group]!, groups[member]!, 'Group'] as const),
      ]);
      const asked = [...people, 'nobody'];
      await bench.store.read(async (db) => {
        const expected = await walked(db, asked);
        assert.deepEqual(await groupsOf(db, asked), expected);
        for (const id of people) {
          assert.deepEqual(await ofOne(db, id), expected.get(id), id);
        }
      });
    }),
    { numRuns: 60 },
  );
});

test('groups are found for nobody, for everybody of a large page, and with any name', async (t) => {
  const bench = await openBench(t);
  const people = await crowd(bench, 1_000);
  const name = 'a,b "c" \0 \ue000 \u{1f600}';
  const odd = await bench.group(name, people.slice(0, 999));
  await bench.group('all', [odd]);
  await bench.store.read(async (db) => {
    assert.deepEqual(await groupsOf(db, []), new Map());
    assert.deepEqual(await groupsOf(db, people), await walked(db, people));
    assert.deepEqual(
      (await ofOne(db, people[998]!)).map(({ display, type }) => [display, type]),
      [
        [name, 'direct'],
        ['all', 'indirect'],
      ],
    );
  });
});

test('what is above groups is asked of the index of nested ones, whichever the page', async (t) => {
  const bench = await openBench(t);
  await populous(bench);
  bench.statements();
  await bench.store.read(async (db) => {
    await groupsOf(db, ['one', 'two']);
    await ofOne(db, 'one');
  });
  const statements = bench.statements().filter((text) => text.includes('RECURSIVE'));
  assert.equal(statements.length, 2);
  for (const statement of statements) {
    const plan = await explain(bench, statement);
    const steps = plan.join('\n');
    if (engine() === 'sqlite') {
      assert.equal(steps.match(/SEARCH up USING COVERING INDEX members_above \(member_id=\?\)/g)?.length, 2, steps);
      assert.doesNotMatch(steps, /SCAN up|AUTOMATIC/, steps);
      // Both hold nested ones alone; where there are none, a server of 17 takes the other one.
    } else assert.match(steps, /members_(above|nested)/, steps);
    assert.deepEqual(weakSteps(plan), [], steps);
  }
});
