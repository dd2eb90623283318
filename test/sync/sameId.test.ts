import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { rejectHeld } from '../../src/cli/product/held.ts';
import { watchedStore } from '../../src/store/watched.ts';
import { reproveLeavers } from '../../src/sync/debts.ts';
import { debtRows, digestOf, waiting } from './rows.ts';
import { eventually, type SyncWorld, syncWorld } from './world.ts';

// Two people who left and had one id on a controller, one after the other: an operator gave it free before the first had paid.

const sync = { kind: 'sync' } as const;
const waits = (name: string): string => `revoke-tokens ${name}: losses.disableUsers`;

/** One may leave in an hour; a former `bo` of another connection waits, and the id was given to a new one, who has a role and a token. */
async function handedOn(t: TestContext): Promise<SyncWorld> {
  const world = await syncWorld(t, {
    start: false,
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

test('what was rejected of somebody who left is not refused of who has the id after them', async (t) => {
  const world = await handedOn(t);
  const parts = { store: watchedStore(world.store, world.time.clock), ledger: world.ledger, operator: 'ops' };
  await rejectHeld(parts, await digestOf(world, 'losses.disableUsers'));
  await world.change('bo', { active: false });
  await passes(world);
  assert.deepEqual(world.holders('pay-developer'), ['ann']);
  assert.equal(world.practice.look.person('bo').tokens, 0);
});

test('who owes again at an id that another one left waits with that one; one release lets both go, and they count no more', async (t) => {
  const world = await syncWorld(t, {
    start: false,
    more: 'guard: { losses: { disableUsers: { count: 1, percent: 100, atLeast: 1 } } }',
  });
  for (const name of ['ann', 'bo']) await world.person(name);
  await world.order(sync);
  await world.remove('bo');
  await world.order(sync);
  await world.person('bo');
  await world.order(sync);
  await world.change('bo', { active: false });
  await world.order(sync);
  assert.deepEqual((await states(world)).sort(), ['done', 'held']);
  world.time.forward(2 * 3_600_000);
  world.practice.hands.mintToken('bo');
  const { context, config } = world;
  assert.equal(await reproveLeavers(context, config.controllers[0]!, context.controller('ci')), 1);
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
  await world.remove('bo');
  await world.order(sync);
  await world.person('bo');
  await world.order(sync);
  await world.change('bo', { active: false });
  await world.order(sync);
  assert.deepEqual(await states(world), ['done', 'done']);
  const { context, config } = world;
  const [controller] = config.controllers;
  for (let n = 0; n < 3; n++) {
    assert.equal(await reproveLeavers(context, controller!, context.controller('ci')), 0);
    await passes(world);
  }
});
