import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter } from '../../src/scim/filter/parseFilter.ts';
import type { Query } from '../../src/scim/query.ts';
import type { Attributes, ResourceType } from '../../src/scim/resource.ts';
import { type Bench, ENTRA, openBench } from './open.ts';
import { explain, populous, weakSteps } from './plan.ts';

const asked = (type: ResourceType, filter: string, more: Partial<Query> = {}): Query => ({
  filter: parseFilter(filter, type, { filterLength: 4096, filterDepth: 32 }),
  sortOrder: 'ascending',
  startIndex: 1,
  count: 100,
  related: false,
  ...more,
});
const mail = (value: string, ...others: string[]): Attributes => ({
  emails: [value, ...others].map((one) => ({ value: one })),
});
const KEYS = [
  ['User', 'userName eq "ANA"'],
  ['User', 'externalId eq "x-ana"'],
  ['User', 'emails.value eq "Ana@corp.test"'],
  ['User', 'emails eq "ana@corp.test"'],
  ['Group', 'displayName eq "OPS"'],
  ['Group', 'externalId eq "x-ops"'],
] as const;

async function found(bench: Bench, type: ResourceType, query: Query) {
  const { users, groups } = bench.directory;
  const page = type === 'User' ? await users('okta', query) : await groups('okta', query);
  return { total: page.total, ids: page.resources.map(({ id }) => id) };
}

async function populated(t: Parameters<typeof openBench>[0]) {
  const bench = await openBench(t);
  const ana = await bench.user('ana', { externalId: 'x-ana', ...mail('ana@corp.test', 'ANA@corp.test') });
  const ops = await bench.group('Ops');
  await bench.directory.changeGroup({ connection: 'okta', credential: 'c', request: 'r' }, ops, [
    { op: 'attributes', change: (current) => ({ ...current, externalId: 'x-ops' }) },
  ]);
  await bench.user('ana', { externalId: 'x-ana', ...mail('ana@corp.test') }, ENTRA);
  await bench.group('Ops', [], ENTRA);
  return { bench, ana, ops };
}

test('a search for one key is one statement that an index answers, and stays in its connection', async (t) => {
  const { bench, ana, ops } = await populated(t);
  await populous(bench);
  for (const [type, filter] of KEYS) {
    bench.statements();
    assert.deepEqual(
      await found(bench, type, asked(type, filter)),
      { total: 1, ids: [type === 'User' ? ana : ops] },
      filter,
    );
    const statements = bench.statements();
    assert.equal(statements.length, 1, filter);
    assert.deepEqual(weakSteps(await explain(bench, statements[0]!)), [], filter);
  }
});

test('a search for one key finds nobody where nobody has it, whatever its type', async (t) => {
  const { bench } = await populated(t);
  for (const filter of ['userName eq "bo"', 'externalId eq "X-ANA"', 'emails.value eq ""'])
    assert.deepEqual(await found(bench, 'User', asked('User', filter)), { total: 0, ids: [] }, filter);
});

test('several with one key come in the order of their creation, and in pages', async (t) => {
  const bench = await openBench(t);
  const made: string[] = [];
  for (const name of ['c', 'a', 'd', 'b']) made.push(await bench.user(name, { externalId: 'same', ...mail('team@x') }));
  for (const filter of ['externalId eq "same"', 'emails.value eq "TEAM@x"']) {
    const page = (more: Partial<Query>) => found(bench, 'User', asked('User', filter, more));
    assert.deepEqual(await page({}), { total: 4, ids: made }, filter);
    assert.deepEqual(await page({ count: 4 }), { total: 4, ids: made }, filter);
    assert.deepEqual(await page({ count: 3 }), { total: 4, ids: made.slice(0, 3) }, filter);
    assert.deepEqual(await page({ count: 3, startIndex: 3 }), { total: 4, ids: made.slice(2) }, filter);
    assert.deepEqual(await page({ count: 0 }), { total: 4, ids: [] }, filter);
  }
});

test('one person found has the groups that a page of people shows', async (t) => {
  const bench = await openBench(t);
  const ana = await bench.user('ana');
  await bench.user('bo');
  const inner = await bench.group('inner', [ana]);
  const outer = await bench.group('Outer', [inner]);
  await bench.group('all', [outer, ana, inner]);
  const whole = await bench.directory.users('okta', asked('User', 'userName pr', { related: true }));
  const one = await bench.directory.users('okta', asked('User', 'userName eq "ana"', { related: true }));
  assert.deepEqual(one.resources[0], whole.resources[0]);
  assert.deepEqual(one.resources[0], await bench.directory.user('okta', ana, true));
  assert.deepEqual(
    one.resources[0]?.groups?.map(({ display, type }) => [display, type]),
    [
      ['all', 'direct'],
      ['inner', 'direct'],
      ['Outer', 'indirect'],
    ],
  );
});
