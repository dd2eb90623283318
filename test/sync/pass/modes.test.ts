import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rejectHeld } from '../../../src/cli/product/held.ts';
import { refuse } from '../../../src/errors.ts';
import { watchedStore } from '../../../src/store/watched.ts';
import { noteConfiguration } from '../../../src/sync/configured/configured.ts';
import { LeaverWatch } from '../../../src/sync/leavers/alarms.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows, digestOf, heldRows, recordsOf, waiting } from '../rows.ts';
import { eventually, POLICY, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;
type Mode = 'off' | 'observe' | 'add-only' | 'enforce';

test('off: nothing by itself and nothing by an operator; debts add up and are paid when the mode changes', async (t) => {
  const world = await syncWorld(t, { mode: 'off' });
  world.practice.hands.mintToken('ana');
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.change('ana', { active: false });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await world.stop();
  assert.equal(world.practice.look.roles('item').length, 0);
  await world.order({ kind: 'apply' });
  assert.equal(world.practice.look.roles('item').length, 0);
  assert.equal(world.practice.look.person('ana').tokens, 1);
  setMode(world, 'enforce');
  await world.order(sync);
  assert.equal(world.practice.look.person('ana').tokens, 0);
});

test('add-only: grants, role creation and added permissions by itself; losses and leavers are held, leavers as an error', async (t) => {
  const world = await syncWorld(t, { start: false, mode: 'add-only' });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await world.order(sync);
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo']);
  await world.drop('ci-pay-dev', 'ana');
  await world.change('bo', { active: false });
  await world.order(sync);
  assert.equal(world.holders('pay-developer').length, 2);
  const { verdict } = await world.assess('automatic');
  assert.ok(verdict.findings.some(({ code, level }) => code === 'plan.leavers-not-enforced' && level === 'error'));
  await world.order({ kind: 'apply' });
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('add-only: of an edit that adds to a role and takes from it what is added goes by itself, and what is taken waits for `apply`', async (t) => {
  const world = await syncWorld(t, { start: false, mode: 'add-only' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  world.setPolicy(POLICY.replace('[Job/Read, Job/Build]', '[Job/Read, Job/Cancel]'));
  const short = () =>
    world.practice.look
      .roles('item')
      .flatMap(({ permissions }) => permissions.map((id) => id.split('.').at(-1)))
      .sort();
  for (let time = 0; time < 2; time++) {
    await world.order(sync);
    assert.deepEqual(short(), ['Build', 'Cancel', 'Read']);
  }
  const { verdict } = await world.assess('automatic');
  assert.deepEqual(
    verdict.held.map(({ step, ceiling }) => [step.kind, ceiling]),
    [['update-role', 'mode']],
  );
  await world.order({ kind: 'apply' });
  assert.deepEqual(short(), ['Cancel', 'Read']);
});

test('add-only: what an edit adds to a role beside what it takes can wait for a ceiling, and a release lets it go', async (t) => {
  const more = 'guard: { gains: { administrators: { count: 0 } } }';
  const world = await syncWorld(t, { start: false, mode: 'add-only', more });
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  const browser = 'scope: global\n    permissions: ';
  const policy = (permissions: string) => POLICY.replace('scope: global\n    preset: browse', browser + permissions);
  world.setPolicy(policy('[Overall/Read, Job/Read]'));
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana']);
  world.setPolicy(policy('[Overall/Read, Overall/Administer]\n    administer: true'));
  await world.order(sync);
  const named = async (ceiling: string) =>
    (await heldRows(world)).filter((row) => row.ceiling === ceiling && row.state === 'held').length;
  assert.equal(await named('gains.administrators'), 1);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'gains.administrators') });
  const { permissions } = world.practice.look.roles('global').find(({ name }) => name === 'browser')!;
  assert.deepEqual(permissions.map((id) => id.split('.').slice(-2).join('.')).sort(), [
    'Hudson.Administer',
    'Hudson.Read',
    'Item.Read',
  ]);
});

test('add-only: an edit of which somebody rejected what it adds is made neither by `apply` nor in another mode', async (t) => {
  const more = 'guard: { gains: { administrators: { count: 0 } } }';
  const world = await syncWorld(t, { start: false, mode: 'add-only', more });
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  const browser = 'scope: global\n    permissions: ';
  const policy = (permissions: string) => POLICY.replace('scope: global\n    preset: browse', browser + permissions);
  world.setPolicy(policy('[Overall/Read, Job/Read]'));
  await world.order(sync);
  world.setPolicy(policy('[Overall/Read, Overall/Administer]\n    administer: true'));
  await world.order(sync);
  const { store, ledger, time } = world;
  const parts = { store: watchedStore(store, time.clock), ledger, operator: 'operator' };
  await rejectHeld(parts, await digestOf(world, 'gains.administrators'));
  Object.assign(world.config.guard.gains.administrators, { count: 9 });
  const short = () =>
    world.practice.look
      .roles('global')
      .find(({ name }) => name === 'browser')!
      .permissions.map((id) => id.split('.').slice(-2).join('.'))
      .sort();
  const refused = async (order: Parameters<SyncWorld['order']>[0]) => {
    await world.order(order);
    assert.deepEqual(short(), ['Hudson.Read', 'Item.Read']);
    assert.deepEqual(
      (await heldRows(world)).map(({ state }) => state),
      ['rejected'],
    );
  };
  for (const order of [{ kind: 'apply' }, sync, { kind: 'sync', person: world.idOf('ana') }] as const)
    await refused(order);
  setMode(world, 'enforce');
  for (const order of [sync, { kind: 'apply' }] as const) await refused(order);
  await world.order({ kind: 'apply', allowLoss: (await heldRows(world))[0]!.digest });
  assert.deepEqual(short(), ['Hudson.Administer', 'Hudson.Read', 'Item.Read']);
  await world.order(sync);
  assert.deepEqual(short(), ['Hudson.Administer', 'Hudson.Read']);
});

test('a plan made when a mode is switched shows the accumulated debts first', async (t) => {
  const world = await syncWorld(t, { start: false, mode: 'observe' });
  for (const name of ['ana', 'bo']) {
    world.practice.hands.mintToken(name);
    await world.person(name);
  }
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await world.order({ kind: 'apply' });
  await world.person('cleo');
  await world.add('ci-pay-dev', 'cleo');
  await world.change('ana', { active: false });
  await world.order(sync);
  assert.equal((await debtRows(world))[0]?.state, 'held');
  setMode(world, 'enforce');
  const { plan } = await world.assess('automatic');
  const causes = plan.steps.map(({ cause }) => cause);
  assert.equal(causes[0], 'leaver');
  assert.ok(causes.lastIndexOf('leaver') < causes.indexOf('gain'), causes.join());
  await world.order(sync);
  assert.equal((await debtRows(world))[0]?.state, 'done');
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['bo', 'cleo']);
});

test('leavers above the ceiling are held with an error, and released one by one', async (t) => {
  const world = await leavers(t);
  const { verdict } = await world.assess('automatic');
  assert.ok(verdict.findings.some(({ code, level }) => code === 'plan.leavers-held' && level === 'error'));
  const held = await heldPeople(world);
  assert.equal(held.length, 3);
  await world.order({ kind: 'leaver', person: world.idOf(held[0]!) });
  assert.equal(world.practice.look.person(held[0]!).tokens, 0);
  assert.deepEqual(await heldPeople(world), held.slice(1));
});

test('a release holds until it is done: the controller may fail just then', async (t) => {
  let down = false;
  const world = await syncWorld(t, {
    start: false,
    more: 'guard: { losses: { disableUsers: { count: 1, percent: 100, atLeast: 1 } } }',
    wrap: (controller) => ({
      ...passThrough(controller),
      cut: async (fence, orders) => {
        if (down) throw refuse('JEN_TIMEOUT', { controller: 'ci', seconds: 5 });
        return controller.cut(fence, orders);
      },
    }),
  });
  const names = ['ana', 'bo', 'cleo', 'di'];
  for (const name of names) await world.person(name);
  await world.group('ci-pay-dev', names);
  await world.order({ kind: 'sync' });
  for (const name of ['ana', 'bo', 'cleo']) await world.change(name, { active: false });
  await world.order({ kind: 'sync' });
  const digest = await digestOf(world, 'losses.disableUsers');
  down = true;
  await world.order({ kind: 'apply', allowLoss: digest });
  down = false;
  await world.order({ kind: 'sync' });
  assert.deepEqual(world.holders('pay-developer'), ['di']);
  await world.order({ kind: 'sync' });
  assert.deepEqual(await world.store.read((db) => db.selectFrom('held').selectAll().execute()), []);
});

test('another mode of a controller is recorded, off too, which is never looked at', async (t) => {
  const world = await syncWorld(t);
  const config = world.config.controllers[0]!;
  const begun = async (mode: Mode) => {
    await world.stop();
    Object.assign(config, { mode });
    world.start();
    await eventually(async () => (await modes()).at(-1) === mode);
  };
  const modes = async () => {
    await world.ledger.seal();
    const told = (await world.ledger.records(1, 1_000)).filter(({ kind }) => kind === 'controller.mode');
    return told.map(({ body }) => body.mode);
  };
  await world.person('ana');
  const stored = () => world.store.read((db) => db.selectFrom('controllers').select('mode').executeTakeFirst());
  await eventually(async () => (await stored())?.mode === 'enforce');
  await begun('off');
  await begun('enforce');
  await world.stop();
  Object.assign(config, { mode: 'observe' });
  await world.order({ kind: 'sync' });
  await world.order({ kind: 'sync' });
  assert.deepEqual(await modes(), ['off', 'enforce', 'observe']);
});

test('who made a process work in another mode is told: the service by itself, or whoever ran a command, with the file', async (t) => {
  const world = await syncWorld(t, { start: false });
  const config = world.config.controllers[0]!;
  await world.order({ kind: 'sync' });
  const runBy = { user: 'svc', host: 'node-1', file: '/etc/jenkins-scim.yaml' };
  Object.assign(world.context, { runBy });
  Object.assign(config, { mode: 'off' });
  await noteConfiguration(world.context);
  Object.assign(config, { mode: 'observe' });
  await world.order({ kind: 'sync', by: 'operator:eve' });
  await world.ledger.seal();
  const told = (await world.ledger.records(1, 1_000)).filter(({ kind }) => kind === 'controller.mode');
  assert.deepEqual(
    told.map(({ actor, body }) => [actor, body]),
    [
      ['sync', { before: 'enforce', mode: 'off', from: runBy }],
      ['operator:eve', { before: 'off', mode: 'observe', from: runBy }],
    ],
  );
});

test('what begins to wait for a release is recorded once, with the ceiling and whom it is about', async (t) => {
  const world = await syncWorld(t, {
    start: false,
    more: 'guard: { losses: { disableUsers: { count: 1, percent: 100, atLeast: 1 } } }',
  });
  const names = ['ana', 'bo', 'cleo', 'di'];
  for (const name of names) await world.person(name);
  await world.group('ci-pay-dev', names);
  await world.order({ kind: 'sync' });
  for (const name of ['ana', 'bo']) await world.change(name, { active: false });
  for (let time = 0; time < 3; time++) await world.order({ kind: 'sync' });
  await world.ledger.seal();
  const told = (await world.ledger.records(1, 1_000)).filter(({ kind }) => kind === 'plan.held');
  const { ceiling, named } = told[0]!.body as { ceiling: string; named: string[] };
  assert.deepEqual([told.length, ceiling, named.length], [1, 'losses.disableUsers', 1]);
});

test('leavers that are held are alarmed at once, and once', async (t) => {
  const world = await leavers(t);
  const told = (): number => world.lines.filter(({ message }) => message === 'a leaver is not done').length;
  await new LeaverWatch(world.context).look();
  assert.equal(told(), 3);
  await new LeaverWatch(world.context).look();
  assert.equal(told(), 3);
});

test('leavers above the ceiling are released together', async (t) => {
  const world = await leavers(t);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'losses.disableUsers') });
  assert.deepEqual(await heldPeople(world), []);
  assert.ok((await debtRows(world)).every(({ state }) => state === 'done'));
});

