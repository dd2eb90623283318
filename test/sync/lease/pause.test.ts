import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNMETERED } from '../../../src/access/ports/meter.ts';
import { rejectHeld } from '../../../src/cli/product/held.ts';
import { watchedStore } from '../../../src/store/watched.ts';
import { explain } from '../../../src/sync/explain.ts';
import { ghostsOf } from '../../../src/sync/ids/ghosts.ts';
import { LeaverWatch } from '../../../src/sync/leavers/alarms.ts';
import { unpaidLeavers } from '../../../src/sync/leavers/unpaidLeavers.ts';
import { UnreachedLeavers } from '../../../src/sync/leavers/unreached.ts';
import { debtRows, digestOf, heldRows, waiting } from '../rows.ts';
import { eventually, POLICY, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;
const BOTH = POLICY.replace(
  'rules:\n',
  `rules:
  - id: entra-developers
    from: entra
    group: "ci-{team}-dev"
    grant: developer
  - id: robot
    principal: nightly
    owner: platform
    reason: nightly runs
    review: 2099-01-01
    grant: browser
`,
);

test('people of a paused connection keep what they have, in whole passes too; others are unaffected', async (t) => {
  const world = await two(t);
  await world.pause('entra');
  await world.drop('ci-pay-dev', 'ana');
  await world.change('ella', { active: false }, 'entra');
  await world.change('emil', { userName: 'emil.new' }, 'entra');
  await world.order(sync);
  assert.deepEqual(world.holders('pay-developer'), []);
  assert.deepEqual([...world.holders('web-developer')].sort(), ['ella', 'emil']);
  assert.deepEqual(await waiting(world), []);
});

test('a pause of one connection leaves whole passes whole: accounts named by rules, empty roles', async (t) => {
  const world = await two(t);
  await world.pause('entra');
  world.practice.hands.revoke('browser', 'nightly');
  await world.drop('ci-pay-dev', 'ana');
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['nightly']);
  world.setPolicy(BOTH.replace('group: "ci-{team}-dev"\n    grant: developer\n', 'group: other\n    grant: browser\n'));
  await world.order(sync);
  const empty = await world.store.read((db) =>
    db.selectFrom('owned_roles').selectAll().where('empty_since_ms', 'is not', null).execute(),
  );
  assert.deepEqual(
    empty.map(({ role_name }) => role_name),
    ['administrator', 'pay-developer'],
  );
  assert.deepEqual([...world.holders('web-developer')].sort(), ['ella', 'emil']);
});

test('an id that somebody of a paused connection has goes to the primary one as any other, with nothing of what stood there', async (t) => {
  for (const whole of [true, false]) {
    const world = await two(t);
    await world.pause('entra');
    const primary = await world.person('ella');
    await world.add('ci-pay-dev', 'ella');
    const one = { ...sync, ...(whole ? {} : { person: primary }) };
    for (let time = 0; time < 2; time++) await world.order(one);
    assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'ella']);
    assert.deepEqual(world.holders('web-developer'), ['emil'], 'she is given nothing that another one had');
    await world.resume('entra');
    for (let time = 0; time < 2; time++) await world.order(sync);
    assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'ella']);
    assert.deepEqual(world.holders('web-developer'), ['emil']);
    await world.ledger.seal();
    const taken = (await world.ledger.records(1, 200)).filter(({ kind }) => kind === 'identity.taken-over');
    assert.deepEqual(
      taken.map(({ body }) => [body.from, body.to, body.by]),
      [['entra', 'okta', primary]],
    );
  }
});

test('while a connection is paused its people are no ghosts and its held steps go on waiting', async (t) => {
  const world = await two(t);
  await world.directory.deleteGroup(
    { connection: 'entra', credential: 'c', request: 'r' },
    world.groupOf('ci-web-dev'),
  );
  await world.order(sync);
  const before = await waiting(world);
  assert.deepEqual(before, ['revoke ella: bound-group', 'revoke emil: bound-group']);
  await world.pause('entra');
  await world.order(sync);
  const config = world.config.controllers[0]!;
  const ghosts = await ghostsOf(world.context, config, world.context.controller('ci'));
  assert.deepEqual(
    ghosts.filter(({ id }) => id.startsWith('e')),
    [],
  );
  assert.deepEqual(await waiting(world), before);
});

test('explain shows what people of a paused connection hold, and that it is paused', async (t) => {
  const world = await two(t);
  await world.pause('entra');
  const told = () => explain(world.context, world.config.controllers[0]!, world.idOf('ella'), {});
  const { active, jenkinsId, grants, whyNot } = await told();
  assert.deepEqual([active, jenkinsId], [true, 'ella']);
  assert.deepEqual(
    grants.map(({ role, effective }) => [role, effective]),
    [['web-developer', true]],
  );
  assert.match(whyNot[0]?.missing ?? '', /entra is paused/);
  await world.resume('entra');
  await world.store.write(({ db }) => db.updateTable('controllers').set({ paused: 1 }).execute());
  assert.match((await told()).whyNot[0]?.missing ?? '', /controller: it is paused/);
});

