import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd } from '../../directory/open.ts';
import { scimWorld } from './world.ts';

const BURST = { requestsPerSecond: 1, burst: 24 } as const;

test('searches that look through everybody are charged by that, also those that come in one burst', async (t) => {
  const world = await scimWorld(t, {}, undefined, undefined, () => BURST);
  await crowd(world, 3_000);
  const [okta, entra] = [world.as('okta'), world.as('entra')];
  world.statements();
  const answers = await Promise.all(Array.from({ length: 10 }, () => okta.get('/Users?filter=title eq "x"&count=1')));
  const statuses = answers.map(({ status }) => status);
  // Ten requests and twelve for the first search leave two; what the second one costs is owed.
  assert.deepEqual(statuses.filter((status) => status === 200).length, 2);
  assert.deepEqual(statuses.filter((status) => status === 429).length, 8);
  const refused = answers.find(({ status }) => status === 429)!;
  assert.equal(refused.body.scimType, undefined);
  assert.ok(Number(refused.headers['retry-after']) >= 10);
  const scans = world.statements().filter((statement) => /FROM "?users"? WHERE .*"document"/s.test(statement));
  assert.equal(scans.length, 2);
  assert.equal((await entra.get('/Users?filter=title eq "x"')).status, 200);
  assert.match(await world.metrics(), /jenkins_scim_limited_total\{connection="okta"\} 8/);
});

test('a search is charged for each of its comparisons', async (t) => {
  const world = await scimWorld(t, {}, undefined, undefined, () => BURST);
  await crowd(world, 1_000);
  const okta = world.as('okta');
  const asked = Array.from({ length: 7 }, (_, n) => `title eq "${n}"`).join(' or ');
  const search = () => okta.get(`/Users?count=1&filter=${encodeURIComponent(asked)}`);
  assert.deepEqual([(await search()).status, (await search()).status], [200, 429]);
});

for (const [what, counter, filter, more] of [
  ['people', 'users:okta', 'title eq "x"', 'nickName eq "x"'],
  ['memberships', 'edges:okta', 'groups.display co "x"', 'groups.type eq "direct"'],
] as const)
  test(`a search that compares too many values is refused before it is begun: ${what}`, async (t) => {
    const world = await scimWorld(t);
    const okta = world.as('okta');
    await okta.user('ana');
    const ask = (text: string) => okta.get(`/Users?filter=${encodeURIComponent(text)}`);
    const has = (value: number) =>
      world.store.write(({ db }) =>
        db
          .insertInto('counters')
          .values({ name: counter, value })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
          .execute(),
      );
    await has(4_000_000);
    assert.equal((await ask(`${filter} or ${more}`)).status, 200);
    await has(6_000_000);
    const refused = await ask(`${filter} or ${more}`);
    assert.deepEqual([refused.status, refused.body.scimType], [400, 'tooMany']);
    assert.match(refused.body.detail, /compares 1\d{7} values/);
    await has(60_000_000);
    // One is always answered, and what an index narrows down.
    assert.equal((await ask(filter)).status, 200);
    assert.equal((await ask(`userName eq "ana" and (${filter} or ${more})`)).status, 200);
  });

test('pages of a list are read in turns and charged by what they hold, also those that come in one burst', async (t) => {
  const world = await scimWorld(t, {}, undefined, undefined, () => BURST);
  await crowd(world, 3_000);
  const okta = world.as('okta');
  for (const path of ['/Users?count=1000', '/Users?count=1000&cursor=', '/?count=1000']) {
    await world.time.advance(60_000);
    world.statements();
    const answers = Array.from({ length: 10 }, () => okta.get(path));
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    assert.ok(statuses.filter((status) => status === 200).length <= 4, `${path}: ${statuses}`);
    assert.ok(
      statuses.every((status) => status === 200 || status === 429),
      `${path}: ${statuses}`,
    );
    const pages = world.statements().filter((statement) => /LIMIT/.test(statement) && /"?users"?/.test(statement));
    assert.ok(pages.length <= 5, `${path}: ${pages.length} pages were read`);
  }
  await world.time.advance(60_000);
  for (let n = 0; n < 20; n++) assert.equal((await okta.get('/Users?count=10')).status, 200, String(n));
});

test('a group is read with its members in turns and charged by their number; without them it costs one request', async (t) => {
  const world = await scimWorld(t, {}, undefined, undefined, () => BURST);
  const ids = await crowd(world, 3_000);
  const okta = world.as('okta');
  const group = await okta.group('everybody', ids);
  for (const path of [`/Groups/${group}`, '/Groups?count=1']) {
    await world.time.advance(60_000);
    const answers = await Promise.all(Array.from({ length: 10 }, () => okta.get(path)));
    const read = answers.filter(({ status }) => status === 200);
    assert.deepEqual([read.length, answers.filter(({ status }) => status === 429).length], [2, 8], path);
    assert.ok(read.every(({ text }) => text.includes(ids[2_999]!)));
  }
  await world.time.advance(60_000);
  for (let n = 0; n < 20; n++)
    assert.equal((await okta.get(`/Groups/${group}?excludedAttributes=members`)).status, 200, String(n));
});

for (const [what, change] of Object.entries({
  PATCH: (n: number) => ({
    value: [{ op: 'replace', path: 'displayName', value: `g${n}` }],
    query: '?attributes=members',
  }),
  PUT: (n: number) => ({ value: { displayName: `g${n}` }, query: '' }),
}))
  test(`the members that a ${what} answers with are charged by their number, and no change that was made is refused`, async (t) => {
    const world = await scimWorld(t, {}, undefined, undefined, () => BURST);
    const ids = await crowd(world, 3_000);
    const okta = world.as('okta');
    const group = await okta.group('everybody', ids);
    await world.time.advance(60_000);
    const answers = await Promise.all(
      Array.from({ length: 3 }, (_, n) => {
        const { value, query } = change(n);
        const path = `/Groups/${group}${query}`;
        return what === 'PUT' ? okta.put(path, value) : okta.patch(path, value as never);
      }),
    );
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.members.length]),
      Array.from({ length: 3 }, () => [200, 3_000]),
    );
    assert.equal((await okta.get(`/Groups/${group}?attributes=id`)).status, 429);
    await world.time.advance(60_000);
    assert.equal((await okta.get(`/Groups/${group}?attributes=id`)).status, 200);
  });

test('what an index answers costs one request', async (t) => {
  const world = await scimWorld(t, {}, undefined, undefined, () => BURST);
  await crowd(world, 3_000);
  const okta = world.as('okta');
  for (let n = 0; n < 20; n++)
    assert.equal((await okta.get(`/Users?filter=userName eq "crowd${n}"`)).status, 200, String(n));
});