test('a release of leavers takes what stands at their ids by then, and tells of nobody too early', async (t) => {
  const world = await leavers(t);
  const digest = await digestOf(world, 'losses.disableUsers');
  const [name] = await heldPeople(world);
  world.practice.hands.defineRole({
    type: 'global',
    name: 'guest',
    pattern: '.*',
    permissions: ['hudson.model.Hudson.Read'],
  });
  world.practice.hands.grant('guest', name!);
  await world.order({ kind: 'apply', allowLoss: digest });
  assert.equal(world.practice.look.person(name!).entries, 0);
  assert.deepEqual(await heldPeople(world), []);
  assert.ok((await debtRows(world)).every(({ state }) => state === 'done'));
  assert.deepEqual(
    (await recordsOf(world, name!)).filter((kind) => kind.startsWith('leaver.')),
    ['leaver.complete'],
  );
});

test('a role whose name was given up stays while leavers in it are held, and goes when they are released', async (t) => {
  const world = await leavers(t);
  const next = 'name: "{team}-dev"\n    renamedFrom: "{team}-developer"';
  world.setPolicy(POLICY.replace('name: "{team}-developer"', next));
  await world.order(sync);
  assert.deepEqual(world.holders('pay-dev').length, 3);
  assert.deepEqual([...world.holders('pay-developer')].sort(), await heldPeople(world));
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'losses.disableUsers') });
  await world.order(sync);
  assert.deepEqual(
    world.practice.look.roles('item').map(({ name }) => name),
    ['pay-dev'],
  );
  assert.deepEqual(await waiting(world), []);
});

