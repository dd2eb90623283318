import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { explain } from '../../../src/sync/explain.ts';
import { ghostsOf } from '../../../src/sync/ids/ghosts.ts';
import { dueDebts, reproveLeavers } from '../../../src/sync/leavers/debts.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows } from '../rows.ts';
import { eventually, later, POLICY, type SyncWorld, syncWorld } from '../world.ts';

test('a deleted person is a leaver by the tombstone, and the id is free when the debt is paid', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  world.practice.hands.mintToken('ana');
  await world.remove('ana');
  await done(world, 1);
  assert.deepEqual(world.practice.look.person('ana').tokens, 0);
  await world.person('ana', { displayName: 'another Ana' });
  await world.add('ci-pay-dev', 'ana');
  await eventually(() => world.holders('pay-developer').includes('ana'));
});

for (const again of ['deactivated', 'deleted, and made anew under the same name'] as const)
  test(`who came back and is ${again} before anybody looked owes again what they got in between`, async (t) => {
    const world = await syncWorld(t);
    await joined(world, 'ana');
    await world.change('ana', { active: false });
    await done(world, 1);
    await world.stop();
    world.time.forward(1_000);
    await world.change('ana', { active: true });
    world.practice.hands.mintToken('ana');
    world.time.forward(1_000);
    if (again === 'deactivated') await world.change('ana', { active: false });
    else await world.remove('ana');
    if (again !== 'deactivated') await world.person('ana');
    const { identities } = await world.assess('automatic');
    assert.deepEqual(
      identities.owed.map(({ id, cause }) => [id, cause]),
      [['ana', 'leaver']],
    );
    world.start();
    await eventually(() => world.practice.look.person('ana').tokens === 0);
    await eventually(async () => (await world.assess('automatic')).identities.owed.length === 0);
  });

for (const meanwhile of ['enforce', 'observe'] as const)
  test(`who came back and left again while something of the first time was open owes everything again; in ${meanwhile} before`, async (t) => {
    const world = await syncWorld(t);
    const [config] = world.config.controllers as unknown as [{ mode: string }];
    await joined(world, 'ana');
    world.practice.hands.writable(false);
    await world.change('ana', { active: false });
    await eventually(async () => /"second-cut"[^}]*"verified":true/.test((await debtRows(world))[0]?.steps ?? ''));
    await world.stop();
    if (meanwhile === 'observe') {
      config.mode = 'observe';
      world.start();
      await eventually(async () => (await debtRows(world))[0]!.state === 'held');
      await world.stop();
      config.mode = 'enforce';
    }
    world.time.forward(1_000);
    await world.change('ana', { active: true });
    world.practice.hands.mintToken('ana');
    const again = new Date(world.context.clock.now()).toISOString();
    world.time.forward(1_000);
    await world.change('ana', { active: false });
    world.practice.hands.writable(true);
    world.start();
    await done(world, 1);
    const [debt] = await debtRows(world);
    assert.equal(world.practice.look.person('ana').tokens, 0);
    assert.ok(debt!.received_at > again);
    for (const kind of ['revoke-tokens', 'end-sessions', 'second-cut', 'remove-entries'])
      assert.match(debt!.steps, new RegExp(`"${kind}"[^}]*"verified":true`));
  });

test('who leaves while an id that they gave up is not cut off owes everything there anew, also what was cut before', async (t) => {
  let writable = false;
  const world: SyncWorld = await syncWorld(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      async cut(...order) {
        world.practice.hands.writable(writable);
        return controller.cut(...order).finally(() => world.practice.hands.writable(true));
      },
    }),
  });
  await joined(world, 'ana');
  await world.change('ana', { userName: 'ana.b' });
  await eventually(async () => /"second-cut"[^}]*"verified":true/.test((await debtRows(world))[0]?.steps ?? ''));
  await world.stop();
  world.practice.hands.mintToken('ana');
  await world.change('ana', { active: false });
  writable = true;
  world.start();
  await done(world, 2);
  const owed = (await debtRows(world)).find(({ id }) => id === 'ana');
  assert.equal(owed!.cause, 'leaver');
  assert.equal(world.practice.look.person('ana').tokens, 0);
  for (const kind of ['revoke-tokens', 'end-sessions', 'second-cut', 'remove-entries'])
    assert.match(owed!.steps, new RegExp(`"${kind}"[^}]*"verified":true`));
});

test('who waits for the end of the grace and gets another id and grants at once still owes the former id', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.drop('ci-pay-dev', 'ana');
  await eventually(async () => (await debtRows(world))[0]?.steps.includes('end-sessions') === true);
  await world.stop();
  world.practice.hands.mintToken('ana');
  await world.change('ana', { userName: 'ana.b' });
  await world.add('ci-pay-dev', 'ana');
  world.start();
  await eventually(() => world.holders('pay-developer').includes('ana.b'));
  await eventually(() => world.practice.look.person('ana').tokens === 0);
  await eventually(async () => (await debtRows(world))[0]!.state !== 'open');
  assert.deepEqual(
    (await debtRows(world)).map(({ id, cause, state }) => [id, cause, state]),
    [['ana', 'old-id', 'done']],
  );
});

