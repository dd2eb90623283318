import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Parts } from '../../../src/cli/product/parts.ts';
import { pause, pauseAgain, resume } from '../../../src/cli/product/pausing.ts';
import { distribute } from '../../../src/sync/pace/distribute.ts';
import { claimRows } from '../rows.ts';
import { type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;
const tokens = (world: SyncWorld, id: string): number => world.practice.look.person(id).tokens;

test('a name that somebody had between two looks is given up like any other: tokens made by it fall', async (t) => {
  const world = await team(t);
  await renamed(world, 'via', 'ann');
  world.practice.hands.mintToken('via');
  await settled(world);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['ann', 'bo']);
  assert.equal(tokens(world, 'via'), 0);
  assert.deepEqual(await owed(world), ['ana: old-id done', 'via: old-id done']);
  const told = (await world.ledger.about({ kind: 'user', id: world.idOf('ana') }, 1_000)).flatMap(
    ({ kind, personal }) => (kind === 'old-id.complete' ? [personal?.jenkinsId] : []),
  );
  assert.deepEqual(told.sort(), ['ana', 'via']);
});

test('who is called as before, and was called otherwise in between, gives up that name, each time anew', async (t) => {
  const world = await team(t);
  for (let time = 0; time < 2; time++) {
    await renamed(world, 'via', 'ana');
    world.practice.hands.mintToken('via');
    world.practice.hands.mintToken('ana');
    await settled(world);
    assert.deepEqual([tokens(world, 'via'), tokens(world, 'ana')], [0, time + 1]);
  }
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['ana', 'bo']);
  await settled(world);
  assert.deepEqual(await owed(world), ['via: old-id done']);
});

test('who leaves behind two renames leaves everything by each of the names', async (t) => {
  for (const leave of ['deactivated', 'deleted'] as const) {
    const world = await team(t);
    await renamed(world, 'via', 'ann');
    for (const id of ['ana', 'via', 'ann']) world.practice.hands.mintToken(id);
    if (leave === 'deleted') await world.remove('ana');
    else await world.change('ana', { active: false });
    await settled(world);
    assert.deepEqual(
      ['ana', 'via', 'ann'].map((id) => tokens(world, id)),
      [0, 0, 0],
      leave,
    );
    assert.deepEqual(await owed(world), ['ana: leaver done', 'ann: leaver done', 'via: leaver done']);
  }
});

test('who was renamed before anybody had looked gives up the first name', async (t) => {
  const world = await team(t);
  await world.person('zoe');
  await world.change('zoe', { userName: 'zoë' });
  world.practice.hands.mintToken('zoe');
  await settled(world);
  assert.equal(tokens(world, 'zoe'), 0);
});

test('whoever gets such a name next gets it when it is paid', async (t) => {
  const world = await team(t);
  await renamed(world, 'via', 'ann');
  world.practice.hands.mintToken('via');
  await world.change('bo', { userName: 'via' });
  const bo = world.idOf('bo');
  await world.store.write((tx) => distribute(tx, world.context.facts, ['ci']));
  const { identities } = await world.assess('automatic');
  assert.deepEqual(identities.people.get(bo), { id: 'bo', foldedId: 'bo', problem: 'contested', wanted: 'via' });
  await settled(world);
  await settled(world);
  assert.deepEqual(world.holders('pay-developer').toSorted(), ['ann', 'via']);
  assert.equal(tokens(world, 'via'), 0);
  assert.deepEqual(
    (await claimRows(world)).find(({ folded_id, state }) => folded_id === 'via' && state === 'current')?.person,
    bo,
  );
});

test('a name that is somebody else’s, protected or reserved is nobody’s to give up', async (t) => {
  const world = await team(t);
  await renamed(world, 'admin', 'ann');
  await renamed(world, 'anonymous', 'ana');
  world.practice.hands.mintToken('admin');
  await settled(world);
  assert.equal(tokens(world, 'admin'), 1);
  assert.deepEqual(await owed(world), ['ann: old-id done']);
});

