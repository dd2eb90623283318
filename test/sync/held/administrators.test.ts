import assert from 'node:assert/strict';
import { test } from 'node:test';
import { administratorsOf, workingOf } from '../../../src/sync/held/administrators.ts';
import { debtRows, digestOf, recordsOf, waiting } from '../rows.ts';
import { POLICY, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;
const ADMINISTER = 'hudson.model.Hudson.Administer';

test('somebody other than the service who is known to work keeps Administer: just that step is held', async (t) => {
  const world = await administered(t, ['ana', 'bo']);
  world.practice.hands.account('ana', 'pw');
  await world.drop('jenkins-admins', 'ana');
  await world.drop('ci-pay-dev', 'ana');
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['revoke ana: last-administrator']);
  assert.equal(world.practice.look.may('ana', ADMINISTER), true);
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
});

test('an administrator without a record is not known to work; one with a record lets the other go', async (t) => {
  const world = await administered(t, ['ana', 'bo']);
  world.practice.hands.account('ana', 'pw');
  world.practice.hands.account('bo', 'pw');
  await world.drop('jenkins-admins', 'ana');
  await world.order(sync);
  assert.deepEqual(await waiting(world), []);
  assert.deepEqual(world.holders('administrator'), ['bo']);
});

test('the last administrator who leaves loses everything but the entry, with an error, until somebody else can', async (t) => {
  const world = await administered(t, ['ana', 'bo']);
  world.practice.hands.account('ana', 'pw');
  world.practice.hands.mintToken('ana');
  await world.drop('jenkins-admins', 'bo');
  await world.order(sync);
  await world.change('ana', { active: false });
  await world.order(sync);
  assert.equal(world.practice.look.person('ana').tokens, 0);
  assert.equal(world.practice.look.may('ana', ADMINISTER), true);
  const { verdict } = await world.assess('automatic');
  assert.ok(verdict.findings.some(({ code }) => code === 'plan.leavers-held'));
  assert.ok(!(await recordsOf(world, 'ana')).includes('leaver.complete'), 'her entry is owed');
  world.practice.hands.account('bo', 'pw');
  await world.add('jenkins-admins', 'bo');
  await world.order(sync);
  await world.order(sync);
  assert.equal(world.practice.look.may('ana', ADMINISTER), false);
  assert.ok((await debtRows(world)).every(({ state }) => state === 'done'));
});

test('leaver --now goes past ceilings, but not past the last administrator', async (t) => {
  const world = await administered(t, ['ana']);
  world.practice.hands.account('ana', 'pw');
  world.practice.hands.mintToken('ana');
  await world.change('ana', { active: false });
  await world.order({ kind: 'leaver', person: world.idOf('ana') });
  assert.equal(world.practice.look.person('ana').tokens, 0);
  assert.equal(world.practice.look.may('ana', ADMINISTER), true);
});

test("the service's own account, protect and breakGlass neither gain nor lose", async (t) => {
  const world = await syncWorld(t, {
    start: false,
    controller: '    protect: { users: ["svc-*"], groups: [], roles: [] }',
  });
  const { hands, look } = world.practice;
  hands.defineRole({ type: 'global', name: 'hand', pattern: '', permissions: ['hudson.model.Hudson.Read'] });
  const names = ['admin', 'jenkins-scim', 'svc-deploy'];
  for (const name of names) {
    hands.grant('hand', name);
    hands.mintToken(name);
    await world.person(name);
  }
  await world.group('ci-pay-dev', names);
  await world.order(sync);
  const tokens = names.map((name) => look.person(name).tokens);
  for (const name of names) await world.change(name, { active: false });
  await world.order(sync);
  await world.order({ kind: 'apply' });
  assert.deepEqual(world.holders('pay-developer'), []);
  assert.deepEqual([...world.holders('hand')].sort(), names);
  assert.deepEqual(
    names.map((name) => look.person(name).tokens),
    tokens,
  );
});