test('a leaver whose entries could not be saved is not done before they are, also where memory has none any more', async (t) => {
  for (const grants of ['all', 'managed'])
    await t.test(`leaver.grants: ${grants}`, async (t) => {
      const world = await syncWorld(t, { more: `leaver: { grants: ${grants} }` });
      await joined(world, 'ana');
      world.practice.hands.writable(false);
      await world.change('ana', { active: false });
      const failing = /not saved: .*config\.xml: Operation not permitted/;
      await eventually(async () =>
        failing.test((await world.certificate('ana')).controllers[0]?.residual.join() ?? ''),
      );
      assert.deepEqual(world.holders('pay-developer'), []);
      await later(world, 5_000);
      await eventually(async () => (await debtRows(world))[0]!.attempts > 1);
      // By then the service has read that memory has none.
      for (let look = 0; look < 2; look++) await world.order({ kind: 'sync' });
      const { complete, controllers } = await world.certificate('ana');
      assert.equal(complete, false);
      assert.equal(controllers[0]!.steps.find(({ kind }) => kind === 'remove-entries')?.verified, false);
      world.practice.hands.writable(true);
      world.time.forward(60_000);
      await done(world, 1);
      await world.practice.hands.restart();
      assert.deepEqual(world.holders('pay-developer'), []);
    });
});

test('hand-made USER and EITHER entries of a leaver fall too, whatever their case', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  world.practice.hands.defineRole({
    type: 'item',
    name: 'hand',
    pattern: '.*',
    permissions: ['hudson.model.Item.Read'],
  });
  world.practice.hands.grant('hand', 'ANA');
  world.practice.hands.grant('hand', 'Ana', 'either');
  world.practice.hands.grant('hand', 'anab');
  await world.change('ana', { active: false });
  await done(world, 1);
  assert.deepEqual(world.holders('hand'), ['anab']);
});

test('leaver.grants: managed spares entries made by hand', async (t) => {
  const world = await syncWorld(t, { more: 'leaver: { grants: managed }' });
  await joined(world, 'ana');
  world.practice.hands.defineRole({
    type: 'item',
    name: 'hand',
    pattern: '.*',
    permissions: ['hudson.model.Item.Read'],
  });
  world.practice.hands.grant('hand', 'ana');
  await world.change('ana', { active: false });
  await done(world, 1);
  assert.deepEqual(world.holders('hand'), ['ana']);
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('the certificate lists what cannot be removed as residual, and is complete', async (t) => {
  const world = await syncWorld(t);
  world.practice.hands.defineRole({ type: 'item', name: 'hand', pattern: '.*', permissions: [] });
  world.practice.hands.grant('hand', 'ana', 'group');
  await joined(world, 'ana');
  world.practice.hands.mintToken('ana');
  world.practice.hands.addCredential('ana');
  world.practice.hands.startBuild('ana');
  world.practice.hands.job('pay/api', 's3cret');
  world.practice.hands.job('pay/web');
  await world.change('ana', { active: false });
  await done(world, 1);
  const certificate = await world.certificate('ana');
  assert.equal(certificate.complete, true);
  const [controller] = certificate.controllers;
  assert.deepEqual(controller!.residual, [
    '1 running build(s)',
    '1 credential(s) of the user',
    'GROUP ana in item role hand, if the realm still puts the person in it',
    'remote build trigger of job pay/api, for whoever knows its token',
  ]);
  const record = (await world.ledger.about({ kind: 'user', id: world.idOf('ana') }, 1_000)).find(
    ({ kind }) => kind === 'leaver.complete',
  );
  assert.equal(record?.body.residual, 4);
  assert.deepEqual(record?.body.left, [
    'runningBuilds:1',
    'credentials:1',
    'groupEntry:item:hand:ana',
    'remoteTrigger:pay/api',
  ]);
  assert.ok(controller!.steps.every(({ verified }) => verified));
  assert.ok(controller!.elapsedMs! < 5_000);
  const kinds = controller!.steps.map(({ kind }) => kind);
  assert.ok(kinds.indexOf('revoke-tokens') < kinds.indexOf('end-sessions'), kinds.join());
});

test('what the configuration leaves to somebody who left is named on the certificate and in the ledger', async (t) => {
  const world = await syncWorld(t, { more: 'leaver: { tokens: keep, sshKeys: keep, grants: managed }' });
  await joined(world, 'ana');
  world.practice.hands.defineRole({ type: 'item', name: 'hand', pattern: '.*', permissions: [] });
  world.practice.hands.grant('hand', 'ana');
  world.practice.hands.mintToken('ana');
  const [state] = await world.context.controller('ci').people(['ana']);
  const { uuid } = state!.tokens[0]!;
  await world.change('ana', { active: false });
  await done(world, 1);
  const [controller] = (await world.certificate('ana')).controllers;
  assert.deepEqual(controller!.residual, [`API token ${uuid}`, 'entry in item role hand']);
  const record = (await world.ledger.about({ kind: 'user', id: world.idOf('ana') }, 1_000)).find(
    ({ kind }) => kind === 'leaver.complete',
  );
  assert.deepEqual(record?.body.left, [`apiToken:${uuid}`, 'entry:item:hand']);
  assert.ok((await world.ledger.verify()).records > 0);
});

test('before a controller has looked at a leaver, the certificate is not complete', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.stop();
  await world.change('ana', { active: false });
  const certificate = await world.certificate('ana');
  assert.equal(certificate.complete, false);
  assert.deepEqual(
    certificate.controllers.map(({ name, doneAt }) => [name, doneAt]),
    [['ci', null]],
  );
});

test('a step that the controller cannot do is missing, and the certificate is not complete', async (t) => {
  const world = await syncWorld(t);
  world.practice.hands.disableUserSeeds();
  await joined(world, 'ana');
  world.practice.hands.mintToken('ana');
  await world.change('ana', { active: false });
  await done(world, 1);
  const certificate = await world.certificate('ana');
  assert.equal(certificate.complete, false);
  assert.deepEqual(certificate.controllers[0]!.missing, ['end-sessions']);
});

test('a token that comes back is found by the next full read, and the leaver owes again', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.change('ana', { active: false });
  await done(world, 1);
  await world.stop();
  world.practice.hands.mintToken('ana');
  world.start();
  await eventually(() => world.practice.look.person('ana').tokens === 0);
});

