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