test('neither do they by another definition of a role they are in, whoever applies or releases it', async (t) => {
  const world = await syncWorld(t, { start: false });
  const { hands, look } = world.practice;
  hands.account('bo', 'pw');
  await world.person('bo');
  await world.group('jenkins-admins', ['bo']);
  await world.order(sync);
  for (const name of ['admin', 'jenkins-scim']) hands.grant('administrator', name);
  const others = look
    .roles('global')
    .filter(({ name, permissions }) => name !== 'administrator' && permissions.includes(ADMINISTER));
  for (const { name, entries } of others) for (const { id } of entries) hands.revoke(name, id);
  world.setPolicy(POLICY.replace('[Overall/Administer]', '[Overall/Read]').replace('    administer: true\n', ''));
  await world.order(sync);
  await world.order({ kind: 'apply' });
  assert.deepEqual(await waiting(world), ['update-role : protected']);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'protected') });
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['update-role : protected'], 'it is listed as before');
  for (const name of ['admin', 'jenkins-scim']) assert.equal(look.may(name, ADMINISTER), true, name);
  hands.revoke('administrator', 'admin');
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['update-role : protected']);
});

/** Nobody administers but the service and these people, whom the policy makes administrators; all are developers too. */
async function administered(t: Parameters<typeof syncWorld>[0], names: readonly string[]): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false });
  for (const name of names) await world.person(name);
  await world.group('jenkins-admins', names);
  await world.group('ci-pay-dev', names);
  assert.equal((await world.order(sync)).error, undefined);
  const roles = world.practice.look.roles('global').filter(({ permissions }) => permissions.includes(ADMINISTER));
  for (const { name, entries } of roles)
    for (const { id } of entries) if (id === 'admin') world.practice.hands.revoke(name, id);
  assert.equal(world.practice.look.may('admin', ADMINISTER), false);
  return world;
}

test('an administrator works whose record is there and can be read', async () => {
  const states = { ana: { record: 'ana' }, bo: {}, cy: { record: 'cy', error: 'X: broken' } };
  const controller = {
    people: async (ids: readonly (keyof typeof states)[]) => ids.map((id) => ({ id, ...states[id] })),
  };
  assert.deepEqual(await workingOf(controller as never, ['ana', 'bo', 'cy'], [], 'case-insensitive'), ['ana']);
});

test('break-glass accounts are asked about first, however they are spelled', async () => {
  const controller = { people: async (ids: readonly string[]) => ids.map((id) => ({ id, record: id })) };
  const many = Array.from({ length: 30 }, (_, at) => `a${at}`);
  const asked = await workingOf(controller as never, [...many, 'Root'], ['root'], 'case-insensitive');
  assert.deepEqual([asked.length, asked[0]], [20, 'Root']);
  assert.ok(!(await workingOf(controller as never, [...many, 'Root'], ['root'], 'case-sensitive')).includes('Root'));
});

test('who is asked whether they work are those with Administer by a USER entry of a global role, the service left out', () => {
  const role = (type: string, permissions: readonly string[], ...entries: readonly [string, string][]) => ({
    ...{ type, name: type, permissions },
    entries: entries.map(([kind, id]) => ({ type: kind, id })),
  });
  const roles = [
    role('global', ['hudson.model.Hudson.Read'], ['user', 'reader']),
    role('item', [ADMINISTER], ['user', 'of-items']),
    role('global', [ADMINISTER, 'x'], ['user', 'Ana'], ['user', 'Jenkins-SCIM'], ['group', 'g'], ['either', 'e']),
    role('global', [ADMINISTER], ['user', 'ana'], ['user', 'bo']),
  ];
  const of = (ids: Parameters<typeof administratorsOf>[2]) => administratorsOf({ roles } as never, 'jenkins-scim', ids);
  assert.deepEqual(of('case-insensitive'), ['Ana', 'bo']);
  assert.deepEqual(of('case-sensitive'), ['Ana', 'Jenkins-SCIM', 'ana', 'bo']);
});
