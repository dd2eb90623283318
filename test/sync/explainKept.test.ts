import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../src/sync/explain.ts';
import { eventually, POLICY, syncWorld } from './world.ts';

test('explain does not announce what a rule gives nobody anew because a group that unless names is missing', async (t) => {
  const policy = POLICY.replace('grant: developer\n', 'grant: developer\n    unless: { group: contractors }\n');
  const world = await syncWorld(t, { policy });
  const explained = (name: string) => explain(world.context, world.config.controllers[0]!, world.idOf(name), {});
  await world.person('ana');
  await world.person('bo');
  await world.group('contractors');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await world.deleteGroup('contractors');
  await world.add('ci-pay-dev', 'bo');
  await world.order({ kind: 'sync' });
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  const [ana, bo] = [await explained('ana'), await explained('bo')];
  assert.deepEqual(
    ana.grants.map(({ role, effective, reasons }) => [role, effective, reasons.map(({ rule }) => rule)]),
    [['pay-developer', true, ['developers']]],
    'what stands is kept, and explained',
  );
  assert.deepEqual(bo.grants, [], 'nothing is on its way');
  assert.match(
    bo.whyNot.find(({ rule }) => rule === 'developers')!.missing,
    /the group "contractors" that unless names/,
  );
});
