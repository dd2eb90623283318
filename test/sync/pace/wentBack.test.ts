import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distribute } from '../../../src/sync/pace/distribute.ts';
import { Leaving } from '../../../src/sync/pace/urgency.ts';
import { Worker } from '../../../src/sync/worker.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

// A standby that had not heard of the last commits takes the place of the server, or a dump: numbers that were given are given again.
const goBack = (world: SyncWorld): Promise<unknown> =>
  world.store.write(({ db }) => db.updateTable('counters').set({ value: 0 }).where('name', '=', 'dirty').execute());

/** Milliseconds; the loop of a controller sleeps longer where it knows of nothing to do. */
const LONG = 20_000;

/** As another replica does, which tells nobody. */
const handOut = (world: SyncWorld): Promise<unknown> =>
  world.store.write((tx) => distribute(tx, world.context.facts, ['ci']));

test('whoever leaves after the database went back is found at once', async (t) => {
  const world = await syncWorld(t, { start: false });
  const leaving = new Leaving('ci');
  const look = () => world.store.read((db) => leaving.marks(db));
  await world.person('ana');
  await world.person('bo');
  await handOut(world);
  assert.deepEqual(await look(), []);
  await world.store.write(({ db }) => db.deleteFrom('pending').execute());
  await goBack(world);
  assert.deepEqual(await look(), []);
  await world.change('bo', { active: false });
  await handOut(world);
  assert.deepEqual(
    (await look()).map(({ id }) => id),
    [world.idOf('bo')],
  );
});

test('what another replica hands out after the database went back is on its way at once', async (t) => {
  const world = await syncWorld(t, { start: false });
  const { timers } = world.context;
  let sleeps = 0;
  const after: typeof timers.after = (milliseconds, run) => {
    sleeps = milliseconds;
    return timers.after(milliseconds, run);
  };
  const worker = new Worker({ ...world.context, timers: { ...timers, after } }, world.config.controllers[0]!);
  t.after(() => worker.stop());
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await handOut(world);
  worker.wake();
  await eventually(async () => {
    await worker.lookForMarks();
    return world.holders('pay-developer').includes('ana') && !(await waits(world)) && sleeps > LONG;
  });
  await worker.lookForMarks();
  await goBack(world);
  await world.drop('ci-pay-dev', 'ana');
  await handOut(world);
  await eventually(
    async () => {
      await worker.lookForMarks();
      return world.holders('pay-developer').length === 0;
    },
    'taken away',
    LONG / 2,
  );
});

async function waits(world: SyncWorld): Promise<boolean> {
  return (await world.store.read((db) => db.selectFrom('pending').select('seq').execute())).length > 0;
}
