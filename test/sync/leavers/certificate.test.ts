import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateOf } from '../../../src/sync/leavers/certificate.ts';
import { reproveLeavers } from '../../../src/sync/leavers/debts.ts';
import { isKnownController } from '../../../src/sync/orders/adoption.ts';
import { detach } from '../../../src/sync/orders/detach.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

const DEVELOPERS = 'ci-pay-dev';

test('the certificate of somebody whose connection is paused is not complete: nobody looked', async (t) => {
  const world = await joined(await syncWorld(t), 'ana');
  world.practice.hands.mintToken('ana');
  await world.pause('okta');
  await world.change('ana', { active: false });
  await settled(world);
  const { complete, controllers } = await world.certificate('ana');
  assert.equal(complete, false);
  assert.deepEqual(
    controllers.map(({ name, residual }) => [name, residual]),
    [['ci', ['not looked at: the connection okta is paused']]],
  );
  assert.equal(world.practice.look.person('ana').tokens, 1);
});

test('what was paid for an earlier departure is no certificate of a later one', async (t) => {
  const world = await joined(await syncWorld(t), 'ana');
  await world.change('ana', { active: false });
  await eventually(async () => (await world.certificate('ana')).complete);
  await world.change('ana', { active: true });
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await world.pause('okta');
  await world.change('ana', { active: false });
  await settled(world);
  assert.equal((await world.certificate('ana')).complete, false);
});

test('the certificate of somebody who is protected is not complete, and says so', async (t) => {
  const world = await syncWorld(t, { controller: '    protect: { users: [an*] }' });
  await world.person('ana');
  world.practice.hands.mintToken('ana');
  await world.change('ana', { active: false });
  await settled(world);
  const { complete, controllers } = await world.certificate('ana');
  assert.equal(complete, false);
  assert.deepEqual(controllers[0]?.residual, ['ana is protected there: nothing is taken away']);
});

test('a controller that was never read whole vouches for nobody, one that was away from the configuration no more', async (t) => {
  const world = await joined(await syncWorld(t, { controllers: ['ci', 'other'] }), 'ana');
  await world.change('ana', { active: false });
  await eventually(async () => (await world.certificate('ana')).complete);
  const fullAt = (full_ms: number | null) =>
    world.store.write(({ db }) => db.updateTable('controllers').set({ full_ms }).where('name', '=', 'other').execute());
  await world.stop();
  await fullAt(null);
  const { complete, controllers } = await world.certificate('ana');
  assert.equal(complete, false);
  assert.deepEqual(controllers.find(({ name }) => name === 'other')?.residual[0], 'not looked at yet');
});

test('somebody who is protected while something is still owed is told as protected, too', async (t) => {
  const world = await joined(await syncWorld(t), 'ana');
  await world.stop();
  const config = world.config.controllers[0]!;
  Object.assign(config, { mode: 'observe' });
  await world.change('ana', { active: false });
  await world.order({ kind: 'sync' });
  Object.assign(config, { protect: { ...config.protect, users: ['ana'] } });
  await world.order({ kind: 'apply' });
  const { complete, controllers } = await world.certificate('ana');
  assert.equal(complete, false);
  assert.equal(controllers[0]?.residual[0], 'ana is protected there: nothing is taken away');
});

test('a controller that an operator lets go of is told: who owed something there stands in the ledger and on the certificate', async (t) => {
  const world = await joined(await syncWorld(t), 'ana');
  await world.stop();
  Object.assign(world.config.controllers[0]!, { mode: 'observe' });
  await world.change('ana', { active: false });
  await world.order({ kind: 'sync' });
  assert.equal(await isKnownController(world.context, 'ci'), true);
  assert.equal(await isKnownController(world.context, 'nowhere'), false);
  await detach(world.context, 'ci');
  await world.ledger.seal();
  const [told] = (await world.ledger.records(1, 1_000)).filter(({ kind }) => kind === 'leaver.let-go');
  assert.deepEqual(told?.body.named, [world.idOf('ana')]);
  const { complete, controllers } = await world.certificate('ana');
  assert.ok(controllers[0]?.residual.some((text) => /nothing is proven there/.test(text)));
  assert.equal(complete, false);
});

