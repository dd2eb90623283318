import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../../src/sync/explain.ts';
import { mark, stolen } from '../compromised.ts';
import { existingPolicy } from '../existingPolicy.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows, digestOf, entryRows, waiting } from '../rows.ts';
import { POLICY, type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

const sync = { kind: 'sync' } as const;

/** Ana and Bo have the same role, and take each other's ids. */
async function swapped(t: Parameters<typeof syncWorld>[0], policy: string): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false, policy });
  world.practice.hands.defineRole({
    ...{ type: 'global', name: 'readers', pattern: '', permissions: ['hudson.model.Hudson.Read'] },
  });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-users', ['ana', 'bo']);
  await world.order(sync);
  await swap(world, 'ana', 'bo');
  await world.order(sync);
  return world;
}

async function swap(world: SyncWorld, one: string, other: string): Promise<void> {
  await world.change(one, { userName: 'tmp' });
  await world.change(other, { userName: one });
  await world.change(one, { userName: other });
}

for (const [what, policy, role] of [
  ['the service', POLICY, 'browser'],
  ['hands', existingPolicy(), 'readers'],
] as const) {
  test(`a grant that goes on with an id is whose the id is now, in roles made by ${what}: shown, and taken with the next loss`, async (t) => {
    const world = await swapped(t, policy);
    assert.deepEqual(world.holders(role).toSorted(), ['ana', 'bo']);
    for (const name of ['ana', 'bo']) {
      const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf(name), {});
      assert.deepEqual(
        grants.map(({ role: shown, effective, loss }) => [shown, effective, loss]),
        [[role, true, undefined]],
      );
    }
    await world.change('bo', { title: 'x' });
    await world.order({ ...sync, person: world.idOf('bo') });
    await world.drop('ci-users', 'bo');
    await world.order({ ...sync, person: world.idOf('bo') });
    assert.deepEqual(world.holders(role), ['bo'], 'the id of who was called ana before');
  });
}

test('what an account of the policy holds stays owned where the account becomes a person', async (t) => {
  const rules = existingPolicy();
  const bot = `${rules}  - { id: bot, principal: bot, owner: ana, reason: OPS-1, review: 2099-01-01, grant: browser }\n`;
  const world = await syncWorld(t, { start: false, policy: bot });
  world.practice.hands.defineRole({
    ...{ type: 'global', name: 'readers', pattern: '', permissions: ['hudson.model.Hudson.Read'] },
  });
  await world.order(sync);
  assert.deepEqual(world.holders('readers'), ['bot']);
  world.setPolicy(rules);
  await world.person('bot');
  await world.group('ci-users', ['bot']);
  await world.order({ ...sync, person: world.idOf('bot') });
  assert.deepEqual(world.holders('readers'), ['bot']);
  await world.drop('ci-users', 'bot');
  await world.order({ ...sync, person: world.idOf('bot') });
  assert.deepEqual(world.holders('readers'), []);
});

test('what an id had before it was somebody else of a compromised credential stays with it', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-users', ['ana', 'bo']);
  await world.order(sync);
  const sinces = async () => (await entryRows(world)).map(({ sid, since }) => `${sid} ${since}`).sort();
  const before = await sinces();
  const since = stolen(world);
  await swap(world, 'ana', 'bo');
  await world.order(sync);
  await mark(world, since);
  await world.order(sync);
  assert.deepEqual(world.holders('browser').toSorted(), ['ana', 'bo']);
  assert.deepEqual(await sinces(), before);
});

test('what stands at an id that is somebody else’s by now is no rest of who gave it up', async (t) => {
  const world = await swapped(t, POLICY);
  await world.change('ana', { active: false });
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana'], 'bo, who is called so now');
  const rows = (await debtRows(world)).filter(({ person }) => person === world.idOf('ana'));
  assert.deepEqual(rows.map(({ id, cause, state, residual }) => [id, cause, state, residual]).sort(), [
    ['ana', 'old-id', 'done', '[]'],
    ['bo', 'leaver', 'done', '[]'],
  ]);
});

test('a grant that is kept for want of its group goes on with an id, and is whose the id is now', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-users', ['ana', 'bo']);
  await world.order(sync);
  await world.deleteGroup('ci-users');
  await world.order(sync);
  await world.change('ana', { userName: 'cy' });
  await world.change('bo', { userName: 'ana' });
  await world.order(sync);
  assert.ok(world.holders('browser').includes('ana'));
  const { jenkinsId, grants } = await explain(world.context, world.config.controllers[0]!, world.idOf('bo'), {});
  assert.deepEqual([jenkinsId, grants.map(({ role, effective }) => [role, effective])], ['ana', [['browser', true]]]);
  const [row] = (await entryRows(world)).filter(({ sid }) => sid === 'ana');
  assert.equal(row?.person, world.idOf('bo'));
});