test('in observe, too, a token that comes back is owed again: the certificate is void, and `apply` takes it', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.change('ana', { active: false });
  await done(world, 1);
  await world.stop();
  world.practice.hands.mintToken('ana');
  const observing = { ...world.config.controllers[0]!, mode: 'observe' as const };
  await reproveLeavers(world.context, observing, world.context.controller('ci'));
  assert.equal((await world.certificate('ana')).complete, false);
  await world.order({ kind: 'apply' });
  assert.equal(world.practice.look.person('ana').tokens, 0);
  assert.equal((await world.certificate('ana')).complete, true);
});

test('what an order meets again of somebody who left is taken whole, and recorded', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'bo');
  await joined(world, 'ana');
  await world.change('ana', { active: false });
  await done(world, 1);
  await world.stop();
  for (const order of [{ kind: 'sync' }, { kind: 'sync', person: world.idOf('ana') }, left(world, 'ana')] as const) {
    world.practice.hands.grant('pay-developer', 'ana');
    world.practice.hands.mintToken('ana');
    const before = (await records(world)).length;
    await world.order(order);
    assert.deepEqual(world.holders('pay-developer'), ['bo']);
    assert.equal(world.practice.look.person('ana').tokens, 0);
    assert.deepEqual((await records(world)).slice(before), ['leaver.came-back', 'leaver.complete']);
  }
});

test('an entry of ours that stands again falls again where the configuration leaves the rest to who left, and is recorded as that', async (t) => {
  const world = await syncWorld(t, { start: false, more: 'leaver: { grants: managed }' });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await world.order({ kind: 'sync' });
  await world.change('ana', { active: false });
  await world.order({ kind: 'sync' });
  world.practice.hands.grant('pay-developer', 'ana');
  await world.order({ kind: 'sync' });
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
  const [again, complete] = await world.ledger.about({ kind: 'user', id: world.idOf('ana') }, 2);
  assert.deepEqual([again?.kind, complete?.kind], ['leaver.again', 'leaver.complete']);
  const { controller, steps } = again!.body as {
    controller: string;
    steps: { kind: string; verified: boolean }[];
  };
  assert.deepEqual(
    [controller, ...steps.map(({ kind, verified }) => [kind, verified])],
    ['ci', ['remove-entries', true]],
  );
  const [debt] = await debtRows(world);
  assert.equal(debt?.state, 'done', 'what was paid stays paid');
});

test('what the configuration leaves to somebody who left is not owed again', async (t) => {
  const world = await syncWorld(t, {
    start: false,
    more: 'leaver: { tokens: keep, sshKeys: keep }',
    controller: '    protect: { roles: [hand] }',
  });
  await world.person('ana');
  world.practice.hands.defineRole({ type: 'item', name: 'hand', pattern: '.*', permissions: [] });
  world.practice.hands.grant('hand', 'ana');
  world.practice.hands.mintToken('ana');
  world.practice.hands.addSshKey('ana');
  await world.order({ kind: 'sync' });
  await world.change('ana', { active: false });
  await world.order({ kind: 'sync' });
  assert.equal((await records(world)).at(-1), 'leaver.complete');
  const before = await records(world);
  await world.order({ kind: 'sync' });
  assert.deepEqual(await records(world), before);
  world.practice.hands.defineRole({ type: 'item', name: 'other', pattern: '.*', permissions: [] });
  world.practice.hands.grant('other', 'ana');
  await world.order({ kind: 'sync' });
  assert.deepEqual(world.holders('other'), []);
  assert.deepEqual((await records(world)).slice(before.length), ['leaver.came-back', 'leaver.complete']);
});

