import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adopt, disown } from '../../../src/sync/orders/adoption.ts';
import { syncWorld } from '../world.ts';

test('adopt and disown of one role leave the others as they are', async (t) => {
  const policy = `version: 1
roles:
  readers: { existing: { type: global, name: readers } }
  writers: { existing: { type: global, name: writers } }
  browser: { scope: global, preset: browse }
  other: { scope: global, preset: read-only }
rules:
  - { id: all, group: ci-users, grant: [readers, writers, browser, other] }
`;
  const world = await syncWorld(t, { policy, start: false });
  const { hands } = world.practice;
  for (const name of ['readers', 'writers', 'browser', 'other'])
    hands.defineRole({ type: 'global', name, pattern: '', permissions: ['hudson.model.Hudson.Read'] });
  for (const name of ['readers', 'writers']) hands.grant(name, 'ana');
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  await world.order({ kind: 'sync' });
  const stored = async () =>
    world.store.read(async (db) => {
      const entries = await db.selectFrom('entries').select('role_name').where('standing', '=', 'owned').execute();
      const roles = await db.selectFrom('owned_roles').select('role_name').execute();
      return [entries, roles].map((rows) => rows.map(({ role_name }) => role_name).sort());
    });
  assert.deepEqual(await stored(), [[], []]);
  assert.equal(await adopt(world.context, await world.assess(), 'readers'), 1);
  assert.deepEqual(await stored(), [['readers'], []]);
  assert.equal(await adopt(world.context, await world.assess(), 'browser'), 1);
  assert.deepEqual(await stored(), [['readers'], ['browser']]);
  assert.equal(await adopt(world.context, await world.assess(), undefined), 2);
  assert.deepEqual(await stored(), [
    ['readers', 'writers'],
    ['browser', 'other'],
  ]);
  assert.equal(await disown(world.context, 'ci', 'writers'), 1);
  assert.equal(await disown(world.context, 'ci', 'other'), 1);
  assert.deepEqual(await stored(), [['readers'], ['browser']]);
  assert.equal(await disown(world.context, 'another', undefined), 0);
});
