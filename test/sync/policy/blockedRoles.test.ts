import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../../src/sync/explain.ts';
import { eventually, POLICY, syncWorld } from '../world.ts';

const BLOCKED = POLICY.replace('[Job/Read, Job/Build]', '[Job/Read, Gone/Plugin]');
const TOLD = 'a role is blocked on a controller: nobody gets or loses it there';
const sync = { kind: 'sync' } as const;

test('a role that becomes blocked on a controller is told once, with what blocks it, and when it is over', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').length === 1);
  const told = (message: string) =>
    world.lines.filter((line) => line.message === message).map(({ level, fields }) => ({ level, ...fields }));
  assert.deepEqual(told(TOLD), []);
  world.setPolicy(BLOCKED);
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(told(TOLD), [
    { level: 'error', controller: 'ci', role: 'pay-developer', code: 'policy.permission-unknown' },
  ]);
  world.setPolicy(POLICY);
  await world.order(sync);
  assert.deepEqual(told('a role is not blocked on a controller any more'), [
    { level: 'info', controller: 'ci', role: 'pay-developer' },
  ]);
});

test('explain says what blocks a role that somebody should have', async (t) => {
  const world = await syncWorld(t);
  const explained = async (name: string) =>
    (await explain(world.context, world.config.controllers[0]!, world.idOf(name), {})).grants.map(
      ({ role, effective, held }) => [role, effective, held],
    );
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana']);
  await eventually(async () => (await explained('ana'))[0]?.[1] === true);
  world.setPolicy(BLOCKED);
  await world.add('ci-pay-dev', 'bo');
  await eventually(() => world.lines.some(({ message }) => message === TOLD));
  assert.deepEqual(await explained('ana'), [['pay-developer', true, undefined]]);
  assert.deepEqual(await explained('bo'), [['pay-developer', false, 'policy.permission-unknown']]);
});

test('explain says that a role is protected, where it is not given for that', async (t) => {
  const world = await syncWorld(t, { start: false, controller: '    protect: { roles: [pay-*] }' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {});
  assert.deepEqual(
    grants.map(({ role, effective, held }) => [role, effective, held]),
    [['pay-developer', false, 'protect.roles']],
  );
});