test('a backup that puts the users back alone revives no password and no session for long', async (t) => {
  for (const deleted of [false, true]) {
    const more = deleted ? 'leaver: { record: delete }' : '';
    const world = await syncWorld(t, { more });
    const { hands, look } = world.practice;
    await joined(world, 'ana');
    await world.stop();
    hands.account('ana', 'correct horse');
    const backup = hands.usersBackup();
    await world.change('ana', { active: false });
    await world.order({ kind: 'sync' });
    await world.order({ kind: 'sync' });
    assert.notEqual(look.person('ana').password, 'correct horse');
    const before = await records(world);
    assert.equal(before.at(-1), 'leaver.complete');
    backup.putBack();
    assert.equal(look.person('ana').password, 'correct horse');
    await world.order({ kind: 'sync' });
    assert.notEqual(look.person('ana').password, 'correct horse');
    assert.deepEqual((await records(world)).slice(before.length), ['leaver.came-back', 'leaver.complete']);
    await world.order({ kind: 'sync' });
    assert.equal((await records(world)).length, before.length + 2, 'once');
    const { controllers } = await world.certificate('ana');
    assert.deepEqual(Object.keys(controllers[0]!.steps[0]!), ['kind', 'at', 'verified']);
  }
});

test('an account with a password that is made for somebody who left without one is scrambled like what comes back', async (t) => {
  for (const known of [false, true]) {
    const world = await syncWorld(t);
    const { hands, look } = world.practice;
    await joined(world, 'ana');
    await world.stop();
    await world.change('ana', { active: false });
    await world.order({ kind: 'sync' });
    if (known) await world.order({ kind: 'sync' });
    const before = await records(world);
    assert.equal(before.at(-1), 'leaver.complete');
    hands.account('ana', 'correct horse');
    await world.order({ kind: 'sync' });
    assert.notEqual(look.person('ana').password, 'correct horse');
    assert.deepEqual((await records(world)).slice(before.length), ['leaver.came-back', 'leaver.complete']);
    await world.order({ kind: 'sync' });
    assert.equal((await records(world)).length, before.length + 2, 'once');
  }
});

test('an account that is made for somebody who left keeps its password where the configuration keeps passwords', async (t) => {
  const world = await syncWorld(t, { more: 'leaver: { password: keep }' });
  await joined(world, 'ana');
  await world.stop();
  await world.change('ana', { active: false });
  await world.order({ kind: 'sync' });
  const before = await records(world);
  world.practice.hands.account('ana', 'correct horse');
  await world.order({ kind: 'sync' });
  assert.equal(world.practice.look.person('ana').password, 'correct horse');
  assert.deepEqual(await records(world), before);
});

test('who logs in after the cut, as by a login that was under way, is taken for somebody who came back: the session ends', async (t) => {
  for (const [more, ends] of [
    ['', true],
    ['leaver: { sessions: keep }', false],
  ] as const) {
    const world = await syncWorld(t, { more });
    const { hands, look } = world.practice;
    await joined(world, 'ana');
    await world.stop();
    hands.account('ana', 'correct horse');
    await world.change('ana', { active: false });
    await world.order({ kind: 'sync' });
    const before = await records(world);
    assert.equal(before.at(-1), 'leaver.complete');
    hands.openSession('ana');
    await world.order({ kind: 'sync' });
    assert.equal(look.person('ana').signedIn, !ends);
    assert.deepEqual((await records(world)).slice(before.length), ends ? ['leaver.came-back', 'leaver.complete'] : []);
    await world.order({ kind: 'sync' });
    assert.equal((await records(world)).length, before.length + (ends ? 2 : 0), 'once');
  }
});

test('an id that was given up is proven again, too', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.change('ana', { userName: 'anna' });
  await done(world, 1);
  await world.stop();
  world.practice.hands.mintToken('ana');
  world.start();
  await eventually(() => world.practice.look.person('ana').tokens === 0);
  await done(world, 1);
  assert.deepEqual((await records(world)).slice(-2), ['old-id.came-back', 'old-id.complete']);
});

test('somebody whom only an operator declared a leaver is proven again like any other', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.stop();
  const at = new Date(world.context.clock.now()).toISOString();
  await world.store.write(({ db }) =>
    db
      .insertInto('ordered_leavers')
      .values({ person: world.idOf('ana'), at })
      .execute(),
  );
  await world.order(left(world, 'ana'));
  world.practice.hands.mintToken('ana');
  world.start();
  await eventually(() => world.practice.look.person('ana').tokens === 0);
});

test('reactivation: grants return by the rules, tokens and keys do not', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  world.practice.hands.mintToken('ana');
  await world.change('ana', { active: false });
  await done(world, 1);
  await world.change('ana', { active: true });
  await eventually(() => world.holders('pay-developer').includes('ana'));
  assert.equal(world.practice.look.person('ana').tokens, 0);
  assert.deepEqual(
    (await debtRows(world)).map(({ state }) => state),
    ['done'],
    'what was paid stays paid: it is evidence',
  );
});