test('explain calls nobody by an id that somebody of a paused connection would give up, and who is paused by what they keep', async (t) => {
  const world = await two(t);
  const told = async (name: string) => {
    const { jenkinsId, grants } = await explain(world.context, world.config.controllers[0]!, world.idOf(name), {});
    return [jenkinsId, ...grants.map(({ role, effective }) => [role, effective])];
  };
  await world.pause('okta');
  await world.change('ana', { userName: 'anna' });
  await world.person('namesake', { userName: 'ana' }, 'entra');
  await world.order(sync);
  assert.deepEqual(await told('namesake'), [null]);
  assert.deepEqual(await told('ana'), ['ana', ['pay-developer', true]]);
  await world.change('ana', { active: false });
  assert.deepEqual((await told('ana'))[0], 'ana');
});

test('debts of a paused connection add up, and are paid after resume', async (t) => {
  const world = await two(t);
  world.practice.hands.mintToken('ella');
  await world.pause('entra');
  world.start();
  await world.change('ella', { active: false }, 'entra');
  await world.change('ana', { active: false });
  await eventually(async () => (await debtRows(world)).some(({ id, state }) => id === 'ana' && state === 'done'));
  assert.equal(world.practice.look.person('ella').tokens, 1);
  assert.ok(world.holders('web-developer').includes('ella'));
  await world.resume('entra');
  await eventually(() => world.practice.look.person('ella').tokens === 0);
  await eventually(() => !world.holders('web-developer').includes('ella'));
  assert.ok(world.holders('web-developer').includes('emil'));
});

test('somebody who leaves while the connection is paused is alarmed, and the certificate counts from then', async (t) => {
  const world = await two(t);
  await world.pause('entra');
  world.start();
  await world.change('ella', { active: false }, 'entra');
  await world.directory.deleteUser({ connection: 'entra', credential: 'c', request: 'r' }, world.idOf('emil'));
  const left = new Date(world.context.clock.now()).toISOString();
  await eventually(async () => (await pendingRows(world)) === 0);
  await world.order(sync);
  await world.stop();
  const waiting = await world.certificate('ella');
  assert.ok(waiting.receivedAt! <= left, 'known before anything is owed');
  const ages: number[] = [];
  const meter = { ...UNMETERED, oldestLeaver: (age: number) => void ages.push(age) };
  const watch = new LeaverWatch({ ...world.context, meter });
  const told = () => world.lines.filter(({ message }) => message === 'a leaver is not done');
  const counts: number[] = [];
  for (const minutes of [0, 2, 5, 10]) {
    world.time.forward(minutes * 60_000);
    await watch.look();
    counts.push(told().length);
  }
  assert.deepEqual(counts, [0, 2, 2, 4]);
  assert.ok(ages.at(-1)! >= 17 * 60, String(ages));
  const fields = told().map((line) => line.fields);
  assert.deepEqual(new Set(fields.map(({ person }) => person)), new Set(['ella', 'emil'].map(world.idOf)));
  assert.deepEqual([fields[0]?.controller, fields[0]?.error], ['ci', 'the connection entra is paused']);
  await world.resume('entra');
  world.start();
  await eventually(async () => (await debtRows(world)).filter(({ state }) => state === 'done').length === 2);
  await watch.look();
  assert.deepEqual([told().length, ages.at(-1)], [4, 0]);
  const certificate = await world.certificate('ella');
  assert.ok(certificate.receivedAt! <= left, 'received when it was pushed, not when the pause was over');
  assert.ok(certificate.controllers[0]!.elapsedMs! >= 17 * 60_000);
});

test('somebody who leaves while everything is paused is told of once for each controller', async (t) => {
  const world = await two(t);
  await world.pause('entra');
  await setPaused(world, 1);
  world.start();
  await world.change('ella', { active: false }, 'entra');
  await eventually(async () => (await pendingRows(world)) > 0);
  await world.stop();
  const found = await world.store.read((db, breathe) =>
    new UnreachedLeavers(world.config, world.context.clock).look(db, [], breathe),
  );
  assert.deepEqual(
    found.map(({ controller, user }) => [controller, user]),
    [['ci', 'ella']],
  );
});

test('who comes back while their connection is paused is not told of any more, who is ordered to leave is, who leaves is within a minute', async (t) => {
  const world = await two(t);
  await world.pause('entra');
  const leavers = new UnreachedLeavers(world.config, world.context.clock);
  const told = async (): Promise<string[]> =>
    (await world.store.read((db, breathe) => leavers.look(db, [], breathe))).map(({ user }) => user).toSorted();
  const order = (person: string) =>
    world.store.write(({ db }) =>
      db.insertInto('ordered_leavers').values({ person, at: '2026-11-01T00:00:00.000Z' }).execute(),
    );
  await world.change('ella', { active: false }, 'entra');
  await order(world.idOf('emil'));
  assert.deepEqual(await told(), ['ella', 'emil']);
  await world.change('ella', { active: true }, 'entra');
  assert.deepEqual(await told(), ['emil']);
  await world.store.write(({ db }) => db.deleteFrom('ordered_leavers').execute());
  assert.deepEqual(await told(), []);
  await world.change('emil', { active: false }, 'entra');
  world.time.forward(60_000);
  assert.deepEqual(await told(), ['emil']);
});

