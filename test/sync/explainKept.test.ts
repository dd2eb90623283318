import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { explain } from '../../src/sync/explain.ts';
import { adopt } from '../../src/sync/orders/adoption.ts';
import { existingPolicy } from './existingPolicy.ts';
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

test('explain tells what keeps the grants of somebody who left and waits', async (t) => {
  const world = await nobodyLeaves(t);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'sync' });
  await world.change('ana', { active: false });
  await world.order({ kind: 'sync' });
  const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {});
  assert.deepEqual(
    grants.map(({ role, effective, loss }) => [role, effective, loss]),
    [['pay-developer', true, 'losses.disableUsers']],
  );
});

test('of two who left and owe at one id, what waits there is told of whom it was', async (t) => {
  const world = await nobodyLeaves(t);
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'sync' });
  for (const [name, userName] of [
    ['ana', 'cy'],
    ['bo', 'ana'],
    ['ana', 'bo'],
  ] as const)
    await world.change(name, { userName });
  for (const name of ['ana', 'bo']) await world.change(name, { active: false });
  await world.order({ kind: 'sync' });
  const told = async (name: string) => {
    const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf(name), {});
    return grants.map(({ role, effective, loss }) => [role, effective, loss]);
  };
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  assert.deepEqual([await told('ana'), await told('bo')], [[['pay-developer', true, 'losses.disableUsers']], []]);
});

test('who asked for the id of somebody who left and waits, and left as well, changes nothing of what is told of the first', async (t) => {
  const world = await nobodyLeaves(t);
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'sync' });
  await world.change('ana', { active: false });
  await world.order({ kind: 'sync' });
  await world.change('ana', { userName: 'cy' });
  await world.change('bo', { userName: 'ana' });
  await world.order({ kind: 'sync' });
  await world.change('bo', { active: false });
  await world.order({ kind: 'sync' });
  const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {});
  assert.deepEqual(
    grants.map(({ role, effective, loss }) => [role, effective, loss]),
    [['pay-developer', true, 'losses.disableUsers']],
  );
  for (const name of ['ana', 'bo']) {
    const [told] = (await world.certificate(name)).controllers;
    assert.match(`${told?.residual}`, /everything: held by losses\.disableUsers/, name);
  }
});

test('what others took away while the group that gave it is gone is not explained as there, and is a gain when its name returns', async (t) => {
  const world = await syncWorld(t, {
    start: false,
    more: 'guard: { gains: { administrators: { count: 1 } } }',
  });
  const sync = { kind: 'sync' } as const;
  const ana = await world.person('ana');
  await world.person('bo');
  await world.group('jenkins-admins', ['ana']);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
  world.time.forward(25 * 3_600_000);
  world.practice.hands.revoke('administrator', 'ana');
  await world.deleteGroup('jenkins-admins');
  await world.order(sync);
  const { grants } = await explain(world.context, world.config.controllers[0]!, ana, {});
  assert.deepEqual(grants, [], 'nothing stands there, and nothing is on its way');
  await world.group('jenkins-admins', ['ana', 'bo']);
  const { held } = await world.order(sync);
  assert.deepEqual(
    [world.holders('administrator').length, held],
    [0, 2],
    'two new administrators are above the ceiling',
  );
});

test('what others took away while its group is gone, and put back, is explained as there', async (t) => {
  const world = await syncWorld(t, { start: false });
  const sync = { kind: 'sync' } as const;
  const ana = await world.person('ana');
  await world.group('ci-users', ['ana']);
  await world.order(sync);
  await world.deleteGroup('ci-users');
  for (const [hand, shown] of [
    ['revoke', []],
    ['grant', [['browser', true]]],
  ] as const) {
    world.practice.hands[hand]('browser', 'ana');
    await world.order(sync);
    const { grants } = await explain(world.context, world.config.controllers[0]!, ana, {});
    assert.deepEqual(
      grants.map(({ role, effective }) => [role, effective]),
      shown,
    );
  }
});

test('explain says of a role made by hand in the way that nobody comes into it until adopt', async (t) => {
  const world = await syncWorld(t, { start: false });
  const { hands } = world.practice;
  hands.defineRole({ type: 'item', name: 'pay-developer', pattern: 'pay.*', permissions: ['hudson.model.Item.Read'] });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  const told = async () => {
    const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {});
    return grants.map(({ role, effective, unmade = false }) => [role, effective, unmade]);
  };
  await world.order({ kind: 'sync' });
  assert.deepEqual(await told(), [['pay-developer', false, true]]);
  await adopt(world.context, await world.assess(), 'pay-developer');
  assert.deepEqual(await told(), [['pay-developer', false, false]], 'it is on its way');
  await world.order({ kind: 'sync' });
  assert.deepEqual(await told(), [['pay-developer', true, false]]);
});

test('explain says of what hands gave and no rule gives any more that hands have to take it', async (t) => {
  const world = await syncWorld(t, { start: false, policy: existingPolicy() });
  const { hands } = world.practice;
  hands.defineRole({ type: 'global', name: 'readers', pattern: '', permissions: ['hudson.model.Hudson.Read'] });
  hands.grant('readers', 'ana');
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  await world.order({ kind: 'sync' });
  await world.drop('ci-users', 'ana');
  const told = async () => {
    const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {});
    return grants.map(({ role, effective, loss }) => [role, effective, loss]);
  };
  await world.order({ kind: 'sync' });
  assert.deepEqual(await told(), [['readers', true, 'by-hand']]);
  await world.change('ana', { active: false });
  await world.order({ kind: 'sync' });
  assert.deepEqual([await told(), world.holders('readers')], [[], []], 'who leaves loses it all the same');
});

/** Whoever leaves waits for a release. */
function nobodyLeaves(t: TestContext) {
  return syncWorld(t, {
    start: false,
    more: 'guard: { losses: { disableUsers: { count: 0, percent: 100, atLeast: 0 } } }',
  });
}
