import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyPending } from '../../../src/sync/pace/distribute.ts';
import { viewOf } from '../../../src/sync/pass/view.ts';
import { passThrough } from '../passThrough.ts';
import { claimRows, debtRows } from '../rows.ts';
import { eventually, later, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

test('an edit of identity: is held whole until an operator applies it', async (t) => {
  const world = await team(t, ['Ana', 'Bo']);
  setTransform(world, 'uppercase');
  await world.order(sync);
  assert.deepEqual(holders(world), ['Ana', 'Bo']);
  const { situation } = await world.assess('automatic');
  assert.equal(situation.identityEdited, true);
  const view = viewOf(await world.assess());
  assert.ok('plan' in view && view.plan?.findings.some(({ code }) => code === 'identity.edited'));
  setStrip(world);
  await world.order({ kind: 'apply' });
  await world.order(sync);
  assert.equal((await world.assess('automatic')).situation.identityEdited, false);
});

test('neither a leaver ordered for one person nor a release takes an edited identity mapping into force', async (t) => {
  const world = await team(t, ['ana@corp.test', 'bo@corp.test', 'cleo@corp.test']);
  setStrip(world);
  await world.change('bo@corp.test', { active: false });
  await world.order({ kind: 'leaver', person: world.idOf('bo@corp.test') });
  assert.deepEqual(holders(world), ['ana@corp.test', 'cleo@corp.test']);
  await world.deleteGroup('ci-pay-dev');
  await world.order(sync);
  const rows = await world.store.read((db) => db.selectFrom('held').select('digest').execute());
  await world.order({ kind: 'apply', allowLoss: rows[0]!.digest });
  await world.order(sync);
  assert.equal((await world.assess('automatic')).situation.identityEdited, true);
  assert.deepEqual((await claimRows(world)).map(({ folded_id }) => folded_id).sort(), [
    'ana@corp.test',
    'bo@corp.test',
    'cleo@corp.test',
  ]);
});

test('an operator applies an edited identity mapping: new ids gain, old ids go through the leaver steps', async (t) => {
  const world = await team(t, ['ana@corp.test', 'bo@corp.test']);
  world.practice.hands.mintToken('ana@corp.test');
  setStrip(world);
  await world.order({ kind: 'apply' });
  await world.order(sync);
  assert.deepEqual(holders(world), ['ana', 'bo']);
  assert.equal(world.practice.look.person('ana@corp.test').tokens, 0);
});

test('who takes an edited identity mapping into force is recorded, with what it was before', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana', { externalId: 'e-1' });
  await world.order({ kind: 'sync' });
  const { name, identity } = world.config.controllers[0]!;
  Object.assign(world.config.controllers[0]!, { identity: { ...identity, user: 'externalId' } });
  await world.order({ kind: 'sync' });
  await world.order({ kind: 'apply' });
  await world.order({ kind: 'apply' });
  await world.ledger.seal();
  const applied = (await world.ledger.records(1, 1_000)).filter(({ kind }) => kind === 'identity.applied');
  assert.deepEqual(
    applied.map(({ actor, subject, body }) => [actor, subject?.id, body.before, body.identity]),
    [['operator', name, identity, { ...identity, user: 'externalId' }]],
  );
});

test('swaps between people are solved as one set, and what either could act with is cut', async (t) => {
  const world = await team(t, ['ana', 'bo']);
  await world.group('ci-web-dev', ['bo']);
  await world.order(sync);
  world.practice.hands.mintToken('ana');
  const [ana, bo] = [world.idOf('ana'), world.idOf('bo')];
  await world.change('ana', { userName: 'tmp' });
  await world.change('bo', { userName: 'ana' });
  await world.change('ana', { userName: 'bo' });
  await world.order(sync);
  await world.order(sync);
  const claims = await claimRows(world);
  assert.deepEqual(claims.map(({ folded_id, person, state }) => [folded_id, person, state]).sort(), [
    ['ana', bo, 'current'],
    ['bo', ana, 'current'],
  ]);
  assert.deepEqual(world.holders('web-developer'), ['ana']);
  assert.equal(world.practice.look.person('ana').tokens, 0);
});

test('an inactive owner keeps the id until the debt is verified paid; who is hired again holds nothing until then', async (t) => {
  const world = await team(t, ['ana']);
  const mode = world.config.controllers[0] as { mode: string };
  mode.mode = 'observe';
  await world.remove('ana');
  await world.person('ana', { displayName: 'hired again' });
  await world.add('ci-pay-dev', 'ana');
  await world.order({ kind: 'sync' });
  const { identities } = await world.assess();
  assert.ok(identities.findings.some(({ code }) => code === 'identity.contested'));
  assert.deepEqual(identities.people.get(world.idOf('ana')), { none: 'contested', wanted: 'ana' });
  mode.mode = 'enforce';
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(holders(world), ['ana']);
  const claims = await claimRows(world);
  assert.deepEqual(
    claims.map(({ person, state }) => [person, state]),
    [[world.idOf('ana'), 'current']],
  );
});