test('a departure that somebody wrote into the database is not proven', async (t) => {
  const world = await joined(await syncWorld(t), 'ana');
  await world.change('ana', { active: false });
  await eventually(async () => (await world.certificate('ana')).complete);
  await world.stop();
  world.practice.hands.mintToken('ana');
  await reproveLeavers(world.context, world.config.controllers[0]!, world.context.controller('ci'));
  const edit = (values: object) => world.store.write(({ db }) => db.updateTable('debts').set(values).execute());
  await edit({ state: 'done', done_at: '2026-11-27T00:00:00.000Z' });
  const { complete, controllers } = await world.certificate('ana');
  assert.equal(complete, false);
  assert.match(controllers[0]?.residual[0] ?? '', /^not proven/);
  await edit({ state: 'open', done_at: null });
  await world.order({ kind: 'sync' });
  assert.equal((await world.certificate('ana')).complete, true);
  await world.store.write(({ db }) =>
    db.updateTable('ledger').set({ actor: 'mallory' }).where('kind', '=', 'leaver.complete').execute(),
  );
  assert.equal((await world.certificate('ana')).complete, false);
});

test('a step that was missing cannot be edited away', async (t) => {
  const world = await syncWorld(t);
  world.practice.hands.disableUserSeeds();
  await joined(world, 'ana');
  await world.change('ana', { active: false });
  await eventually(async () => (await world.certificate('ana')).controllers[0]?.missing.length === 1);
  await world.stop();
  await world.store.write(({ db }) => db.updateTable('debts').set({ missing: '[]' }).execute());
  assert.equal((await world.certificate('ana')).complete, false);
});

test('of somebody who owes nothing because the configuration keeps everything, that is recorded', async (t) => {
  const keep = 'leaver: { tokens: keep, sshKeys: keep, sessions: keep, password: keep, grants: managed }';
  const world = await syncWorld(t, { more: keep });
  await world.person('ana');
  await world.change('ana', { active: false });
  await eventually(async () => (await world.certificate('ana')).complete);
  const { controllers } = await world.certificate('ana');
  const kept =
    'kept by the configuration, and not looked at: API tokens, SSH keys, sessions, password, entries made by hand';
  assert.deepEqual(controllers[0]?.residual, [kept]);
  const told = await world.ledger.about({ kind: 'user', id: world.idOf('ana') }, 10);
  const { residual, left } = told.find(({ kind }) => kind === 'leaver.complete')!.body;
  assert.deepEqual(
    [residual, left],
    [1, ['apiTokens', 'sshKeys', 'sessions', 'password', 'entries'].map((what) => `kept:${what}`)],
  );
  const kinds = (await world.ledger.about({ kind: 'user', id: world.idOf('ana') }, 10)).map(({ kind }) => kind);
  assert.ok(kinds.includes('leaver.complete'), kinds.join());
});

test('a controller that is not configured any more has to be read whole when it comes back', async (t) => {
  const world = await joined(await syncWorld(t), 'ana');
  const row = { name: 'gone', paused: 0, on_hold: 0, full_ms: 1 };
  await world.stop();
  await world.store.write(({ db }) => db.insertInto('controllers').values(row).execute());
  world.start();
  const known = () =>
    world.store.read((db) =>
      db.selectFrom('controllers').select('full_ms').where('name', '=', 'gone').executeTakeFirst(),
    );
  await eventually(async () => (await known())?.full_ms === null);
});

async function joined(world: SyncWorld, name: string): Promise<SyncWorld> {
  await world.person(name);
  await world.group(DEVELOPERS, [name]);
  await eventually(() => world.holders('pay-developer').includes(name));
  return world;
}

/** No mark waits any more. */
async function settled({ store }: SyncWorld): Promise<void> {
  await eventually(async () => {
    const dirty = await store.read((db) => db.selectFrom('dirty').select('id').execute());
    const pending = await store.read((db) => db.selectFrom('pending').select('id').execute());
    return dirty.length + pending.length === 0;
  }, 'every mark is dealt with');
}

test('of somebody whose id another person has, the certificate says that nothing of it is cut', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.group('ci-users', ['ana']);
  await eventually(() => world.holders('browser').join() === 'ana');
  // Of a connection that is not the primary one, and called the same.
  const other = await world.person('ANA', {}, 'entra');
  await world.change('ANA', { active: false }, 'entra');
  const certificate = () =>
    world.store.read((db) =>
      certificateOf(
        db,
        { id: other, connection: 'entra', userName: 'ANA', state: 'leaver' },
        world.config,
        world.ledger.departures,
      ),
    );
  await eventually(async () => (await certificate()).complete);
  const { controllers } = await certificate();
  assert.deepEqual(
    controllers.map(({ name, steps, residual }) => [name, steps.length, residual]),
    [['ci', 0, [`ANA is the id of another person there (${world.idOf('ana')}), who keeps it`]]],
  );
  assert.deepEqual(world.holders('browser'), ['ana']);
});
