import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Controller } from '../../src/access/ports/controller.ts';
import { eventually, syncWorld } from './world.ts';

/** The controller with something done in the midst of the first cut, and with cuts counted. */
function watched(
  controller: Controller,
  state: { cuts: number; once?: (() => Promise<void>) | undefined },
): Controller {
  return {
    ...controller,
    async cut(...args) {
      state.cuts++;
      const once = state.once;
      delete state.once;
      await once?.();
      return controller.cut(...args);
    },
  };
}

test('whoever waited for an id gets it, and who left meanwhile is cut, though each would cut the pass of the other short', async (t) => {
  const state: { cuts: number; once?: () => Promise<void> } = { cuts: 0 };
  const world = await syncWorld(t, { start: false, wrap: (controller) => watched(controller, state) });
  for (const name of ['ana', 'cy', 'dee', 'eve']) await world.person(name);
  await world.group('ci-users', ['ana', 'cy', 'dee']);
  await world.order({ kind: 'sync' });
  await world.change('ana', { active: false });
  await world.change('ana', { userName: 'left' });
  await world.change('cy', { userName: 'ana' });
  await world.add('ci-users', 'eve');
  state.once = () => world.change('dee', { active: false });
  world.start();
  await eventually(() => world.holders('browser').toSorted().join() === 'ana,eve', 'cy is ana, and eve has it', 10_000);
  await eventually(async () => (await world.certificate('dee')).complete);
  assert.ok(state.cuts <= 6, `${state.cuts} cuts`);
});
