import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { handOutWord } from '../../../src/sync/leavers/declared.ts';
import { distribute, donePending, newestPending, pendingOf } from '../../../src/sync/pace/distribute.ts';
import { Leaving, leavingMarks, unknownMarks } from '../../../src/sync/pace/urgency.ts';
import { syncWorld } from '../world.ts';

async function waiting(t: TestContext) {
  const world = await syncWorld(t, { start: false });
  const leaving = new Leaving('ci');
  const handOut = () => world.store.write((tx) => distribute(tx, world.context.facts, ['ci']));
  return {
    world,
    handOut,
    /** Names of those whom a look finds. */
    async look(): Promise<string[]> {
      await handOut();
      const marks = await world.store.read((db) => leaving.marks(db));
      const all = ['ana', 'bo', 'cleo', 'dan'].filter((name) => marks.some(({ id }) => id === world.idOf(name)));
      assert.equal(all.length, marks.length);
      return all;
    },
  };
}

test('whoever leaves is found in the midst of those who come, and only once dealt with no more', async (t) => {
  const { world, look } = await waiting(t);
  for (const name of ['ana', 'bo', 'cleo']) await world.person(name);
  assert.deepEqual(await look(), []);
  await world.change('ana', { active: false });
  await world.person('dan');
  assert.deepEqual(await look(), ['ana']);
  assert.deepEqual(await look(), ['ana'], 'still there');
  await world.remove('bo');
  assert.deepEqual(await look(), ['ana', 'bo']);
  const ana = (await world.store.read((db) => leavingMarks(db, 'ci'))).filter(({ id }) => id === world.idOf('ana'));
  await world.store.write(({ db }) => donePending(db, 'ci', ana));
  assert.deepEqual(await look(), ['bo']);
});

test('a mark that was looked at is not looked at again, but for those that share the last seq', async (t) => {
  const { world, look, handOut } = await waiting(t);
  for (const name of ['ana', 'bo']) await world.person(name);
  await look();
  // Nobody leaves like this: it shows which rows a look still reads.
  await world.store.write(({ db }) =>
    db.updateTable('users').set({ active: 0 }).where('id', '=', world.idOf('ana')).execute(),
  );
  assert.deepEqual(await look(), []);
  await world.store.write(async ({ db }) => {
    const { seq } = await db
      .selectFrom('pending')
      .select('seq')
      .where('id', '=', world.idOf('bo'))
      .executeTakeFirstOrThrow();
    await db.updateTable('pending').set({ seq }).where('id', '=', world.idOf('ana')).execute();
  });
  assert.deepEqual(await look(), ['ana']);
  await handOut();
});

test('whoever leaves is found though an operator said so of somebody else before their mark was handed out', async (t) => {
  const { world, look, handOut } = await waiting(t);
  for (const name of ['ana', 'bo']) await world.person(name);
  await handOut();
  await world.store.write(async ({ db }) => donePending(db, 'ci', await pendingOf(db, 'ci', 10)));
  await world.change('bo', { active: false });
  const at = new Date(world.context.clock.now()).toISOString();
  await world.store.write(async (tx) => {
    const person = world.idOf('ana');
    await tx.db.insertInto('ordered_leavers').values({ person, at }).execute();
    await handOutWord(tx, ['ci'], person, at);
  });
  const leaving = new Leaving('ci');
  const found = async () => (await world.store.read((db) => leaving.marks(db))).map(({ id }) => id);
  const before = await world.store.read((db) => newestPending(db, 'ci'));
  assert.deepEqual(await found(), [world.idOf('ana')]);
  await handOut();
  assert.deepEqual((await found()).toSorted(), [world.idOf('ana'), world.idOf('bo')].toSorted());
  const after = await world.store.read((db) => newestPending(db, 'ci'));
  assert.ok(after.newest > before.all, 'another process notices it, too');
  assert.equal(after.all, after.newest);
  assert.deepEqual(await look(), ['ana', 'bo']);
});

test('what is known is not told again', async (t) => {
  const { world, handOut } = await waiting(t);
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.change('ana', { active: false });
  await handOut();
  const known = await world.store.read((db) => pendingOf(db, 'ci', 10));
  await world.change('ana', { displayName: 'Ana' });
  await world.change('bo', { active: false });
  await handOut();
  const marks = await world.store.read((db) => leavingMarks(db, 'ci'));
  assert.deepEqual(
    new Set(unknownMarks(marks, known).map(({ id }) => id)),
    new Set([world.idOf('ana'), world.idOf('bo')]),
  );
  assert.deepEqual(unknownMarks(marks, marks), []);
});
