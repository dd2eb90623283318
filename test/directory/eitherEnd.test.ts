import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { parseSortBy } from '../../src/scim/filter/parseFilter.ts';
import type { Place, Query } from '../../src/scim/query.ts';
import { type Bench, ENTRA, openBench } from './open.ts';

const query = (more: Partial<Query> = {}): Query => ({
  sortOrder: 'ascending',
  startIndex: 1,
  count: 100,
  related: false,
  ...more,
});
const orders: readonly Partial<Query>[] = [
  {},
  { sortBy: parseSortBy('userName', 'User')!, sortOrder: 'ascending' },
  { sortBy: parseSortBy('userName', 'User')!, sortOrder: 'descending' },
  { sortBy: parseSortBy('meta.lastModified', 'User')!, sortOrder: 'descending' },
];
const LONG = 'x'.repeat(230);

/** Names that differ behind the characters a cursor remembers, too, made in no order of theirs. */
async function people(bench: Bench): Promise<void> {
  for (const name of ['m', `${LONG}c`, 'B', 'z', `${LONG}a`, 'k', `${LONG}b`, 'a', 'y\u{10000}'])
    await bench.user(name);
  await bench.user('other', {}, ENTRA);
}

async function names(bench: Bench, asked: Query): Promise<string[]> {
  const { resources } = await bench.directory.users('okta', asked);
  return resources.map(({ attributes }) => String(attributes.userName));
}

test('a page is the same part of the list whichever end it is counted from', async (t) => {
  const bench = await openBench(t);
  await people(bench);
  for (const order of orders) {
    const all = await names(bench, query(order));
    assert.equal(all.length, 9);
    for (let start = 1; start <= 11; start++)
      for (const count of [1, 2, 4, 9, 20]) {
        const found = await names(bench, query({ ...order, startIndex: start, count }));
        assert.deepEqual(found, all.slice(start - 1, start - 1 + count), JSON.stringify({ order, start, count }));
      }
  }
});

test('pages by cursor sorted by name cover everybody once, long names and people who go included', async (t) => {
  for (const sortOrder of ['ascending', 'descending'] as const)
    for (const gone of [false, true]) {
      const bench = await openBench(t);
      await people(bench);
      const order = { sortBy: parseSortBy('userName', 'User')!, sortOrder };
      const all = await names(bench, query(order));
      const seen: string[] = [];
      let after: Place | undefined;
      for (;;) {
        const cursor = { counted: false, ...(after === undefined ? {} : { after }) };
        const page = await bench.directory.users('okta', query({ ...order, count: 1, cursor }));
        seen.push(...page.resources.map(({ attributes }) => String(attributes.userName)));
        after = page.places!.at(-1)!;
        const last = page.resources.at(-1)!;
        if (gone && !String(last.attributes.userName).startsWith(LONG))
          await bench.directory.deleteUser({ connection: 'okta', credential: 'c', request: 'r' }, last.id);
        if (page.more !== true) break;
      }
      assert.deepEqual(seen, all);
    }
});

test('the last page sorted by name, by index and by cursor, is read from an index without sorting the list', async (t) => {
  const bench = await openBench(t);
  await people(bench);
  const order = { sortBy: parseSortBy('userName', 'User')!, sortOrder: 'ascending' as const };
  const [first] = (await bench.directory.users('okta', query({ ...order, count: 1, cursor: { counted: false } })))
    .places!;
  for (const more of [
    { startIndex: 8, count: 2 },
    { count: 2, cursor: { counted: false, after: first! } },
  ]) {
    bench.statements();
    await bench.directory.users('okta', query({ ...order, ...more }));
    const plan = await explained(bench, bench.statements().at(-1)!);
    const list = plan.findIndex((line) => line.includes('users_name'));
    assert.notEqual(list, -1, plan.join('\n'));
    assert.ok(!plan.some((line) => line.startsWith('SCAN users')), plan.join('\n'));
    assert.ok(!plan.slice(0, list + 1).some((line) => line.includes('TEMP B-TREE')), plan.join('\n'));
  }
});

async function explained({ store }: Bench, statement: string): Promise<string[]> {
  const { rows } = await store.read((db) =>
    sql<{ detail: string }>`EXPLAIN QUERY PLAN ${sql.raw(statement.replaceAll('?', "'1'"))}`.execute(db),
  );
  return rows.map(({ detail }) => detail);
}