test('a policy that is edited right after the start is not left until the next look at the controller', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'), 'she holds it');
  await new Promise((resolve) => setTimeout(resolve, 500));
  world.setPolicy(POLICY.replace('name: "{team}-developer"', 'name: "{team}-dev"'));
  await eventually(() => world.holders('pay-dev').includes('ana'), 'she holds the new one');
});

test('what waited for a role that was released is granted by itself, without waiting for the next full look', async (t) => {
  const world = await syncWorld(t, { more: 'guard: { gains: { createRoles: 0 } }' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(async () => (await waiting(world)).includes('grant ana: needs'), 'the role and the grant wait');
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'gains.createRoles') });
  await eventually(() => world.holders('pay-developer').includes('ana'), 'she holds it');
});

test('losing all users of a connection, where it had more than 3, is held whatever the count', async (t) => {
  const world = await syncWorld(t, { start: false });
  const names = ['ana', 'bo', 'cleo', 'dan'];
  for (const name of names) await world.person(name);
  await world.group('ci-pay-dev', names);
  await world.order(sync);
  for (const name of names) await world.change(name, { active: false });
  await world.order(sync);
  assert.equal(world.holders('pay-developer').length, 4);
  assert.ok((await waiting(world)).every((text) => text.endsWith(': whole-connection')));
});

