import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../../src/sync/explain.ts';
import { ghostsOf } from '../../../src/sync/ids/ghosts.ts';
import { entryRows } from '../rows.ts';
import { syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

test('an id that is only spelled otherwise than its grant: explained as there, no ghost, kept where its group is deleted', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  await world.change('ana', { userName: 'Ana' });
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  assert.deepEqual(
    (await entryRows(world)).map(({ sid, desired }) => [sid, desired]),
    [['ana', 1]],
  );
  const [configured] = world.config.controllers;
  const { grants } = await explain(world.context, configured!, world.idOf('ana'), {});
  assert.deepEqual(
    grants.map(({ role, effective }) => [role, effective]),
    [['pay-developer', true]],
  );
  assert.deepEqual(await ghostsOf(world.context, configured!, world.context.controller('ci')), []);
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), ['ana'], 'what follows from the deletion waits');
});