test('who leaves again owes everything again: tokens, keys and sessions of the second time fall, and what is stored says so', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.change('ana', { active: false });
  await done(world, 1);
  const [first] = await debtRows(world);
  await world.change('ana', { active: true });
  await eventually(() => world.holders('pay-developer').includes('ana'));
  world.practice.hands.mintToken('ana');
  await world.change('ana', { active: false });
  await eventually(() => world.practice.look.person('ana').tokens === 0, 'the token of the second time is revoked');
  await eventually(async () => (await world.certificate('ana')).complete);
  const [second] = await debtRows(world);
  assert.ok(second!.received_at > first!.received_at, 'it is the second leaving that is certified');
  const steps = JSON.parse(second!.steps) as { readonly at: string }[];
  assert.ok(steps.length > 1 && steps.every(({ at }) => at > first!.done_at!));
  const entries = await world.store.read((db) =>
    db.selectFrom('entries').select('verified').where('person', '=', world.idOf('ana')).execute(),
  );
  assert.ok(entries.every(({ verified }) => verified === 0));
});

test('who leaves is received then, not when something else of them was changed that waited', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await joined(world, 'bo');
  await world.stop();
  await world.change('ana', { displayName: 'Ana' });
  await world.change('bo', { active: false });
  world.time.forward(20 * 3_600_000);
  const between = new Date(world.context.clock.now()).toISOString();
  await world.change('ana', { active: false });
  await world.remove('bo');
  world.start();
  await done(world, 2);
  const [ana, bo] = await Promise.all(['ana', 'bo'].map((name) => world.certificate(name)));
  assert.ok(ana!.receivedAt! >= between, 'an alarm 20 hours too early is none that anybody believes');
  assert.ok(bo!.receivedAt! < between, 'who had left before is not younger by being deleted, too');
});

test('whose connection may not reach a controller any more loses tokens there like anybody without a grant', async (t) => {
  const world = await syncWorld(t, {
    more: 'leaver: { unentitledGrace: 1s }',
    policy: POLICY.replace('group: "ci-{team}-dev"', 'group: "ci-{team}-dev"\n    from: entra'),
  });
  await world.person('emil', {}, 'entra');
  await world.group('ci-pay-dev', ['emil'], 'entra');
  await eventually(() => world.holders('pay-developer').includes('emil'));
  world.practice.hands.mintToken('emil');
  await world.stop();
  Object.assign(world.config.connections.find(({ name }) => name === 'entra')!, { controllers: ['elsewhere'] });
  world.start();
  await eventually(() => !world.holders('pay-developer').includes('emil'));
  await eventually(async () => (await debtRows(world)).some(({ cause }) => cause === 'unentitled'));
  world.time.forward(1_001);
  await eventually(() => world.practice.look.person('emil').tokens === 0, 'the token is revoked');
  await eventually(async () => (await debtRows(world)).every(({ state }) => state === 'done'));
  const kinds = await records(world);
  assert.ok(kinds.includes('unentitled.complete'));
  assert.ok(!kinds.includes('unentitled.again'), 'nothing was there again');
});

test('who has no grant any more, and leaves when that is settled, is a leaver like any other', async (t) => {
  const world = await syncWorld(t, { more: 'leaver: { unentitledGrace: 1s }' });
  await joined(world, 'ana');
  await world.drop('ci-pay-dev', 'ana');
  await eventually(() => !world.holders('pay-developer').includes('ana'));
  world.time.forward(1_001);
  await done(world, 1);
  world.practice.hands.mintToken('ana');
  await world.change('ana', { active: false });
  await eventually(() => world.practice.look.person('ana').tokens === 0, 'the leaver steps are done');
  await eventually(async () => (await world.certificate('ana')).complete);
  assert.equal((await debtRows(world))[0]!.cause, 'leaver');
});