test('an operator is held by ceilings too: apply alone releases nothing', async (t) => {
  const world = await leavers(t);
  const before = await heldPeople(world);
  await world.order({ kind: 'apply' });
  assert.deepEqual(await heldPeople(world), before);
});

/** Of eight people five leave; two are let through. */
async function leavers(t: Parameters<typeof syncWorld>[0]): Promise<SyncWorld> {
  const more = 'guard: { losses: { disableUsers: { count: 2, percent: 100, atLeast: 1 } } }';
  const world = await syncWorld(t, { start: false, more });
  const names = Array.from({ length: 8 }, (_, index) => `dev${index}`);
  for (const name of names) {
    await world.person(name);
    world.practice.hands.mintToken(name);
  }
  await world.group('ci-pay-dev', names);
  await world.order(sync);
  for (const name of names.slice(0, 5)) await world.change(name, { active: false });
  await world.order(sync);
  return world;
}

/** Who left and can still act. */
async function heldPeople(world: SyncWorld): Promise<string[]> {
  const rows = await debtRows(world);
  return rows
    .filter(({ state }) => state === 'held')
    .map(({ id }) => id)
    .sort();
}

async function reject(world: SyncWorld, digest: string): Promise<void> {
  const parts = { store: watchedStore(world.store, world.time.clock), ledger: world.ledger, operator: 'operator' };
  await rejectHeld(parts, digest);
}