test('a paused controller is left alone, and catches up after resume', async (t) => {
  const world = await two(t);
  await setPaused(world, 1);
  world.start();
  await world.change('ana', { active: false });
  await eventually(async () => (await pendingRows(world)) > 0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  await setPaused(world, 0);
  await eventually(() => world.holders('pay-developer').length === 0);
});

test('a restored database puts every controller on hold until resume', async (t) => {
  const world = await two(t);
  await world.store.write(({ db }) => db.updateTable('controllers').set({ on_hold: 1 }).execute());
  world.start();
  await world.change('ana', { active: false });
  await eventually(async () => (await pendingRows(world)) > 0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  await world.store.write(({ db }) => db.updateTable('controllers').set({ on_hold: 0 }).execute());
  await eventually(() => world.holders('pay-developer').length === 0);
});

/** `ana` of okta in pay, `ella` and `emil` of entra in web; nothing runs yet. */
async function two(t: Parameters<typeof syncWorld>[0], mode: 'add-only' | 'enforce' = 'enforce'): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false, policy: BOTH, mode });
  await world.person('ana');
  await world.person('ella', {}, 'entra');
  await world.person('emil', {}, 'entra');
  await world.group('ci-pay-dev', ['ana']);
  await world.group('ci-web-dev', ['ella', 'emil'], 'entra');
  const applied = await world.order(sync);
  assert.equal(applied.error, undefined);
  assert.deepEqual([...world.holders('web-developer')].sort(), ['ella', 'emil']);
  assert.deepEqual(world.holders('browser'), ['nightly']);
  return world;
}

async function setPaused(world: SyncWorld, paused: number): Promise<void> {
  await world.store.write(({ db }) => db.updateTable('controllers').set({ paused }).execute());
}

async function pendingRows(world: SyncWorld): Promise<number> {
  return (await world.store.read((db) => db.selectFrom('pending').select('id').execute())).length;
}

test('what waits can be released while what was rejected of a paused connection is no part of it', async (t) => {
  const policy = POLICY.replace(
    'rules:\n',
    'rules:\n  - { id: root, from: entra, group: root, grant: administrator }\n',
  );
  const world = await syncWorld(t, {
    start: false,
    policy,
    more: 'guard: { gains: { administrators: { count: 0 } } }',
  });
  for (const name of ['ana', 'cy']) await world.person(name);
  await world.person('ella', {}, 'entra');
  await world.group('jenkins-admins', ['ana']);
  await world.group('root', ['ella'], 'entra');
  await world.order(sync);
  const { store, ledger, time } = world;
  const parts = { store: watchedStore(store, time.clock), ledger, operator: 'operator' };
  await rejectHeld(parts, await digestOf(world, 'gains.administrators'));
  await world.pause('entra');
  await world.add('jenkins-admins', 'cy');
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['grant cy: gains.administrators']);
  const { digest } = (await heldRows(world)).find(({ state }) => state === 'held')!;
  await world.order({ kind: 'apply', allowLoss: digest });
  assert.deepEqual(world.holders('administrator'), ['cy']);
});

test('who is back while their connection is paused is nobody who left, though what they owed is stored until it goes on', async (t) => {
  const world = await two(t, 'add-only');
  await world.change('ella', { active: false }, 'entra');
  await world.order(sync);
  const alarms = async (): Promise<string[]> => {
    world.lines.length = 0;
    await new LeaverWatch({ ...world.context, meter: UNMETERED }).look();
    return world.lines.flatMap(({ message, fields }) =>
      message.endsWith('is not done') ? [String(fields.person)] : [],
    );
  };
  assert.deepEqual(await alarms(), [world.idOf('ella')]);
  await world.pause('entra');
  await world.change('ella', { active: true }, 'entra');
  await world.order(sync);
  world.time.forward(3_600_000);
  assert.deepEqual(await alarms(), []);
  assert.deepEqual(await world.store.read(unpaidLeavers), []);
  await world.change('ella', { active: false }, 'entra');
  assert.deepEqual(await alarms(), [world.idOf('ella')]);
});

test('who is back by another name while their connection is paused gave an id up, and is nobody who left', async (t) => {
  const world = await two(t, 'add-only');
  await world.change('ella', { active: false }, 'entra');
  await world.order(sync);
  await world.pause('entra');
  await world.change('ella', { active: true, userName: 'elena' }, 'entra');
  await world.order(sync);
  const told = async () =>
    (await world.store.read(unpaidLeavers)).map(({ person, folded_id, stays }) => [person, folded_id, stays]);
  assert.deepEqual(await told(), [[world.idOf('ella'), 'ella', 1]]);
  await world.change('ella', { active: false }, 'entra');
  assert.deepEqual(await told(), [[world.idOf('ella'), 'ella', 0]]);
});