test('a reactivation before any step began cancels the debt', async (t) => {
  const world = await syncWorld(t, { mode: 'observe' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.change('ana', { active: false });
  await eventually(async () => (await debtRows(world)).length === 1);
  await world.change('ana', { active: true });
  await eventually(async () => (await debtRows(world))[0]!.state === 'cancelled');
});

test('unentitled: grants fall and sessions end at once, tokens stay until the grace is over', async (t) => {
  const world = await syncWorld(t, { more: 'leaver: { unentitledGrace: 1h }' });
  await joined(world, 'ana');
  world.practice.hands.mintToken('ana');
  await world.drop('ci-pay-dev', 'ana');
  await eventually(() => !world.holders('pay-developer').includes('ana'));
  await eventually(async () => (await debtRows(world))[0]?.steps.includes('end-sessions') === true);
  assert.equal(world.practice.look.person('ana').tokens, 1);
  await later(world, 3_601_000);
  await eventually(() => world.practice.look.person('ana').tokens === 0);
});

test('of who has no grant any more nothing is owed where tokens and sessions are kept; where only sessions are, it is due after the grace', async (t) => {
  const looked = async (tokens: 'keep' | 'revoke') => {
    const world = await syncWorld(t, { more: `leaver: { tokens: ${tokens}, sessions: keep }` });
    await joined(world, 'ana');
    world.practice.hands.mintToken('ana');
    await world.drop('ci-pay-dev', 'ana');
    await eventually(() => !world.holders('pay-developer').includes('ana'));
    await world.order({ kind: 'sync' });
    await later(world, 10_000);
    await world.order({ kind: 'sync' });
    return world;
  };
  assert.deepEqual(await debtRows(await looked('keep')), []);
  const world = await looked('revoke');
  const [debt] = await debtRows(world);
  assert.deepEqual([debt!.state, debt!.attempts], ['open', 0]);
  assert.equal(debt!.due_ms - Date.parse(debt!.received_at), 3_600_000);
  assert.equal(world.practice.look.person('ana').tokens, 1);
  await later(world, 3_600_000);
  await eventually(() => world.practice.look.person('ana').tokens === 0);
  await done(world, 1);
});

test('what nobody can take from somebody without a grant any more is owed no more: their id is protected meanwhile', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.drop('ci-pay-dev', 'ana');
  await eventually(async () => (await debtRows(world))[0]?.steps.includes('end-sessions') === true);
  await world.stop();
  const { protect } = world.config.controllers[0]!;
  Object.assign(protect, { users: [...protect.users, 'ana'] });
  world.start();
  await later(world, 3_601_000);
  await eventually(async () => (await debtRows(world))[0]!.state === 'cancelled');
});

test('whose last entry was taken away by hand before the group lost them owes sessions and tokens all the same, once', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await world.group('ci-web-dev', ['bo']);
  await world.order({ kind: 'sync' });
  for (const name of ['ana', 'bo']) {
    world.practice.hands.mintToken(name);
    world.practice.hands.revoke('pay-developer', name);
    await world.drop('ci-pay-dev', name);
  }
  await world.order({ kind: 'sync' });
  await world.order({ kind: 'sync' });
  const owed = await debtRows(world);
  assert.deepEqual(
    owed.map(({ id, cause }) => [id, cause]),
    [['ana', 'unentitled']],
    'bo keeps something',
  );
  assert.ok(owed[0]!.steps.includes('end-sessions'));
  world.time.forward(3_601_000);
  await world.order({ kind: 'sync' });
  assert.deepEqual([world.practice.look.person('ana').tokens, world.practice.look.person('bo').tokens], [0, 1]);
  await world.order({ kind: 'sync' });
  assert.deepEqual(
    (await debtRows(world)).map(({ state }) => state),
    ['done'],
  );
  // What comes later is a gain, and no repair of what hands took away.
  await world.add('ci-pay-dev', 'ana');
  const { plan } = await world.assess();
  assert.deepEqual(
    plan.steps.map(({ kind, cause }) => [kind, cause]),
    [['grant', 'gain']],
  );
});

test('what an unentitled person owes is not looked at again and again while the mode holds it, and is paid when it does not', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'sync' });
  world.practice.hands.mintToken('ana');
  const mode = (to: 'observe' | 'enforce'): void => void Object.assign(world.config.controllers[0]!, { mode: to });
  mode('observe');
  world.practice.hands.revoke('pay-developer', 'ana');
  await world.drop('ci-pay-dev', 'ana');
  await world.order({ kind: 'sync' });
  await world.order({ kind: 'sync', person: world.idOf('ana') });
  assert.equal((await debtRows(world))[0]!.state, 'held');
  assert.deepEqual(await dueDebts(world.store, 'ci', world.context.clock.now() + 60_000), []);
  mode('enforce');
  await world.order({ kind: 'sync' });
  assert.deepEqual(
    (await debtRows(world)).map(({ state, steps }) => [state, steps.includes('end-sessions')]),
    [['open', true]],
  );
  world.time.forward(3_601_000);
  await world.order({ kind: 'sync' });
  assert.deepEqual([world.practice.look.person('ana').tokens, (await debtRows(world))[0]!.state], [0, 'done']);
});

test('whose entry was taken away by hand before the group was deleted is frozen as everybody else in it', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'sync' });
  world.practice.hands.revoke('pay-developer', 'ana');
  await world.deleteGroup('ci-pay-dev');
  await world.order({ kind: 'sync' });
  assert.deepEqual(await debtRows(world), []);
  await world.group('ci-pay-dev');
  await world.order({ kind: 'sync' });
  assert.deepEqual(
    (await debtRows(world)).map(({ cause }) => cause),
    ['unentitled'],
    'the name came back without her',
  );
});

test('a longer grace holds for who waits already: they are looked at again when it is over, not before', async (t) => {
  const world = await syncWorld(t, { start: false, more: 'leaver: { sessions: keep, unentitledGrace: 1h }' });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await world.order({ kind: 'sync' });
  for (const name of ['ana', 'bo']) world.practice.hands.mintToken(name);
  await world.drop('ci-pay-dev', 'ana');
  await world.order({ kind: 'sync' });
  world.time.forward(60_000);
  await world.drop('ci-pay-dev', 'bo');
  await world.order({ kind: 'sync' });
  const waits = async (): Promise<number[]> =>
    (await debtRows(world)).map(({ due_ms, received_at }) => due_ms - Date.parse(received_at));
  assert.deepEqual(await waits(), [3_600_000, 3_600_000]);
  Object.assign(world.config.leaver, { unentitledGrace: 7_200_000 });
  world.time.forward(3_550_000);
  await world.order({ kind: 'sync', person: world.idOf('ana') });
  assert.deepEqual((await waits()).toSorted(), [3_600_000, 7_200_000], 'who was looked at');
  assert.equal(world.practice.look.person('ana').tokens, 1);
  world.time.forward(3_600_000);
  await world.order({ kind: 'sync' });
  assert.deepEqual(
    ['ana', 'bo'].map((name) => world.practice.look.person(name).tokens),
    [0, 1],
  );
});

