import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { refuse } from '../../../src/errors.ts';
import type { Store } from '../../../src/store/store.ts';
import { passThrough } from '../passThrough.ts';
import { eventually, POLICY, syncWorld } from '../world.ts';

const NO_CONTROLLER_BLAMED = 'a controller could not be worked on';
const TROUBLE = 'nothing is done on a controller without the database';

/** A database that can be made to fail, and what the controller was told to do meanwhile. */
function faulty() {
  const state = { reads: false, writes: false, effects: 0, onObserve: (): void => {} };
  const failed = () => Promise.reject(refuse('STORE_FAILED', { reason: 'the disk is full' }));
  return {
    state,
    store: (store: Store): Store => ({
      ...store,
      read: (work) => (state.reads ? failed() : store.read(work)),
      write: (work) => (state.writes ? failed() : store.write(work)),
    }),
    wrap(controller: Controller): Controller {
      return {
        ...passThrough(controller),
        async observe() {
          const observed = await controller.observe();
          state.onObserve();
          return observed;
        },
        apply(batch) {
          state.effects += 1;
          return controller.apply(batch);
        },
        cut(fence, orders) {
          state.effects += 1;
          return controller.cut(fence, orders);
        },
      };
    },
  };
}

test('an intent that cannot be stored is never sent; the controller is not blamed, and it goes on by itself', async (t) => {
  const fault = faulty();
  const world = await syncWorld(t, { start: false, store: fault.store, wrap: fault.wrap });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  fault.state.onObserve = () => {
    fault.state.writes = true;
  };
  world.start();
  const told = (message: string) => world.lines.filter((line) => line.message === message).length;
  await eventually(() => told(TROUBLE) > 0);
  assert.equal(fault.state.effects, 0);
  assert.deepEqual(world.holders('pay-developer'), []);
  fault.state.onObserve = () => {};
  fault.state.writes = false;
  await eventually(() => world.holders('pay-developer').includes('ana'));
  assert.equal(told(NO_CONTROLLER_BLAMED), 0);
  assert.equal(told(TROUBLE), 1);
});

test('a database that cannot be read is never taken for an empty one', async (t) => {
  const fault = faulty();
  const world = await syncWorld(t, { store: fault.store, wrap: fault.wrap });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  const before = fault.state.effects;
  fault.state.reads = true;
  const later = async (name: string): Promise<void> => {
    world.time.forward(20 * 60_000);
    // The clock was moved, not the timers: a push makes the service look at it.
    await world.person(name);
  };
  const told = () => world.lines.filter(({ message }) => message === TROUBLE).length;
  await later('somebody');
  await eventually(() => told() > 0);
  await later('somebody-else');
  await eventually(() => told() > 1);
  assert.equal(fault.state.effects, before);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  fault.state.reads = false;
  await world.person('ben');
  await world.add('ci-pay-dev', 'ben');
  await eventually(() => world.holders('pay-developer').includes('ben'));
  assert.deepEqual([...world.holders('pay-developer')].toSorted(), ['ana', 'ben']);
});

test('an edited policy that cannot be stored is not called broken, and is activated afterwards', async (t) => {
  const fault = faulty();
  const world = await syncWorld(t, { start: false, store: fault.store });
  const first = (await world.context.policy.current()).digest;
  world.setPolicy(POLICY.replace('max: 50', 'max: 49'));
  fault.state.writes = true;
  await assert.rejects(world.context.policy.current(), { code: 'STORE_FAILED' });
  fault.state.writes = false;
  world.time.forward(1_001);
  assert.notEqual((await world.context.policy.current()).digest, first);
  assert.equal(world.lines.filter(({ message }) => message.startsWith('the policy is broken')).length, 0);
});
