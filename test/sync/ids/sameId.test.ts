import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { rejectHeld } from '../../../src/cli/product/held.ts';
import { watchedStore } from '../../../src/store/watched.ts';
import { reproveLeavers } from '../../../src/sync/leavers/debts.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows, digestOf, waiting } from '../rows.ts';
import { eventually, type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

// Two people who left and had one id on a controller, one after the other: an operator gave it free before the first had paid.

const sync = { kind: 'sync' } as const;
const waits = (name: string): string => `revoke-tokens ${name}: losses.disableUsers`;

/** One may leave in an hour; a former `bo` of another connection waits, and the id was given to a new one, who has a role and a token. */
async function handedOn(t: TestContext, wrap?: WorldOptions['wrap']): Promise<SyncWorld> {
  const world = await syncWorld(t, {
    start: false,
    ...(wrap === undefined ? {} : { wrap }),
    more: 'guard: { losses: { disableUsers: { count: 1, percent: 100, atLeast: 1 } } }',
  });
  for (const name of ['abe', 'bo']) await world.person(name, {}, 'entra');
  await world.order(sync);
  for (const name of ['abe', 'bo']) await world.change(name, { active: false }, 'entra');
  await world.order(sync);
  assert.ok((await waiting(world)).includes(waits('bo')));
  await world.order({ kind: 'release-id', person: world.idOf('bo') });
  for (const name of ['ann', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ann', 'bo']);
  await world.order(sync);
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ann', 'bo']);
  world.practice.hands.mintToken('bo');
  return world;
}

/** States of what both owe at their id. */
const states = async (world: SyncWorld): Promise<string[]> =>
  (await debtRows(world)).filter(({ id }) => id === 'bo').map(({ state }) => state);

/** Bo is deleted, made anew, and leaves again. */
async function leavesTwice(world: SyncWorld): Promise<void> {
  await world.remove('bo');
  await world.order(sync);
  await world.person('bo');
  await world.order(sync);
  await world.change('bo', { active: false });
  await world.order(sync);
}

async function passes(world: SyncWorld): Promise<void> {
  for (let n = 0; n < 2; n++) await world.order(sync);
}

test('who leaves within the ceiling is cut though somebody who had the id before waits for a release', async (t) => {
  const world = await handedOn(t);
  world.start();
  await world.change('bo', { active: false });
  await eventually(async () => (await world.certificate('bo')).complete);
  assert.deepEqual(world.holders('pay-developer'), ['ann']);
  assert.equal(world.practice.look.person('bo').tokens, 0);
  const { controllers } = await world.certificate('bo');
  assert.ok(controllers[0]!.steps.some(({ kind, verified }) => kind === 'revoke-tokens' && verified));
});

test('nobody is done at an id where somebody else waits: both wait, also after the window, and a release lets both go', async (t) => {
  const world = await handedOn(t);
  for (const name of ['ann', 'bo']) await world.change(name, { active: false });
  await passes(world);
  assert.deepEqual(await states(world), ['held', 'held']);
  world.time.forward(2 * 3_600_000);
  await passes(world);
  assert.deepEqual(await states(world), ['held', 'held']);
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'losses.disableUsers') });
  await passes(world);
  assert.deepEqual(await states(world), ['done', 'done']);
  assert.deepEqual(world.holders('pay-developer'), []);
  assert.equal(world.practice.look.person('bo').tokens, 0);
});

test('who had an id before somebody else waits no more once a release lets them go, also where the controller does not do it yet', async (t) => {
  const disk = { full: false };
  const world = await handedOn(t, (controller) => ({
    ...passThrough(controller),
    cut: async (fence, orders) =>
      disk.full ? { outcome: 'done', results: [], reason: 'no space left on device' } : controller.cut(fence, orders),
  }));
  for (const name of ['ann', 'bo']) await world.change(name, { active: false });
  await passes(world);
  assert.deepEqual(await states(world), ['held', 'held']);
  disk.full = true;
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'losses.disableUsers') });
  assert.deepEqual(await states(world), ['open', 'open']);
  disk.full = false;
  await passes(world);
  assert.deepEqual(await states(world), ['done', 'done']);
});

test('what was rejected of somebody who left is not refused of who has the id after them', async (t) => {
  const world = await handedOn(t);
  const parts = { store: watchedStore(world.store, world.time.clock), ledger: world.ledger, operator: 'ops' };
  await rejectHeld(parts, await digestOf(world, 'losses.disableUsers'));
  await world.change('bo', { active: false });
  await passes(world);
  assert.deepEqual(world.holders('pay-developer'), ['ann']);
  assert.equal(world.practice.look.person('bo').tokens, 0);
});

