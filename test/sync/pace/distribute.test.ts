import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distribute, donePending, pendingOf } from '../../../src/sync/pace/distribute.ts';
import { syncWorld } from '../world.ts';

test('people who left are looked at before everybody else where not all are; otherwise the oldest mark first', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo', 'cleo', 'dan']) await world.person(name);
  await world.change('dan', { active: false });
  await world.remove('cleo');
  await world.store.write((tx) => distribute(tx, world.context.facts, ['ci', 'cd']));
  const pending = await world.store.read((db) => pendingOf(db, 'ci', 2));
  assert.deepEqual(new Set(pending.map(({ id }) => id)), new Set([world.idOf('cleo'), world.idOf('dan')]));
  const all = await world.store.read((db) => pendingOf(db, 'ci', 10));
  assert.deepEqual(
    all.map(({ id }) => id),
    ['ana', 'bo', 'dan', 'cleo'].map(world.idOf),
  );
});

test('each controller has marks of its own; one that was renewed while it was worked on stays', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.person('bo');
  await world.store.write((tx) => distribute(tx, world.context.facts, ['ci', 'cd']));
  const done = await world.store.read((db) => pendingOf(db, 'ci', 10));
  await world.change('ana', { displayName: 'Ana' });
  await world.store.write((tx) => distribute(tx, world.context.facts, ['ci', 'cd']));
  await world.store.write(({ db }) => donePending(db, 'ci', done));
  const left = await world.store.read((db) => pendingOf(db, 'ci', 10));
  assert.deepEqual(
    left.map(({ id }) => id),
    [world.idOf('ana')],
  );
  assert.equal((await world.store.read((db) => pendingOf(db, 'cd', 10))).length, 2);
});