for (const when of ['while its connection is paused', 'just before that, and nobody had looked'] as const) {
  test(`a name that somebody had ${when}, is owed once it is resumed`, async (t) => {
    const world = await team(t);
    const stop = (change: typeof pause) => change(partsOf(world), { kind: 'connection', name: 'okta' });
    if (when.startsWith('while')) await stop(pause);
    await renamed(world, 'via', 'ana');
    if (!when.startsWith('while')) {
      world.time.forward(1_000);
      await stop(pause);
    }
    for (const id of ['via', 'ana']) world.practice.hands.mintToken(id);
    await settled(world);
    assert.deepEqual([tokens(world, 'via'), tokens(world, 'ana')], [1, 1], 'nothing is done');
    world.time.forward(60_000);
    await stop(resume);
    await settled(world);
    assert.deepEqual([tokens(world, 'via'), tokens(world, 'ana')], [0, 1]);
    assert.deepEqual(await owed(world), ['via: old-id done']);
    await stop(pause);
    await stop(resume);
    await settled(world);
    assert.deepEqual(
      (await world.assess('automatic')).situation.passed,
      [],
      'of a pause before, nothing is said again',
    );
  });
}

test('a name that somebody had, and nobody had looked, is owed once a connection that is paused again after a restore is resumed', async (t) => {
  const world = await team(t);
  await renamed(world, 'via', 'ana');
  world.time.forward(1_000);
  await world.store.write((tx) => pauseAgain(partsOf(world), tx, ['okta']));
  world.practice.hands.mintToken('via');
  await settled(world);
  assert.equal(tokens(world, 'via'), 1, 'nothing is done');
  await resume(partsOf(world), { kind: 'connection', name: 'okta' });
  await settled(world);
  assert.equal(tokens(world, 'via'), 0);
});

test('a connection that may not reach a controller has nothing cut there by renames: ids there are not its people’s', async (t) => {
  const world = await team(t);
  const entra = world.config.connections.find(({ name }) => name === 'entra')!;
  Object.assign(entra, { controllers: ['elsewhere'] });
  world.practice.hands.mintToken('deploy-bot');
  await world.person('deploy-bot', {}, 'entra');
  await world.change('deploy-bot', { userName: 'x' }, 'entra');
  await settled(world);
  assert.equal(tokens(world, 'deploy-bot'), 1);
  assert.deepEqual(await owed(world), []);
  assert.ok((await claimRows(world)).every(({ connection }) => connection !== 'entra'));
});

test('other changes, and what was looked at before, owe nothing', async (t) => {
  const world = await team(t);
  await world.change('ana', { userName: 'ann' });
  await settled(world);
  const before = await owed(world);
  world.practice.hands.mintToken('ana');
  await world.change('ana', { displayName: 'Ann' });
  await world.change('ana', { active: false });
  await world.change('ana', { active: true });
  const { situation } = await world.assess('automatic');
  assert.deepEqual(situation.passed, []);
  await settled(world);
  assert.deepEqual(await owed(world), before);
});

test('names are asked for since the last look of that controller, whenever another one looked', async (t) => {
  const names = ['ci', 'zz'];
  const world = await team(t, names);
  await world.order(sync, 'zz');
  await renamed(world, 'via', 'amid');
  await world.store.write((tx) => distribute(tx, world.context.facts, names));
  await world.order(sync, 'zz');
  await renamed(world, 'ann');
  await world.store.write((tx) => distribute(tx, world.context.facts, names));
  world.practice.hands.mintToken('via');
  await world.order(sync);
  assert.equal(tokens(world, 'via'), 0);
});

async function team(t: TestContext, controllers: readonly string[] = ['ci']): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false, controllers });
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await settled(world);
  return world;
}

/** The person who was created as ana, called otherwise one time after another, without a look in between. */
async function renamed(world: SyncWorld, ...names: readonly string[]): Promise<void> {
  for (const userName of names) await world.change('ana', { userName });
}

function partsOf({ store, ledger, context }: SyncWorld): Parts {
  return { store, ledger, context, config: context.config, operator: 'operator:ops' } as unknown as Parts;
}

/** Hands out what is dirty and looks at everything. */
async function settled(world: SyncWorld): Promise<void> {
  await world.store.write((tx) => distribute(tx, world.context.facts, ['ci']));
  await world.order(sync);
}

async function owed(world: SyncWorld): Promise<string[]> {
  const rows = await world.store.read((db) =>
    db.selectFrom('debts').select(['id', 'cause', 'state']).where('cause', '<>', 'unentitled').execute(),
  );
  return rows.map(({ id, cause, state }) => `${id}: ${cause} ${state}`).sort();
}