test('who had an id between two looks is owed there though somebody who left has it: nobody is done before they were looked at', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ann');
  await world.order(sync);
  world.practice.hands.mintToken('bo');
  const people: string[] = [];
  for (const connection of ['entra', 'okta']) {
    await world.person('bo', {}, connection);
    people.push(world.idOf('bo'));
    await world.change('bo', { active: false }, connection);
  }
  await world.order(sync);
  const owed = (await debtRows(world)).filter(({ id }) => id === 'bo');
  assert.deepEqual(owed.map(({ person }) => person).sort(), people.sort());
  assert.ok(owed.some(({ state }) => state === 'open'));
  await passes(world);
  assert.deepEqual(await states(world), ['done', 'done']);
  assert.equal(world.practice.look.person('bo').tokens, 0);
});

/** Kinds of the records that somebody who left could act again. */
const cameBack = async (world: SyncWorld): Promise<string[]> => {
  const rows = await world.store.read((db) =>
    db.selectFrom('ledger').select('kind').where('kind', 'like', '%.came-back').execute(),
  );
  return rows.map(({ kind }) => kind);
};

test('that the next one at an id was cut, too, is no sign that what one before had was put back', async (t) => {
  const world = await syncWorld(t, { start: false });
  for (let n = 0; n < 2; n++) {
    await world.person('bo');
    await world.order(sync);
    world.practice.hands.account('bo', 'correct horse');
    await world.remove('bo');
    await passes(world);
  }
  assert.deepEqual(await states(world), ['done', 'done']);
  await passes(world);
  assert.deepEqual(await cameBack(world), []);
  world.practice.hands.mintToken('bo');
  await passes(world);
  assert.deepEqual(await cameBack(world), ['leaver.came-back']);
  assert.equal(world.practice.look.person('bo').tokens, 0);
});

test('what waits for a release of somebody who left is not taken for what one before at that id made again', async (t) => {
  const more = 'guard: { losses: { disableUsers: { count: 1, percent: 100, atLeast: 1 } } }';
  const world = await syncWorld(t, { start: false, more });
  await world.person('bo');
  await world.order(sync);
  world.practice.hands.account('bo', 'correct horse');
  await world.remove('bo');
  await passes(world);
  world.time.forward(2 * 3_600_000);
  for (const name of ['ann', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ann', 'bo']);
  await world.order(sync);
  world.practice.hands.mintToken('bo');
  await world.change('ann', { active: false });
  await passes(world);
  await world.change('bo', { active: false });
  for (let n = 0; n < 2; n++) await passes(world);
  assert.deepEqual(await cameBack(world), []);
  assert.deepEqual((await states(world)).sort(), ['done', 'held']);
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
  assert.equal(world.practice.look.person('bo').tokens, 1);
});

test('who owes again at an id that another one left waits with that one; one release lets both go, and they count no more', async (t) => {
  const world = await syncWorld(t, {
    start: false,
    more: 'guard: { losses: { disableUsers: { count: 1, percent: 100, atLeast: 1 } } }',
  });
  for (const name of ['ann', 'bo']) await world.person(name);
  await world.order(sync);
  await leavesTwice(world);
  assert.deepEqual((await states(world)).sort(), ['done', 'held']);
  world.time.forward(2 * 3_600_000);
  world.practice.hands.mintToken('bo');
  const again = { state: 'open', done_at: null, steps: '[]' } as const;
  await world.store.write(({ db }) => db.updateTable('debts').set(again).where('state', '=', 'done').execute());
  await passes(world);
  assert.deepEqual(await states(world), ['held', 'held']);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'losses.disableUsers') });
  await passes(world);
  assert.deepEqual(await states(world), ['done', 'done']);
  assert.equal(world.practice.look.person('bo').tokens, 0);
  await world.change('ann', { active: false });
  await passes(world);
  assert.deepEqual(await waiting(world), [], 'who was let go counts against no ceiling');
});

test('who left an id that another one left since is not told to act again because of what was done to that one', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('bo');
  await world.order(sync);
  world.practice.hands.mintToken('bo');
  await leavesTwice(world);
  assert.deepEqual(await states(world), ['done', 'done']);
  const { context, config } = world;
  const [controller] = config.controllers;
  for (let n = 0; n < 3; n++) {
    assert.equal(await reproveLeavers(context, controller!, context.controller('ci')), 0);
    await passes(world);
  }
});
