import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createReserve } from '../../../src/store/reserve.ts';
import { SimulatedTime } from '../../sim/time.ts';
import { keepingLog, type Line } from '../world.ts';
import { E, ERROR, G, scimWorld, U } from './world.ts';

const GB = 1024 ** 3;

/** A service whose disk can be filled. */
async function onDisk(t: TestContext) {
  const state = { available: 50 * GB, total: 100 * GB };
  const time = new SimulatedTime();
  const lines: Line[] = [];
  const reserve = createReserve({
    disk: { space: () => ({ ...state }) },
    folder: '/data',
    config: { reserve: 0.1, reserveAtMost: 10 * GB },
    clock: time,
    log: keepingLog(lines),
  });
  const world = await scimWorld(t, {}, undefined, reserve.requireRoom);
  const okta = world.as('okta');
  return {
    ...world,
    okta,
    lines,
    async available(bytes: number): Promise<void> {
      state.available = bytes;
      await time.advance(1_000);
    },
  };
}

test('below the reserve creates and gains are 507 in SCIM form with a remedy, and pass again when there is room', async (t) => {
  const world = await onDisk(t);
  const { okta } = world;
  const ana = await okta.user('ana');
  const off = await okta.user('off', { active: false });
  const group = await okta.group('ci-pay-dev');
  await world.available(9.9 * GB);
  const add = [{ op: 'add', path: 'members', value: [{ value: ana }] }];
  const refused = {
    'a person': await okta.post('/Users', { schemas: [U], userName: 'ben', active: true }),
    'a group': await okta.post('/Groups', { schemas: [G], displayName: 'ci-ops-dev' }),
    'a member': await okta.patch(`/Groups/${group}`, add),
    'a reactivation': await okta.patch(`/Users/${off}`, [{ op: 'replace', path: 'active', value: true }]),
    'an attribute': await okta.patch(`/Users/${ana}`, [{ op: 'replace', path: 'title', value: 'x' }]),
    'a new name': await okta.patch(`/Groups/${group}`, [{ op: 'replace', path: 'displayName', value: 'other' }]),
  };
  for (const [what, answer] of Object.entries(refused)) {
    assert.deepEqual([what, answer.status, answer.headers['retry-after']], [what, 507, '60']);
    assert.deepEqual([answer.body.schemas, answer.body.status], [[ERROR], '507']);
    assert.match(answer.body.detail, /kept for deactivations.*disk\.reserve/s);
  }
  assert.deepEqual(await okta.members(group), []);
  assert.equal((await okta.post('/Users', { schemas: [U], userName: 'ANA' })).status, 409);
  await world.available(10 * GB);
  assert.equal((await okta.patch(`/Groups/${group}`, add)).status, 204);
});

test('below the reserve what takes access away is stored, and what changes nothing is answered', async (t) => {
  const world = await onDisk(t);
  const { okta } = world;
  const ana = await okta.user('ana', { [E]: { department: 'pay', division: 'x' }, title: 'boss' });
  const ben = await okta.user('ben');
  const cem = await okta.user('cem');
  const group = await okta.group('ci-pay-dev', [ana, ben, cem]);
  await world.available(0);
  const remove = [{ op: 'remove', path: `members[value eq "${ana}"]` }];
  assert.equal((await okta.patch(`/Groups/${group}`, remove)).status, 204);
  assert.equal((await okta.patch(`/Users/${ana}`, [{ op: 'remove', path: `${E}:department` }])).status, 200);
  const put = { schemas: [G], displayName: 'ci-pay-dev', members: [{ value: ben }] };
  assert.equal((await okta.put(`/Groups/${group}`, put)).status, 200);
  assert.equal((await okta.put(`/Groups/${group}`, put)).status, 200);
  // A PUT that deactivates passes whole, with whatever else it says.
  const leaver = { schemas: [U], userName: 'ben', title: 'former', active: false };
  assert.equal((await okta.put(`/Users/${ben}`, leaver)).body.active, false);
  assert.equal((await okta.delete(`/Users/${cem}`)).status, 204);
  assert.equal((await okta.delete(`/Groups/${group}`)).status, 204);
  assert.equal((await okta.get(`/Users/${ana}`)).body.title, 'boss');
});

test('a change of a group that takes members away and adds some is stored whole while half of the reserve is left, then refused whole', async (t) => {
  const world = await onDisk(t);
  const { okta } = world;
  const [ana, ben, cem] = [await okta.user('ana'), await okta.user('ben'), await okta.user('cem')];
  const group = await okta.group('ci-pay-dev', [ana, ben]);
  const put = (...ids: string[]) =>
    okta.put(`/Groups/${group}`, { schemas: [G], displayName: 'ci-pay-dev', members: ids.map((value) => ({ value })) });
  await world.available(5 * GB);
  // Only adds: it waits.
  assert.equal((await put(ana, ben, cem)).status, 507);
  assert.equal((await put(ben, cem)).status, 200);
  assert.deepEqual(await okta.members(group), [ben, cem].sort());
  const moved = [
    { op: 'remove', path: `members[value eq "${cem}"]` },
    { op: 'add', path: 'members', value: [{ value: ana }] },
  ];
  await world.available(5 * GB - 1);
  for (const refused of [await put(ana, ben), await okta.patch(`/Groups/${group}`, moved)]) {
    assert.deepEqual([refused.status, refused.headers['retry-after']], [507, '60']);
    assert.match(refused.body.detail, /the last 5120 MB are kept.*takes access away.*by itself/s);
  }
  assert.deepEqual(await okta.members(group), [ben, cem].sort());
  assert.equal((await put(ben)).status, 200);
  await world.available(5 * GB);
  assert.equal((await put(ana)).status, 200);
});

test('a nearly full disk is told once a minute, and when there is room again', async (t) => {
  const world = await onDisk(t);
  await world.available(1);
  for (let round = 0; round < 30; round++) {
    await world.okta.post('/Users', { schemas: [U], userName: `u${round}` });
    await world.available(1);
  }
  await world.available(50 * GB);
  await world.available(50 * GB);
  await world.okta.user('zoe');
  assert.deepEqual(
    world.lines.map(({ level, message }) => `${level} ${message}`),
    ['error the disk is nearly full: only what takes access away is stored', 'info the disk has room again'],
  );
});
