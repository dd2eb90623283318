import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, ConnectionConfig } from '../../../src/config/schema.ts';
import { digestOf, waiting } from '../rows.ts';
import { POLICY, type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

const sync = { kind: 'sync' } as const;
const NAMES = ['ana', 'bo', 'cleo', 'dan'];
const FROM = POLICY.replace('rules:\n', 'rules:\n  - { id: theirs, from: entra, group: en-users, grant: browser }\n');

for (const [what, edit] of [
  ['is not in the configuration any more', (all) => all.filter(({ name }) => name !== 'entra')],
  [
    'may not reach a controller any more',
    (all) => all.map((one) => (one.name === 'entra' ? { ...one, controllers: ['other'] } : one)),
  ],
] as [string, (all: Config['connections']) => Config['connections']][])
  test(`everybody of a connection that ${what}: what they hold waits, where there were more than 3`, async (t) => {
    const world = await team(t, 'entra', 'en-users', NAMES);
    configure(world, edit);
    await world.order(sync);
    assert.deepEqual([...world.holders('browser')].sort(), NAMES);
    assert.deepEqual(
      await waiting(world),
      NAMES.map((name) => `revoke ${name}: whole-connection`),
    );
    await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'whole-connection') });
    assert.deepEqual(world.holders('browser'), []);
  });

test('a connection that is called otherwise in the configuration and in the policy at once: what its people hold waits', async (t) => {
  const world = await team(t, 'entra', 'en-users', NAMES);
  configure(world, (all) => all.map((one) => (one.name === 'entra' ? { ...one, name: 'entra-eu' } : one)));
  world.setPolicy(FROM.replace('from: entra', 'from: entra-eu'));
  await world.order(sync);
  assert.deepEqual([...world.holders('browser')].sort(), NAMES);
  assert.deepEqual(
    await waiting(world),
    NAMES.map((name) => `revoke ${name}: whole-connection`),
  );
  configure(world, (all) => all.map((one) => (one.name === 'entra-eu' ? { ...one, name: 'entra' } : one)));
  world.setPolicy(FROM);
  await world.order(sync);
  assert.deepEqual(await waiting(world), [], 'both were taken back');
});

test('who left and waits above a ceiling is none of those who hold something: what the others would lose waits all the same', async (t) => {
  const more = 'guard: { losses: { disableUsers: { count: 0, percent: 0, atLeast: 0 } } }';
  const world = await team(t, 'entra', 'en-users', [...NAMES, 'eve', 'fay'], { more });
  await world.change('eve', { active: false }, 'entra');
  await world.store.write(({ db }) =>
    db
      .insertInto('ordered_leavers')
      .values({ person: world.idOf('fay'), at: '2026-01-01T00:00:00Z' })
      .execute(),
  );
  await world.order(sync);
  configure(world, (all) => all.filter(({ name }) => name !== 'entra'));
  await world.order(sync);
  assert.deepEqual([...world.holders('browser')].sort(), [...NAMES, 'eve', 'fay']);
});

test('another connection is the primary one by an edit: what everybody of the former one holds waits', async (t) => {
  const world = await team(t, 'okta', 'ci-users', NAMES);
  configure(world, (all) => all.map((one) => ({ ...one, primary: one.name === 'entra' })));
  await world.order(sync);
  assert.deepEqual([...world.holders('browser')].sort(), NAMES);
  configure(world, (all) => all.map((one) => ({ ...one, primary: one.name === 'okta' })));
  await world.order(sync);
  assert.deepEqual(await waiting(world), [], 'the edit was taken back');
});

test('three people of a connection, and everybody by an edit of the policy, lose at once', async (t) => {
  const few = await team(t, 'entra', 'en-users', NAMES.slice(1));
  configure(few, (all) => all.filter(({ name }) => name !== 'entra'));
  await few.order(sync);
  assert.deepEqual(few.holders('browser'), []);
  const world = await team(t, 'entra', 'en-users', NAMES);
  world.setPolicy(POLICY);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), []);
});

async function team(
  t: Parameters<typeof syncWorld>[0],
  connection: string,
  group: string,
  names: readonly string[],
  options: WorldOptions = {},
) {
  const world = await syncWorld(t, { start: false, policy: FROM, ...options });
  for (const name of names) await world.person(name, {}, connection);
  await world.group(group, names, connection);
  await world.order(sync);
  assert.deepEqual([...world.holders('browser')].sort(), [...names]);
  return world;
}

/** As after a restart with another file. */
function configure(world: SyncWorld, edit: (all: readonly ConnectionConfig[]) => readonly ConnectionConfig[]): void {
  Object.assign(world.context.config, { connections: edit(world.config.connections) });
}