test('what hands made at an id falls with it when it is given up, also where somebody else has it by now', async (t) => {
  const world = await madeByHand(t, '');
  assert.deepEqual(world.holders('admins'), [], 'bo is called ana now, and was no administrator');
  assert.deepEqual(world.holders('readers').toSorted(), ['ana', 'bo'], 'both are to have it');
  const { jenkinsId, grants } = await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {});
  assert.deepEqual([jenkinsId, grants.map(({ role, effective }) => [role, effective])], ['bo', [['readers', true]]]);
});

test('what hands made at an id stays with it where leavers keep that, and is explained as nothing that who gave it up has', async (t) => {
  const world = await madeByHand(t, 'leaver: { grants: managed }');
  assert.deepEqual(world.holders('admins'), ['ana'], 'bo is called so now');
  const { grants } = await explain(world.context, world.config.controllers[0]!, world.idOf('ana'), {});
  assert.deepEqual(
    grants.map(({ role }) => role),
    ['readers'],
  );
});

/** Ana is put into two roles by hand; she and Bo take each other's ids. */
async function madeByHand(t: Parameters<typeof syncWorld>[0], more: string): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false, policy: existingPolicy(), more });
  for (const [name, permission] of [
    ['readers', 'hudson.model.Hudson.Read'],
    ['admins', 'hudson.model.Hudson.Administer'],
  ] as const) {
    world.practice.hands.defineRole({ type: 'global', name, pattern: '', permissions: [permission] });
    world.practice.hands.grant(name, 'ana');
  }
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-users', ['ana', 'bo']);
  await world.order(sync);
  await swap(world, 'ana', 'bo');
  for (let time = 0; time < 2; time++) await world.order(sync);
  return world;
}

test('what somebody could act with at an id that is another one’s by now is cut though what they are to gain is held', async (t) => {
  const world = await syncWorld(t, { start: false, more: 'guard: { gains: { createRoles: 2 } }' });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-users', ['bo']);
  await world.order(sync);
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), [], 'the role waits');
  world.practice.hands.mintToken('ana');
  await swap(world, 'ana', 'bo');
  for (let time = 0; time < 2; time++) await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana'], 'bo, who is called so now');
  assert.equal(world.practice.look.person('ana').tokens, 0);
});

test('who has an id by now does not act with the role that the one before had there, though what they are to gain is held', async (t) => {
  let room = true;
  const world = await syncWorld(t, { start: false, hasRoom: () => room });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('jenkins-admins', ['ana']);
  await world.group('ci-users', ['bo']);
  await world.order(sync);
  room = false;
  await swap(world, 'ana', 'bo');
  for (let time = 0; time < 2; time++) await world.order(sync);
  assert.deepEqual(await waiting(world), ['grant ana: disk', 'grant bo: disk']);
  assert.deepEqual([world.holders('administrator'), world.holders('browser')], [[], []]);
  room = true;
  for (let time = 0; time < 2; time++) await world.order(sync);
  assert.deepEqual([world.holders('administrator'), world.holders('browser')], [['bo'], ['ana']]);
});

test('who takes the id of an administrator is a new one: a ceiling holds that, and what the former one had there falls', async (t) => {
  const world = await syncWorld(t, { start: false, more: 'guard: { gains: { administrators: { count: 1 } } }' });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-users', ['ana', 'bo']);
  await world.group('jenkins-admins', ['ana']);
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['ana']);
  await world.add('jenkins-admins', 'bo');
  await swap(world, 'ana', 'bo');
  for (let time = 0; time < 2; time++) await world.order(sync);
  assert.deepEqual(world.holders('administrator'), ['bo'], 'ana, who is called so now');
  assert.deepEqual(world.holders('browser').toSorted(), ['ana', 'bo'], 'both had it before');
  assert.deepEqual(await waiting(world), ['grant ana: gains.administrators']);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'gains.administrators') });
  assert.deepEqual(world.holders('administrator').toSorted(), ['ana', 'bo']);
  assert.deepEqual((await world.assess()).plan.steps, []);
});

test('add-only: who takes an id over gains nothing there while the one before can act with it', async (t) => {
  const world = await syncWorld(t, { start: false, mode: 'add-only' });
  for (const name of ['ana', 'bo']) await world.person(name);
  const bo = world.idOf('bo');
  await world.group('ci-users', ['ana']);
  await world.group('ci-pay-dev', ['bo']);
  await world.order(sync);
  world.practice.hands.mintToken('ana');
  await world.change('ana', { userName: 'cy' });
  await world.change('bo', { userName: 'ana' });
  const looks = [sync, { ...sync, person: bo }, sync];
  for (const look of looks) {
    await world.order(look);
    assert.deepEqual(world.holders('pay-developer'), ['bo'], 'who has a token of ana’s is not bo');
    assert.equal(world.practice.look.person('ana').tokens, 1);
  }
  assert.ok((await waiting(world)).includes('grant ana: needs'));
  const { grants } = await explain(world.context, world.config.controllers[0]!, bo, {});
  assert.deepEqual(
    grants.map(({ role, effective, held }) => [role, effective, held]),
    [['pay-developer', false, 'needs']],
  );
  await world.order({ kind: 'apply' });
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  assert.equal(world.practice.look.person('ana').tokens, 0);
});

