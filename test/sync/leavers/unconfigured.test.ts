import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LeaverWatch } from '../../../src/sync/leavers/alarms.ts';
import { LET_GO } from '../../../src/sync/leavers/certificate.ts';
import { detach } from '../../../src/sync/orders/detach.ts';
import { debtRows, entryRows } from '../rows.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

// A controller that is taken out of the configuration has not looked at who left since it was read last.

const REASON = 'it is not configured any more: nothing is proven there';

/** ana left and `ci` has cut her; `other` was paused, and did not look before it was taken out of the configuration. */
async function takenOut(t: TestContext): Promise<SyncWorld> {
  const world = await syncWorld(t, { controllers: ['ci', 'other'] });
  for (const name of ['ana', 'bea']) await world.person(name);
  await world.group('ci-users', ['ana', 'bea']);
  await eventually(async () => (await entryRows(world)).filter(({ verified }) => verified === 1).length === 4);
  // A turn that began before the pause would still take what comes.
  await world.stop();
  await world.store.write(({ db }) =>
    db.updateTable('controllers').set({ paused: 1 }).where('name', '=', 'other').execute(),
  );
  world.start();
  await leave(world, 'ana');
  Object.assign(world.config, { controllers: world.config.controllers.filter(({ name }) => name === 'ci') });
  return world;
}

async function leave(world: SyncWorld, name: string): Promise<void> {
  await world.change(name, { active: false });
  await eventually(async () => {
    const [ci] = (await world.certificate(name)).controllers;
    return ci?.name === 'ci' && ci.doneAt !== null;
  });
}

async function alarms(world: SyncWorld): Promise<unknown[]> {
  world.time.forward(61_000);
  world.lines.length = 0;
  await new LeaverWatch(world.context).look();
  return world.lines
    .filter(({ message }) => message === 'a leaver is not done')
    .map(({ fields }) => [fields.controller, fields.person, fields.error]);
}

const residuals = async (world: SyncWorld, name: string): Promise<unknown[]> => {
  const { complete, controllers } = await world.certificate(name);
  return [complete, ...controllers.map((one) => [one.name, ...one.residual.slice(0, 1)])];
};

test('who left is not done where a controller left the configuration before it looked: certificate and alarm say so', async (t) => {
  const world = await takenOut(t);
  assert.deepEqual(await residuals(world, 'ana'), [false, ['ci'], ['other', REASON]]);
  assert.deepEqual(await alarms(world), [['other', world.idOf('ana'), 'it is not configured any more']]);
  await world.change('ana', { active: true });
  assert.deepEqual(await alarms(world), [], 'who is back is none who left');
});

test('an operator lets go of such a controller: whom nobody looked at is named, and no more asked about', async (t) => {
  const world = await takenOut(t);
  await detach(world.context, 'other');
  await world.ledger.seal();
  const [told] = (await world.ledger.records(1, 1_000)).filter(({ kind }) => kind === 'leaver.let-go');
  assert.deepEqual(told?.body, { people: 1, named: [world.idOf('ana')] });
  assert.deepEqual(await residuals(world, 'ana'), [false, ['ci'], ['other', LET_GO]]);
  assert.deepEqual(await alarms(world), []);
  await leave(world, 'bea');
  assert.deepEqual(await residuals(world, 'bea'), [true, ['ci']], 'who leaves afterwards has nothing to do with it');
});

/** What happens to ana while `other` is not configured, which is configured again and read whole afterwards. */
async function whileAway(t: TestContext, happens: (world: SyncWorld) => Promise<void>): Promise<SyncWorld> {
  const world = await syncWorld(t, { controllers: ['ci', 'other'], start: false });
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  for (const name of ['ci', 'other']) await world.order({ kind: 'sync' }, name);
  const { controllers } = world.config;
  Object.assign(world.config, { controllers: controllers.filter(({ name }) => name === 'ci') });
  await happens(world);
  Object.assign(world.config, { controllers });
  await world.order({ kind: 'sync' }, 'other');
  return world;
}

const FIRST = [async () => {}, async (world: SyncWorld) => void (await detach(world.context, 'other'))];

const owedThere = async (world: SyncWorld) =>
  (await debtRows(world))
    .filter(({ controller }) => controller === 'other')
    .map(({ cause, id, state }) => `${cause} ${id} ${state}`);

test('such a controller is configured again: who left meanwhile is cut there, let go of or not', async (t) => {
  for (const first of FIRST) {
    const world = await whileAway(t, async (world) => {
      await world.change('ana', { active: false });
      await world.order({ kind: 'sync' }, 'ci');
      await first(world);
    });
    assert.deepEqual(await owedThere(world), ['leaver ana done']);
  }
});

test('such a controller is configured again: an id that was given up meanwhile is cut there, let go of or not', async (t) => {
  for (const first of FIRST) {
    const world = await whileAway(t, async (world) => {
      await world.change('ana', { userName: 'ana.novak' });
      await world.order({ kind: 'sync' }, 'ci');
      await first(world);
    });
    assert.deepEqual(await owedThere(world), ['old-id ana done']);
  }
});

test('such a controller is configured again and cannot be looked at: who left meanwhile is told of until it is', async (t) => {
  const world = await takenOut(t);
  const { controllers } = world.config;
  await world.stop();
  world.start();
  await leave(world, 'bea');
  await world.stop();
  Object.assign(world.config, { controllers: [...controllers, { ...controllers[0]!, name: 'other' }] });
  const told = ['ana', 'bea'].map((name) => ['other', world.idOf(name), 'it is paused']);
  const sorted = async () => (await alarms(world)).map(String).sort();
  assert.deepEqual(await sorted(), told.map(String).sort());
  await world.pause('okta');
  const once = await sorted();
  assert.equal(once.length, 2, 'of a connection that is paused as well, once');
  assert.ok(once.every((one) => one.endsWith('the connection okta is paused')));
});
