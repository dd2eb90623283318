import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { rejectHeld } from '../../../src/cli/product/held.ts';
import type { Step } from '../../../src/plan/step.ts';
import { watchedStore } from '../../../src/store/watched.ts';
import { about } from '../../../src/sync/pass/decided.ts';
import { digestOf, heldRows } from '../rows.ts';
import { type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;
const CEILING = 'losses.disableUsers';

/** Ana has left and waits above the ceiling. */
async function waits(t: TestContext): Promise<SyncWorld> {
  const more = 'guard: { losses: { disableUsers: { count: 0, percent: 100, atLeast: 0 } } }';
  const world = await syncWorld(t, { start: false, more });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await world.order(sync);
  await world.change('ana', { active: false });
  await world.order(sync);
  return world;
}

const states = async (world: SyncWorld): Promise<string[]> => [
  ...new Set((await heldRows(world)).map(({ state }) => state)),
];

const bySql = (world: SyncWorld) =>
  world.store.write(({ db }) => db.updateTable('held').set({ state: 'rejected' }).execute());

const reject = async (world: SyncWorld, digest: string): Promise<number> =>
  rejectHeld(
    { store: watchedStore(world.store, world.time.clock), ledger: world.ledger, operator: 'operator:eve' },
    digest,
  );

for (const person of [undefined, 'ana'])
  test(`what a row alone calls rejected waits as before and is listed, after a look at ${person ?? 'everybody'}`, async (t) => {
    const world = await waits(t);
    const digest = await digestOf(world, CEILING);
    await bySql(world);
    await world.order(person === undefined ? sync : { ...sync, person: world.idOf(person) });
    assert.deepEqual(await states(world), ['held']);
    assert.equal(await digestOf(world, CEILING), digest);
    await world.order({ kind: 'apply', allowLoss: digest });
    assert.deepEqual(world.holders('pay-developer'), ['bo']);
  });

test('what an operator rejected stays so; a record of before names no steps and counts by its digest', async (t) => {
  const world = await waits(t);
  await reject(world, await digestOf(world, CEILING));
  for (let time = 0; time < 2; time++) await world.order(sync);
  assert.deepEqual(await states(world), ['rejected']);

  const older = await waits(t);
  const rows = await heldRows(older);
  const { digest } = rows[0]!;
  await older.store.write((tx) =>
    older.ledger.record(tx, {
      kind: 'plan.rejected',
      actor: 'operator:eve',
      subject: { kind: 'controller', id: 'ci' },
      body: { digest, ...about(rows.map(({ step }) => JSON.parse(step) as Step)) },
    }),
  );
  await bySql(older);
  await older.order(sync);
  assert.deepEqual(await states(older), ['rejected']);
});

test('a rejection of one step is none of another', async (t) => {
  const world = await waits(t);
  await reject(world, await digestOf(world, CEILING));
  await world.change('bo', { active: false });
  await world.order(sync);
  await bySql(world);
  await world.order(sync);
  const byPerson = new Map(
    (await heldRows(world)).map(({ step, state }) => [(JSON.parse(step) as Step).person, state]),
  );
  assert.deepEqual([byPerson.get(world.idOf('ana')), byPerson.get(world.idOf('bo'))], ['rejected', 'held']);
});

test('a rejection about somebody is none about who has the id after them: that one waits, and is listed', async (t) => {
  const world = await syncWorld(t, { start: false, more: 'guard: { gains: { grantsPerPerson: 0 } }' });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana']);
  await world.order(sync);
  await reject(world, await digestOf(world, 'gains.grantsPerPerson'));
  await world.change('ana', { userName: 'former' });
  await world.change('bo', { userName: 'ana' });
  await world.add('ci-pay-dev', 'bo');
  for (let time = 0; time < 2; time++) {
    await world.order(sync);
    assert.deepEqual(await states(world), ['held']);
    const people = (await heldRows(world)).map(({ step }) => (JSON.parse(step) as Step).person);
    assert.deepEqual(new Set(people), new Set(['ana', 'bo'].map(world.idOf)));
  }
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'gains.grantsPerPerson') });
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['ana', 'former']);
});