test('a move is a remove and an add: with a grant again before the grace is over tokens are never touched', async (t) => {
  const world = await syncWorld(t, { more: 'leaver: { unentitledGrace: 1h }' });
  await joined(world, 'ana');
  world.practice.hands.mintToken('ana');
  await world.drop('ci-pay-dev', 'ana');
  await eventually(async () => (await debtRows(world))[0]?.cause === 'unentitled');
  await world.add('ci-pay-dev', 'ana');
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await later(world, 3_601_000);
  await eventually(async () => (await debtRows(world))[0]?.state === 'cancelled');
  assert.equal(world.practice.look.person('ana').tokens, 1);
});

test('a renamed person gains under the new id first, then the old id goes through the leaver steps', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  world.practice.hands.mintToken('ana');
  await world.change('ana', { userName: 'ana.ruiz' });
  await eventually(() => world.holders('pay-developer').includes('ana.ruiz'));
  await eventually(() => !world.holders('pay-developer').includes('ana'));
  await eventually(() => world.practice.look.person('ana').tokens === 0);
});

test('who is renamed and leaves before anybody looked is cut off under both ids', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.stop();
  await world.change('ana', { userName: 'anna' });
  world.practice.hands.mintToken('ana');
  world.practice.hands.mintToken('anna');
  await world.change('ana', { active: false });
  world.start();
  await done(world, 2);
  for (const id of ['ana', 'anna']) assert.equal(world.practice.look.person(id).tokens, 0, id);
});

test('what a renamed person holds under the new id stays on record: explain, ghosts, and what follows from the next loss', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.change('ana', { userName: 'anna' });
  await done(world, 1);
  await world.stop();
  const config = world.config.controllers[0]!;
  const { grants } = await explain(world.context, config, world.idOf('ana'), {});
  assert.deepEqual(
    grants.map(({ role, effective }) => [role, effective]),
    [['pay-developer', true]],
  );
  assert.deepEqual(await ghostsOf(world.context, config, world.context.controller('ci')), []);
  await world.drop('ci-pay-dev', 'ana');
  await world.order({ kind: 'sync' });
  assert.deepEqual(
    (await debtRows(world)).map(({ id, cause }) => [id, cause]),
    [
      ['ana', 'old-id'],
      ['anna', 'unentitled'],
    ],
  );
});

test('a step that was missing is made up for when the controller can do it, and the certificate is complete then', async (t) => {
  let seeds = false;
  const world = await syncWorld(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      probe: async () => ({ ...(await controller.probe()), userSeeds: seeds }),
      cut: async (fence, orders) => {
        const answer = await controller.cut(fence, orders);
        if (seeds) return answer;
        const results = answer.results.map((result) => ({
          ...result,
          steps: result.steps.filter(({ kind }) => kind !== 'end-sessions'),
          missing: ['end-sessions' as const],
        }));
        return { ...answer, results };
      },
    }),
  });
  await joined(world, 'ana');
  world.practice.hands.mintToken('ana');
  await world.change('ana', { active: false });
  await done(world, 1);
  await world.stop();
  await world.order({ kind: 'sync' });
  assert.equal((await world.certificate('ana')).complete, false);
  seeds = true;
  await world.order(left(world, 'ana'));
  assert.equal((await world.certificate('ana')).complete, true);
});

test('the password of an escape hatch is none that can be scrambled: the certificate is complete when the hatch is closed', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  const readWith = async (user: string, complete: boolean) => {
    await world.stop();
    world.practice.hands.escapeHatch(user);
    world.start();
    await world.order({ kind: 'sync' });
    await eventually(async () => (await world.certificate('ana')).complete === complete, `${user} ${complete}`);
    await done(world, 1);
    const { controllers } = await world.certificate('ana');
    return { missing: controllers[0]!.missing, steps: controllers[0]!.steps.map(({ kind }) => kind) };
  };
  await world.stop();
  await world.change('ana', { active: false });
  const open = await readWith('Ana', false);
  assert.deepEqual(open.missing, ['scramble-password']);
  assert.ok(!open.steps.includes('scramble-password'));
  const before = (await records(world)).length;
  await readWith('Ana', false);
  await world.order({ kind: 'sync' });
  assert.equal((await records(world)).length, before, 'it is not owed again at each look');
  const closed = await readWith('somebody', true);
  assert.deepEqual(closed.missing, []);
  assert.ok(closed.steps.includes('scramble-password'));
  await readWith('ana', false);
  assert.deepEqual((await records(world)).slice(before), [
    ...['leaver.came-back', 'leaver.complete'],
    ...['leaver.came-back', 'leaver.complete'],
  ]);
});