test('who is hired again gets the id as soon as the debt there is paid, without a look at everybody', async (t) => {
  let failing = true;
  const world = await syncWorld(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      async cut(fence, orders) {
        return controller.cut(fence, failing ? [] : orders);
      },
    }),
  });
  const gone = await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => holders(world).includes('ana'));
  world.practice.hands.mintToken('ana');
  await world.remove('ana');
  await eventually(async () => (await debtRows(world))[0]?.state === 'open');
  const again = await world.person('ana', { displayName: 'hired again' });
  await world.add('ci-pay-dev', 'ana');
  await eventually(async () => (await world.store.read((db) => anyPending(db, 'ci'))) === false);
  assert.deepEqual(
    (await claimRows(world)).map(({ person }) => person),
    [gone],
  );
  const fullRead = await world.store.read((db) => db.selectFrom('controllers').select('full_ms').executeTakeFirst());
  failing = false;
  await later(world, 5_100);
  await eventually(async () => (await claimRows(world))[0]?.person === again);
  await eventually(() => holders(world).includes('ana'));
  assert.equal(world.practice.look.person('ana').tokens, 0);
  assert.deepEqual(
    await world.store.read((db) => db.selectFrom('controllers').select('full_ms').executeTakeFirst()),
    fullRead,
  );
});

test('an operator releases an id whose debt cannot be paid: the next person gets it, the debt stays owed', async (t) => {
  const world = await team(t, ['ana']);
  const mode = world.config.controllers[0] as { mode: string };
  const gone = world.idOf('ana');
  mode.mode = 'observe';
  await world.remove('ana');
  await world.person('ana', { displayName: 'hired again' });
  await world.order(sync);
  assert.equal((await debtRows(world))[0]?.state, 'held');
  await world.order({ kind: 'release-id', person: gone });
  const claims = await claimRows(world);
  assert.deepEqual(
    claims.map(({ person, state }) => [person, state]),
    [[world.idOf('ana'), 'current']],
  );
  const [debt] = await debtRows(world);
  assert.deepEqual([debt?.person, debt?.state, debt?.released], [gone, 'held', 1]);
});

test('a release is for one departure: who got the id by it and leaves keeps it until what they owe is paid', async (t) => {
  const world = await team(t, ['ana']);
  const mode = world.config.controllers[0] as { mode: string };
  const gone = world.idOf('ana');
  mode.mode = 'observe';
  await world.remove('ana');
  const second = await world.person('ana', { displayName: 'hired again' });
  await world.order(sync);
  await world.order({ kind: 'release-id', person: gone });
  await world.remove('ana');
  await world.person('ana', { displayName: 'hired once more' });
  await world.order(sync);
  const [claim] = await claimRows(world);
  assert.deepEqual([claim?.person, claim?.state], [second, 'leaving']);
  await world.order({ kind: 'release-id', person: second });
  assert.equal((await claimRows(world))[0]?.person, world.idOf('ana'));
});

test('nobody can squat: a person of the primary connection takes precedence over one of another', async (t) => {
  const world = await syncWorld(t, { start: false });
  const squatter = await world.person('ana', {}, 'entra');
  await world.order(sync);
  assert.deepEqual(
    (await claimRows(world)).map(({ person }) => person),
    [squatter],
  );
  const real = await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(
    (await claimRows(world)).map(({ person, state }) => [person, state]),
    [[real, 'current']],
  );
  assert.deepEqual(holders(world), ['ana']);
});

test('reserved names and protected ids are stored as people, and never mapped', async (t) => {
  const world = await syncWorld(t, {
    start: false,
    controller: '    protect: { users: ["svc-*"], groups: [], roles: [] }',
  });
  const names = [
    'authenticated',
    'Anonymous',
    'SYSTEM',
    'role_everyone',
    'FACTOR_X',
    'ADMIN',
    'svc-deploy',
    'JENKINS-SCIM',
  ];
  for (const name of names) await world.person(name);
  await world.group('ci-pay-dev', names);
  assert.equal((await world.order(sync)).error, undefined);
  assert.deepEqual(holders(world), []);
  assert.deepEqual(await claimRows(world), []);
  const { identities } = await world.assess();
  assert.equal(identities.findings.length, names.length);
});

test('somebody renamed and then deleted owes at every id ever mapped', async (t) => {
  const world = await team(t, ['ana']);
  world.practice.hands.mintToken('ana');
  world.practice.hands.mintToken('ana.ruiz');
  await world.change('ana', { userName: 'ana.ruiz' });
  const mode = world.config.controllers[0] as { mode: string };
  mode.mode = 'add-only';
  await world.order(sync);
  await world.remove('ana');
  mode.mode = 'enforce';
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(holders(world), []);
  assert.deepEqual([world.practice.look.person('ana').tokens, world.practice.look.person('ana.ruiz').tokens], [0, 0]);
  assert.ok((await debtRows(world)).every(({ state }) => state === 'done'));
});

test('no record of a person is ever made on a controller; grants work without one', async (t) => {
  const world = await team(t, ['ana']);
  assert.equal(world.practice.look.person('ana').password, undefined);
  const [state] = await world.context.controller('ci').people(['ana']);
  assert.equal(state?.record, undefined);
  assert.equal(world.practice.look.may('ana', 'hudson.model.Item.Build', 'pay/api'), true);
});

async function team(t: Parameters<typeof syncWorld>[0], names: readonly string[]): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false });
  for (const name of names) await world.person(name);
  await world.group('ci-pay-dev', names);
  assert.equal((await world.order(sync)).error, undefined);
  assert.deepEqual(holders(world), [...names].sort());
  return world;
}

function holders(world: SyncWorld): string[] {
  return [...world.holders('pay-developer')].sort();
}

function setTransform(world: SyncWorld, transform: string): void {
  const controller = world.config.controllers[0] as { identity: object };
  controller.identity = { ...controller.identity, transform };
}

function setStrip(world: SyncWorld): void {
  const controller = world.config.controllers[0] as { identity: object };
  controller.identity = { ...controller.identity, stripDomain: true };
}
