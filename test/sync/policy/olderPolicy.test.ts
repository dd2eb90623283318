import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, waiting } from '../rows.ts';
import { anotherHolder, POLICY, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

/** The same without anybody who administers by a rule. */
const WITHOUT = POLICY.replace('  - id: admins\n    group: jenkins-admins\n    grant: administrator\n', '');

/** A policy with administrators was in force, then one without. */
async function withdrawn(t: Parameters<typeof syncWorld>[0]): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('jenkins-admins', ['ana']);
  await world.group('ci-pay-dev');
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
  world.setPolicy(WITHOUT);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);
  return world;
}

test('an older policy that is put back makes nobody an administrator before a release; what else it gives goes', async (t) => {
  const world = await withdrawn(t);
  await world.add('ci-pay-dev', 'ana');
  world.setPolicy(POLICY);
  for (const order of [sync, { kind: 'apply' }, { ...sync, person: world.idOf('ana') }] as const) {
    await world.order(order);
    assert.deepEqual(world.holders('administrator'), []);
    assert.deepEqual(await waiting(world), ['grant ana: older-policy']);
  }
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'older-policy') });
  assert.deepEqual(world.holders('administrator'), ['ana']);
  await world.add('jenkins-admins', 'bo');
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['grant bo: older-policy'], 'the newest one would not make them one');
});

test('whom the newest policy makes an administrator, too, does not wait for an older one that is put back', async (t) => {
  const world = await withdrawn(t);
  world.setPolicy(POLICY.replace('[Job/Read, Job/Build]', '[Job/Read]'));
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
  world.setPolicy(POLICY);
  await world.add('jenkins-admins', 'bo');
  await world.order(sync);
  assert.deepEqual([...world.holders('administrator')].sort(), ['ana', 'bo']);
  assert.deepEqual(await waiting(world), []);
});

test('one older policy after another does not make an administrator whom the newest one does not', async (t) => {
  const world = await withdrawn(t);
  world.setPolicy(POLICY);
  await world.context.policy.current();
  world.setPolicy(WITHOUT);
  await world.context.policy.current();
  world.setPolicy(`${WITHOUT}# no more\n`);
  await world.context.policy.current();
  world.setPolicy(POLICY);
  await world.context.policy.current();
  world.setPolicy(WITHOUT);
  await world.context.policy.current();
  world.setPolicy(POLICY);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);
  assert.deepEqual(await waiting(world), ['grant ana: older-policy']);
  world.setPolicy(`${POLICY}# on purpose\n`);
  await world.add('jenkins-admins', 'bo');
  await world.order(sync);
  assert.deepEqual([...world.holders('administrator')].sort(), ['ana', 'bo'], 'a new version is somebody’s decision');
  assert.deepEqual(await waiting(world), []);
});

test('a role that becomes administrative again by an older policy waits; a repair of an administrator does not', async (t) => {
  const browse = 'scope: global\n    preset: browse';
  const wide = POLICY.replace(browse, 'scope: global\n    permissions: [Overall/Administer]\n    administer: true');
  const world = await syncWorld(t, { start: false, policy: wide });
  await world.person('ana');
  await world.person('bo');
  await world.group('jenkins-admins', ['ana']);
  await world.group('ci-users', ['bo']);
  await world.order(sync);
  world.setPolicy(POLICY);
  await world.order(sync);
  world.setPolicy(wide);
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['update-role : older-policy']);
  world.practice.hands.revoke('administrator', 'ana');
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
});

test('of two older policies one after another, the second makes no administrator of whom the first gave the role', async (t) => {
  const browse = 'scope: global\n    preset: browse';
  const wide = POLICY.replace(browse, 'scope: global\n    permissions: [Overall/Administer]\n    administer: true');
  const few = wide.replace('group: ci-users', 'group: jenkins-admins');
  const world = await syncWorld(t, { start: false, policy: POLICY });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('jenkins-admins', ['ana']);
  await world.group('ci-users', ['bo']);
  world.setPolicy(wide);
  await world.context.policy.current();
  world.setPolicy(few);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana']);
  world.setPolicy(POLICY);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['bo']);
  world.setPolicy(wide);
  for (const order of [sync, { ...sync, person: world.idOf('bo') }] as const) {
    await world.order(order);
    assert.deepEqual(await waiting(world), ['update-role : older-policy']);
  }
  world.setPolicy(`${wide}# on purpose\n`);
  await world.context.policy.current();
  world.setPolicy(wide);
  await world.order({ ...sync, person: world.idOf('bo') });
  await world.order(sync);
  assert.deepEqual(await waiting(world), [], 'the newest one makes an administrator of the same person');
});

test('an older policy is known for one after a restart, and by what the database alone cannot say', async (t) => {
  const world = await withdrawn(t);
  world.setPolicy(POLICY);
  const again = () => anotherHolder(world);
  await again().current();
  assert.notEqual((await again().current()).newest, undefined);
  // Text that is not what was in force tells nothing: then everybody waits.
  await world.store.write(({ db }) => db.updateTable('policies').set({ files: '[]' }).execute());
  const facts = { people: [], groups: new Map(), bindings: [], expired: new Set<string>(), now: 0 };
  const target = { name: 'ci', labels: {} };
  const given = (await again().current()).newest?.evaluate({ ...facts, primaryConnection: 'okta' }, target);
  assert.deepEqual([given?.roles, given?.grants], [[], []]);
});
