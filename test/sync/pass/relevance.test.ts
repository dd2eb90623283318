import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

/** Until nothing is marked any more: neither handed out nor waiting to be. */
const settled = (world: SyncWorld): Promise<void> =>
  eventually(async () => {
    const [pending, dirty] = await world.store.read(async (db) => [
      await db.selectFrom('pending').selectAll().execute(),
      await db.selectFrom('dirty').selectAll().execute(),
    ]);
    return pending!.length + dirty!.length === 0;
  });

test('a group that no rule is about is forgotten without looking at its members', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('company-news', ['ana']);
  await settled(world);
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
  await settled(world);
  await world.rename('ci-pay-dev', 'somehow-else');
  await world.add('ci-pay-dev', 'ana');
  await eventually(() => world.holders('pay-developer').includes('ana'));
});