test('what is owed at an id that somebody else has by now waits as long as the mode holds it, and no longer where the controller does not do it yet', async (t) => {
  const disk = { full: true };
  const wrap: WorldOptions['wrap'] = (controller) => ({
    ...passThrough(controller),
    cut: async (fence, orders) =>
      disk.full ? { outcome: 'done', results: [], reason: 'no space left on device' } : controller.cut(fence, orders),
  });
  const world = await syncWorld(t, { start: false, mode: 'add-only', wrap });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-users', ['ana', 'bo']);
  await world.order(sync);
  world.practice.hands.mintToken('ana');
  await world.change('ana', { userName: 'cy' });
  await world.change('bo', { userName: 'ana' });
  const states = async (): Promise<string[]> =>
    (await debtRows(world)).filter(({ id }) => id === 'ana').map(({ state }) => state);
  const modes = [
    ['add-only', 'held'],
    ['enforce', 'open'],
    ['add-only', 'held'],
  ] as const;
  for (const [mode, state] of modes) {
    Object.assign(world.config.controllers[0]!, { mode });
    for (let look = 0; look < 2; look++) await world.order(sync);
    assert.deepEqual(await states(), [state], mode);
  }
  assert.equal(world.practice.look.person('ana').tokens, 1);
  disk.full = false;
  Object.assign(world.config.controllers[0]!, { mode: 'enforce' });
  await world.order(sync);
  assert.deepEqual([await states(), world.practice.look.person('ana').tokens], [['done'], 0]);
});

test('administrators who take each other’s ids are no new ones', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('jenkins-admins', ['ana', 'bo']);
  await world.order(sync);
  world.time.forward(25 * 3_600_000);
  Object.assign(world.config.guard.gains.administrators, { count: 0 });
  await swap(world, 'ana', 'bo');
  for (let time = 0; time < 2; time++) await world.order(sync);
  assert.deepEqual(await waiting(world), []);
  assert.deepEqual(world.holders('administrator').toSorted(), ['ana', 'bo']);
});

test('whose ids another connection takes over by an edit of `primary`: what they hold there counts against the ceiling on losses', async (t) => {
  const names = ['ana', 'bo', 'cleo'];
  const ceiling = '{ count: 2, percent: 100, atLeast: 2 }';
  const world = await syncWorld(t, { start: false, more: `guard: { losses: { revokeGrants: ${ceiling} } }` });
  for (const name of names) await world.person(name);
  await world.group('ci-users', names);
  for (const name of names) await world.person(name, {}, 'entra');
  await world.order(sync);
  assert.deepEqual([...world.holders('browser')].sort(), names);
  const connections = world.config.connections.map((one) => ({ ...one, primary: one.name === 'entra' }));
  Object.assign(world.context.config, { connections });
  for (let time = 0; time < 2; time++) await world.order(sync);
  assert.deepEqual([...world.holders('browser')].sort(), names);
  assert.deepEqual(
    await waiting(world),
    names.map((name) => `revoke ${name}: losses.revokeGrants`),
  );
});

test('that the primary connection took an id over is on record, of whom it was and who has it', async (t) => {
  const world = await syncWorld(t, { start: false });
  const former = await world.person('ana', {}, 'entra');
  await world.order(sync);
  const next = await world.person('ana');
  for (let time = 0; time < 2; time++) await world.order(sync);
  const records = await world.ledger.about({ kind: 'user', id: former }, 100);
  assert.deepEqual(
    records
      .filter(({ kind }) => kind === 'identity.taken-over')
      .map(({ actor, body, personal }) => [actor, body, personal]),
    [['sync', { controller: 'ci', from: 'entra', to: 'okta', by: next }, { jenkinsId: 'ana' }]],
  );
});

test('what somebody owes at an id takes nothing from whom it is by now, in a pass over them alone', async (t) => {
  let down = false;
  const world = await syncWorld(t, {
    start: false,
    wrap: (controller) => ({
      ...passThrough(controller),
      cut: async (fence, orders) =>
        down ? { outcome: 'unknown', results: [], reason: 'no answer' } : controller.cut(fence, orders),
    }),
  });
  const ana = await world.person('ana');
  const bo = await world.person('bo');
  await world.group('ci-pay-dev', ['ana']);
  await world.group('ci-web-dev', ['bo']);
  await world.order(sync);
  down = true;
  await swap(world, 'ana', 'bo');
  await world.order(sync);
  down = false;
  await world.order({ kind: 'sync', person: bo });
  assert.deepEqual(world.holders('web-developer'), ['ana']);
  await world.order({ kind: 'sync', person: ana });
  assert.deepEqual([world.holders('web-developer'), world.holders('pay-developer')], [['ana'], ['bo']]);
});
