import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, syncWorld } from './world.ts';

test('a push becomes a role on the controller, verified and explained in the ledger', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await eventually(async () =>
    (await world.ledger.about({ kind: 'user', id: world.idOf('ana') }, 50)).some(({ kind }) => kind === 'grant.added'),
  );
  assert.equal(world.practice.look.may('ana', 'hudson.model.Item.Build', 'pay/api'), true);
});

test('out of the group: the grant falls, at once', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.group('ci-web-dev', ['ana']);
  await eventually(
    () => world.holders('pay-developer').includes('ana') && world.holders('web-developer').includes('ana'),
  );
  await world.drop('ci-pay-dev', 'ana');
  await eventually(() => !world.holders('pay-developer').includes('ana'));
  assert.deepEqual(world.holders('web-developer'), ['ana']);
});

test('a leaver loses roles, tokens, keys and sessions, with a certificate', async (t) => {
  const world = await syncWorld(t);
  await world.person('bo');
  await world.group('ci-pay-dev', ['bo']);
  await eventually(() => world.holders('pay-developer').includes('bo'));
  const { hands, look } = world.practice;
  hands.mintToken('bo');
  hands.addSshKey('bo');
  hands.openSshSession('bo');
  await world.change('bo', { active: false });
  await eventually(() => !world.holders('pay-developer').includes('bo'));
  await eventually(async () => (await debt(world))?.state === 'done');
  const left = look.person('bo');
  assert.deepEqual(
    { ...left, password: undefined },
    { entries: 0, tokens: 0, sshKeys: 0, sshSessions: 0, password: undefined },
  );
  assert.deepEqual(JSON.parse((await debt(world))!.missing), []);
});

async function debt(world: Awaited<ReturnType<typeof syncWorld>>) {
  return world.store.read((db) => db.selectFrom('debts').selectAll().executeTakeFirst());
}