test('an id that somebody gave up is a ghost of a renamed person, not of one who left', async (t) => {
  const world = await syncWorld(t);
  await joined(world, 'ana');
  await world.change('ana', { userName: 'anna' });
  await done(world, 1);
  await world.stop();
  world.practice.hands.mintToken('ana');
  const [ghost] = await ghostsOf(world.context, world.config.controllers[0]!, world.context.controller('ci'));
  assert.deepEqual([ghost?.id, ghost?.why], ['ana', 'the person has another id now']);
});

test('leaver --now goes past the mode and the ceilings, for one person', async (t) => {
  const world = await syncWorld(t, { mode: 'observe' });
  world.practice.hands.mintToken('ana');
  world.practice.hands.mintToken('bo');
  await world.person('ana');
  await world.person('bo');
  await world.change('ana', { active: false });
  await world.change('bo', { active: false });
  await eventually(async () => (await debtRows(world)).length === 2);
  await world.stop();
  await world.order({ kind: 'leaver', person: world.idOf('ana') });
  assert.equal(world.practice.look.person('ana').tokens, 0);
  assert.equal(world.practice.look.person('bo').tokens, 1);
  assert.equal((await world.certificate('ana')).complete, true);
});

test('leavers above the ceiling are held; those within it go', async (t) => {
  const world = await syncWorld(t, {
    more: 'guard: { losses: { disableUsers: { count: 2, percent: 100, atLeast: 0 } } }',
  });
  const names = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
  for (const name of names) {
    await world.person(name);
    world.practice.hands.mintToken(name);
  }
  await eventually(async () => (await pendingCount(world)) === 0);
  await Promise.all(names.slice(0, 5).map((name) => world.change(name, { active: false })));
  await eventually(async () => (await debtRows(world)).length === 5);
  await eventually(async () => (await debtRows(world)).filter(({ state }) => state === 'held').length === 3);
  await done(world, 2);
  const cut = names.filter((name) => world.practice.look.person(name).tokens === 0);
  assert.equal(cut.length, 2);
});

test('one failing person never fails the others of a batch', async (t) => {
  const world = await syncWorld(t, {
    wrap: (controller): Controller => ({
      ...passThrough(controller),
      async cut(fence, orders) {
        const answer = await controller.cut(fence, orders);
        return { ...answer, results: answer.results.filter(({ id }) => id !== 'bad') };
      },
    }),
  });
  for (const name of ['good', 'bad', 'better']) await joined(world, name);
  await Promise.all(['good', 'bad', 'better'].map((name) => world.change(name, { active: false })));
  await done(world, 2);
  const open = (await debtRows(world)).filter(({ state }) => state !== 'done');
  assert.deepEqual(
    open.map(({ id }) => id),
    ['bad'],
  );
});

test('ghosts: grants without a rule, tokens of people who left or are unknown; a record alone is none', async (t) => {
  const world = await syncWorld(t, { mode: 'observe' });
  const { hands } = world.practice;
  hands.defineRole({ type: 'item', name: 'hand', pattern: '.*', permissions: ['hudson.model.Item.Read'] });
  hands.grant('hand', 'mallory');
  hands.mintToken('stranger');
  hands.account('idle', 'pw');
  hands.mintToken('ana');
  await world.person('ana');
  await eventually(async () => (await claimed(world, 'ana')) && (await pendingCount(world)) === 0);
  const config = world.config.controllers[0]!;
  const ghosts = await ghostsOf(world.context, config, world.context.controller('ci'));
  assert.deepEqual(
    ghosts.map(({ id }) => id),
    ['mallory', 'stranger'],
  );
  await world.change('ana', { active: false });
  await eventually(async () => (await debtRows(world)).length === 1);
  const after = await ghostsOf(world.context, config, world.context.controller('ci'));
  assert.deepEqual(
    after.map(({ id, why }) => [id, why]),
    [
      ['ana', 'the person left'],
      ['mallory', 'nobody in the directory has this id'],
      ['stranger', 'nobody in the directory has this id'],
    ],
  );
});

async function claimed({ store }: SyncWorld, id: string): Promise<boolean> {
  return (await store.read((db) => db.selectFrom('claims').selectAll().where('id', '=', id).execute())).length > 0;
}

async function joined(world: SyncWorld, name: string): Promise<void> {
  await world.person(name);
  await world.ensureGroup('ci-pay-dev');
  await world.add('ci-pay-dev', name);
  await eventually(() => world.holders('pay-developer').includes(name));
}

const left = (world: SyncWorld, name: string) => ({ kind: 'leaver', person: world.idOf(name) }) as const;

async function records({ ledger }: SyncWorld): Promise<string[]> {
  await ledger.seal();
  return (await ledger.records(1, 1_000)).map(({ kind }) => kind);
}

async function done(world: SyncWorld, count: number): Promise<void> {
  await eventually(
    async () => (await debtRows(world)).filter(({ state }) => state === 'done').length === count,
    `${count} debts done`,
  );
}

async function pendingCount(world: SyncWorld): Promise<number> {
  const rows = await world.store.read((db) => db.selectFrom('pending').select('id').execute());
  const dirty = await world.store.read((db) => db.selectFrom('dirty').select('id').execute());
  return rows.length + dirty.length;
}