function setMode(world: SyncWorld, mode: Mode): void {
  (world.config.controllers[0] as { mode: Mode }).mode = mode;
}

test('what was rejected stays undone, whatever it waited for, until it is released by a word that reaches the controller', async (t) => {
  let away = false;
  const world = await syncWorld(t, {
    start: false,
    mode: 'observe',
    wrap: (controller) => ({
      ...passThrough(controller),
      observe: () =>
        away ? Promise.reject(refuse('JEN_UNREACHABLE', { controller: 'ci', reason: 'away' })) : controller.observe(),
    }),
  });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-users', ['ana']);
  await world.group('jenkins-admins', ['bo']);
  await world.order(sync);
  const { step_key: key, digest } = (await heldRows(world)).find(({ step }) => step.includes('"bo"'))!;
  await world.store.write(({ db }) =>
    db.updateTable('held').set({ digest: key }).where('step_key', '=', key).execute(),
  );
  await reject(world, key);
  assert.notEqual(key, digest);
  await world.order({ kind: 'apply' });
  assert.deepEqual([world.holders('browser'), world.holders('administrator')], [['ana'], []]);
  setMode(world, 'enforce');
  await world.order(sync);
  assert.deepEqual(world.holders('administrator'), []);
  const states = async () => (await heldRows(world)).map(({ state }) => state);
  assert.deepEqual(await states(), ['rejected']);
  away = true;
  assert.match((await world.order({ kind: 'apply', allowLoss: key })).error ?? '', /away/);
  assert.deepEqual(await states(), ['rejected']);
  away = false;
  await world.order({ kind: 'apply', allowLoss: key });
  assert.deepEqual([world.holders('administrator'), await states()], [['bo'], []]);
});

test('what the mode holds can be released beside what was rejected before for another reason', async (t) => {
  const world = await syncWorld(t, { start: false, more: 'guard: { gains: { administrators: { count: 0 } } }' });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('jenkins-admins', ['ana']);
  await world.order(sync);
  await reject(world, await digestOf(world, 'gains.administrators'));
  setMode(world, 'observe');
  await world.group('ci-users', ['bo']);
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['grant bo: mode']);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'mode') });
  assert.deepEqual([world.holders('browser'), world.holders('administrator')], [['bo'], []]);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'gains.administrators') });
  assert.deepEqual(world.holders('administrator'), ['ana']);
});

test('nobody is put into a role whose creation was rejected while the mode held it', async (t) => {
  const world = await syncWorld(t, { start: false, mode: 'observe' });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  await reject(world, await digestOf(world, 'mode'));
  setMode(world, 'enforce');
  await world.add('ci-pay-dev', 'bo');
  const { error, failed } = await world.order(sync);
  assert.deepEqual([error, failed], [undefined, 0]);
  assert.deepEqual(await waiting(world), ['grant bo: needs']);
  await world.order({ ...sync, person: world.idOf('bo') });
  assert.deepEqual(await waiting(world), ['grant bo: needs']);
});
