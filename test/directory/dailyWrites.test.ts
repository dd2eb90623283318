import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { DailyWrites } from '../../src/directory/quotas/dailyWrites.ts';
import { DEFAULT_QUOTAS } from '../../src/directory/quotas/quotas.ts';
import { usageOf } from '../../src/directory/quotas/usage.ts';
import { SimulatedTime, seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';
import { ENTRA, OKTA, refs } from './open.ts';
import { replaceUser } from './replace.ts';

async function world(t: Parameters<typeof openTestStore>[0], writesPerDay: number) {
  const time = new SimulatedTime(Date.parse('2026-11-24T23:59:00.000Z'));
  const store = await openTestStore(t);
  const daily = new DailyWrites(time);
  const quotas = () => ({ ...DEFAULT_QUOTAS, writesPerDay });
  const parts = { store, clock: time, random: seededRandom(), recorder: { record: async () => {} }, wake: () => {} };
  return { time, store, daily, quotas, parts, directory: createDirectory({ ...parts, quotas, daily }) };
}

const active = (userName: string) => ({ userName, active: true });

test('a connection makes so many changes a day, then 429 with the seconds that are left; another one goes on', async (t) => {
  const { directory } = await world(t, 2);
  await directory.createUser(OKTA, active('a'));
  await directory.createUser(OKTA, active('b'));
  await assert.rejects(directory.createUser(OKTA, active('c')), {
    code: 'SCIM_DAILY',
    status: 429,
    details: { limit: 2, seconds: 60 },
  });
  await directory.createUser(ENTRA, active('c'));
});

test('a new day begins at midnight UTC', async (t) => {
  const { directory, time } = await world(t, 1);
  await directory.createUser(OKTA, active('a'));
  await assert.rejects(directory.createUser(OKTA, active('b')), { code: 'SCIM_DAILY' });
  await time.advance(60_000);
  await directory.createUser(OKTA, active('b'));
  await assert.rejects(directory.createUser(OKTA, active('c')), { code: 'SCIM_DAILY' });
});

test('what only takes away goes on: deactivation, deletion, removal of members', async (t) => {
  const { directory } = await world(t, 3);
  const a = await directory.createUser(OKTA, active('a'));
  const b = await directory.createUser(OKTA, active('b'));
  const group = await directory.createGroup(OKTA, { displayName: 'g' }, refs([a.id, b.id]));
  const full = { code: 'SCIM_DAILY' };
  await replaceUser(directory, OKTA, a.id, { userName: 'a', active: false }, undefined);
  await assert.rejects(replaceUser(directory, OKTA, a.id, active('a'), undefined), full, 'a reactivation is a gain');
  await directory.changeGroup(OKTA, group.id, [{ op: 'remove-members', values: [a.id] }], undefined);
  await assert.rejects(
    directory.changeGroup(OKTA, group.id, [{ op: 'add-members', members: refs([a.id]) }], undefined),
    full,
  );
  await directory.deleteUser(OKTA, b.id, undefined);
  await directory.deleteGroup(OKTA, group.id, undefined);
});

test('who leaves may be changed otherwise, too; who is active, or left before, may not', async (t) => {
  const { directory } = await world(t, 3);
  const { id } = await directory.createUser(OKTA, active('a'));
  const { id: gone } = await directory.createUser(OKTA, { userName: 'b', active: false });
  const group = await directory.createGroup(OKTA, { displayName: 'g', externalId: 'x' }, []);
  const full = { code: 'SCIM_DAILY' };
  const title = (of: string, isActive: boolean) =>
    replaceUser(directory, OKTA, of, { userName: of === id ? 'a' : 'b', active: isActive, title: 't' }, undefined);
  await assert.rejects(title(id, true), full);
  await assert.rejects(title(gone, false), full);
  await assert.rejects(title(gone, true), full);
  await title(id, false);
  const change = (next: Record<string, unknown>) =>
    directory.changeGroup(OKTA, group.id, [{ op: 'attributes', change: () => next }], undefined);
  await assert.rejects(change({ displayName: 'other', externalId: 'x' }), full);
  await assert.rejects(change({ displayName: 'g', externalId: 'y' }), full);
  await change({ displayName: 'g' });
});

test('a change that changes nothing is none', async (t) => {
  const { directory, daily } = await world(t, 2);
  const { id } = await directory.createUser(OKTA, active('a'));
  for (let again = 0; again < 5; again++) await replaceUser(directory, OKTA, id, active('a'), undefined);
  assert.equal(daily.used('okta'), 1);
});

test('a process that starts knows the changes of today from the journal, and those of other processes', async (t) => {
  const { directory, parts, time, store, quotas } = await world(t, 100);
  for (let n = 0; n < 7; n++) await directory.createUser(OKTA, active(`yesterday-${n}`));
  await time.advance(60_000);
  for (let n = 0; n < 5; n++) await directory.createUser(OKTA, active(`today-${n}`));
  const daily = new DailyWrites(time);
  await daily.read(store);
  assert.equal(daily.used('okta'), 5);
  const second = createDirectory({ ...parts, quotas, daily });
  await second.createUser(OKTA, active('own'));
  await directory.createUser(OKTA, active('of another process'));
  await daily.read(store);
  assert.equal(daily.used('okta'), 7, 'own changes are not counted twice');
  await daily.read(store);
  assert.equal(daily.used('okta'), 7);
});

test('usage has what is there and what may be there, by connection', async (t) => {
  const { directory, store, daily, quotas } = await world(t, 100);
  const { id } = await directory.createUser(OKTA, active('a'));
  await directory.createGroup(OKTA, { displayName: 'g' }, refs([id]));
  const usage = await usageOf(store, daily, ['okta', 'entra'], quotas);
  assert.deepEqual(
    usage.filter(({ connection }) => connection === 'okta').map(({ what, used, limit }) => [what, used, limit]),
    [
      ['users', 1, 200_000],
      ['groups', 1, 50_000],
      ['memberships', 1, 5_000_000],
      ['writesPerDay', 2, 100],
    ],
  );
  assert.ok(usage.filter(({ connection }) => connection === 'entra').every(({ used }) => used === 0));
});

test('where the journal went back, to a dump or an older standby, it is counted anew', async (t) => {
  const { directory, daily, store } = await world(t, 4);
  for (const name of ['a', 'b', 'c']) await directory.createUser(OKTA, active(name));
  await daily.read(store);
  await store.write(({ db }) => db.deleteFrom('journal').where('seq', '>', 1).execute());
  await daily.read(store);
  assert.equal(daily.used(OKTA.connection), 1);
  await directory.createUser(OKTA, active('d'));
  await daily.read(store);
  assert.equal(daily.used(OKTA.connection), 2);
});
