import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, syncWorld } from './world.ts';

const marks = (world: Awaited<ReturnType<typeof syncWorld>>) =>
  world.store.read(async (db) => ({
    pending: await db.selectFrom('pending').selectAll().execute(),
    dirty: await db.selectFrom('dirty').selectAll().execute(),
  }));

test('a group that no rule is about is forgotten without looking at its members', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('company-news', ['ana']);
  await eventually(async () => {
    const { pending, dirty } = await marks(world);
    return pending.length + dirty.length === 0;
  });
  assert.equal(world.practice.look.roles('item').length, 0);
});

test('a group nested in one that a rule names is looked at', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('inner', ['ana']);
  await world.group('ci-pay-dev', ['inner']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
});

test('a renamed group that a rule is bound to is still looked at', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('ci-pay-dev', []);
  await eventually(async () => (await marks(world)).pending.length === 0);
  await world.rename('ci-pay-dev', 'somehow-else');
  await world.add('ci-pay-dev', 'ana');
  await eventually(() => world.holders('pay-developer').includes('ana'));
});
