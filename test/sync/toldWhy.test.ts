import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../src/sync/explain.ts';
import { debtRows } from './rows.ts';
import { eventually, POLICY, syncWorld } from './world.ts';

const sync = { kind: 'sync' } as const;

test('the certificate of somebody whose leaving a ceiling holds says so, and what lets it go', async (t) => {
  const world = await syncWorld(t, {
    more: 'guard: { losses: { disableUsers: { count: 0, percent: 0, atLeast: 0 } } }',
  });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await eventually(() => world.holders('pay-developer').length === 2);
  await world.change('ana', { active: false });
  await eventually(async () => (await debtRows(world)).some(({ state }) => state === 'held'));
  const { complete, controllers } = await world.certificate('ana');
  assert.equal(complete, false);
  assert.equal(controllers[0]?.residual.length, 1);
  assert.match(
    controllers[0]!.residual[0]!,
    /^everything: held by losses\.disableUsers, 1 people .* `leaver USER --now` lets it go$/,
  );
  await world.order({ kind: 'leaver', person: world.idOf('ana') });
  const done = await world.certificate('ana');
  assert.equal(done.complete, true);
  assert.deepEqual(done.controllers[0]?.residual, []);
});

test('the certificate of somebody who left in mode observe says that the mode takes nothing', async (t) => {
  const world = await syncWorld(t, { mode: 'observe' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'apply' });
  await world.change('ana', { active: false });
  await eventually(async () => {
    const { controllers } = await world.certificate('ana');
    return /^everything: held by mode, /.test(controllers[0]?.residual[0] ?? '');
  });
});

test('explain says in words why somebody has no id, and announces nothing where the connection may not reach', async (t) => {
  const world = await syncWorld(t, {
    start: false,
    policy: `version: 1
roles:
  browser: { scope: global, preset: browse }
rules:
  - { id: theirs, group: staff, from: entra, grant: browser }
`,
  });
  const explained = (name: string) => explain(world.context, world.config.controllers[0]!, world.idOf(name), {});
  await world.person('ana');
  const first = world.idOf('ana');
  const ana = await world.person('ana', {}, 'entra');
  await world.group('staff', ['ana'], 'entra');
  await world.order(sync);
  const contested = await explained('ana');
  assert.deepEqual(
    contested.whyNot.filter(({ rule }) => rule === '(identity)').map(({ missing }) => missing),
    [`a Jenkins id on ci: ana belongs to ${first} of okta`],
  );
  assert.equal(contested.grants[0]?.effective, false);
  const entra = world.config.connections.find(({ name }) => name === 'entra')!;
  Object.assign(entra, { controllers: ['elsewhere'] });
  const unreached = await explain(world.context, world.config.controllers[0]!, ana, {});
  assert.deepEqual(unreached.grants, []);
  assert.deepEqual(
    unreached.whyNot.filter(({ rule }) => rule === '(identity)').map(({ missing }) => missing),
    ['a way to ci: `controllers` of the connection entra leaves it out'],
  );
  const others = world.config.connections.filter(({ name }) => name !== 'entra');
  Object.assign(world.context.config, { connections: others });
  const unknown = await explain(world.context, world.config.controllers[0]!, ana, {});
  assert.deepEqual(
    unknown.whyNot.filter(({ rule }) => rule === '(identity)').map(({ missing }) => missing),
    ['a way to ci: there is no connection entra in the configuration'],
  );
});

test('explain says that a role stands otherwise than the policy has it, where its change waits', async (t) => {
  const world = await syncWorld(t, { start: false });
  const explained = async () =>
    (await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {})).grants.map(
      ({ role, effective, redefinition }) => [role, effective, redefinition],
    );
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  assert.deepEqual(await explained(), [['pay-developer', true, undefined]]);
  world.practice.hands.grant('pay-developer', 'by-hand');
  world.setPolicy(POLICY.replace('[Job/Read, Job/Build]', '[Job/Read, Job/Build, Job/Delete]'));
  await world.order(sync);
  assert.deepEqual(await explained(), [['pay-developer', true, 'unmanaged-gain']]);
});
