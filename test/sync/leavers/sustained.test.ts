import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../../src/errors.ts';
import { passThrough } from '../passThrough.ts';
import { eventually, later, syncWorld } from '../world.ts';

/** Reads of the database in one turn of the event loop, past which a worker is stopped: it would go round for ever. */
const SPINNING = 2_000;

test('while pushes keep coming, the look that is due each minute is made, and the worker waits for its window in between', async (t) => {
  let reads = 0;
  let most = 0;
  let looks = 0;
  const world = await syncWorld(t, {
    store: (store) => ({
      ...store,
      read: async (work) => {
        if (reads === 0)
          setImmediate(() => {
            reads = 0;
          });
        reads += 1;
        most = Math.max(most, reads);
        if (reads > SPINNING) throw refuse('STORE_FAILED', { reason: 'read without end' });
        return store.read(work);
      },
    }),
    wrap: (controller) => ({
      ...passThrough(controller),
      fingerprint() {
        looks += 1;
        return controller.fingerprint();
      },
    }),
  });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await later(world, 57_000);
  const before = looks;
  for (let step = 0; step < 120; step++) {
    await world.change('ana', { title: `step ${step}` });
    await later(world, 50);
  }
  assert.ok(most < SPINNING / 4, `${most} reads in one turn`);
  await eventually(() => looks > before, 'a look');
});
