import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { digestOf, waiting } from '../rows.ts';
import { POLICY, type SyncWorld, syncWorld } from '../world.ts';

// A deletion freezes its members (semantics §5), also where another group gives them the same role.

const sync = { kind: 'sync' } as const;

test('a deletion freezes what its group gave, also where another group gives it until later', async (t) => {
  const world = await twoWays(t);
  await world.drop('ci-users', 'ana');
  await world.order(sync);
  assert.deepEqual(held(world), ['ana', 'bo', 'cleo']);
  assert.deepEqual(await waiting(world), ['revoke ana: bound-group']);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'bound-group') });
  assert.deepEqual(held(world), ['bo', 'cleo']);
});

test('… by a look at one of them, too', async (t) => {
  const world = await twoWays(t);
  await world.drop('ci-users', 'ana');
  await world.order({ kind: 'sync', person: world.idOf('ana') });
  assert.deepEqual(held(world), ['ana', 'bo', 'cleo']);
});

test('… and where it gave another role besides, by which its deletion is remembered', async (t) => {
  const world = await twoWays(t, TWO_WAYS.replace(/grant: browser\n$/, 'grant: [browser, visitor]\n'));
  assert.deepEqual(world.holders('visitor').toSorted(), ['ana', 'bo']);
  await world.drop('ci-users', 'ana');
  await world.order(sync);
  assert.deepEqual(held(world), ['ana', 'bo', 'cleo']);
});

test('what a deleted group gave is frozen, also where another group gave it meanwhile', async (t) => {
  const world = await twoWays(t);
  await world.drop('ci-users', 'ana');
  await world.order(sync);
  await world.add('ci-users', 'ana');
  await world.order(sync);
  assert.deepEqual(await waiting(world), []);
  await world.drop('ci-users', 'ana');
  await world.order(sync);
  assert.deepEqual(await waiting(world), ['revoke ana: bound-group']);
});

test('… and goes along with somebody who is called otherwise', async (t) => {
  const world = await twoWays(t);
  await world.change('ana', { userName: 'anna' });
  await world.order(sync);
  await world.drop('ci-users', 'ana');
  await world.order(sync);
  assert.deepEqual(held(world), ['anna', 'bo', 'cleo']);
});

test('a deletion that was released freezes nobody to whom another group gave the role as well', async (t) => {
  const world = await twoWays(t);
  await world.drop('ci-users', 'ana');
  await world.order(sync);
  await world.order({ kind: 'apply', allowLoss: await digestOf(world, 'bound-group') });
  await world.drop('ci-users', 'bo');
  await world.order(sync);
  assert.deepEqual([held(world), await waiting(world)], [['cleo'], []]);
});

test('whom a deleted group did not hold to the last loses what another one gives no more', async (t) => {
  const world = await twoWays(t, TWO_WAYS, false);
  await world.drop('visitors', 'ana');
  await world.order(sync);
  await world.deleteGroup('visitors');
  await world.order(sync);
  await world.drop('ci-users', 'ana', 'cleo');
  await world.order(sync);
  assert.deepEqual([held(world), await waiting(world)], [['bo'], []]);
});

test('the hold of a deleted group ends for these, too, by an edit of the policy, and when the name returns', async (t) => {
  for (const edited of [true, false]) {
    const world = await twoWays(t);
    if (edited) world.setPolicy(TWO_WAYS.replace('id: everyone', 'id: everybody'));
    else await world.group('visitors', ['bo']);
    await world.order(sync);
    await world.drop('ci-users', 'ana');
    await world.order(sync);
    assert.deepEqual([held(world), await waiting(world)], [['bo', 'cleo'], []], String(edited));
  }
});

test('where others give the same to everybody nothing waits for a release: what the finding says to do ends it', async (t) => {
  for (const remedy of ['Push the group again', 'take it out of the policy'] as const) {
    const world = await twoWays(t);
    assert.deepEqual(await waiting(world), []);
    const told = await deletedGroups(world);
    assert.match(told.join(), new RegExp(remedy));
    if (remedy === 'Push the group again') await world.group('visitors', ['ana', 'bo']);
    else world.setPolicy(TWO_WAYS.replace(/ {2}- id: visitors\n.*\n.*\n/, ''));
    await world.order(sync);
    assert.deepEqual([await deletedGroups(world), held(world)], [[], ['ana', 'bo', 'cleo']], remedy);
  }
});

async function deletedGroups(world: SyncWorld): Promise<string[]> {
  const { findings } = (await world.assess()).evaluation;
  return findings.flatMap(({ code, remedy }) => (code === 'policy.deleted-group' ? [remedy] : []));
}

const TWO_WAYS = `${POLICY.replace('  developer:', '  visitor:\n    scope: global\n    permissions: [Job/Discover]\n  developer:')}  - id: visitors
    group: visitors
    grant: browser
`;

/** Ana and Bo browse by two groups, Cleo by one; the group `visitors` is deleted then. */
async function twoWays(t: TestContext, policy = TWO_WAYS, gone = true): Promise<SyncWorld> {
  const world = await syncWorld(t, { start: false, policy });
  for (const name of ['ana', 'bo', 'cleo']) await world.person(name);
  await world.group('ci-users', ['ana', 'bo', 'cleo']);
  await world.group('visitors', ['ana', 'bo']);
  await world.order(sync);
  if (!gone) return world;
  await world.deleteGroup('visitors');
  await world.order(sync);
  return world;
}

const held = (world: SyncWorld): readonly string[] => world.holders('browser').toSorted();
