import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { systemTimers } from '../../../src/cli/edge.ts';
import { refuse } from '../../../src/errors.ts';
import { explain } from '../../../src/sync/explain.ts';
import { leavingMarks } from '../../../src/sync/pace/urgency.ts';
import { claimRows, debtRows } from '../rows.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

interface Watched {
  cuts: number;
  /** What happens in the midst of each of the first cuts. */
  readonly amid: (() => Promise<void>)[];
  /** What happens before each write of the strategy. */
  before?: () => Promise<void>;
}

/** The controller with things that happen in the midst of cuts, and with cuts counted. */
function watched(controller: Controller, state: Watched): Controller {
  return {
    ...controller,
    async cut(...args) {
      state.cuts++;
      await state.amid.shift()?.();
      return controller.cut(...args);
    },
    async apply(...args) {
      await state.before?.();
      return controller.apply(...args);
    },
  };
}

test('whoever waited for an id gets it, and who left meanwhile is cut, though each would cut the pass of the other short', async (t) => {
  const state: Watched = { cuts: 0, amid: [] };
  const world = await syncWorld(t, { start: false, wrap: (controller) => watched(controller, state) });
  for (const name of ['ana', 'cy', 'dee', 'eve']) await world.person(name);
  await world.group('ci-users', ['ana', 'cy', 'dee']);
  await world.order({ kind: 'sync' });
  await world.change('ana', { active: false });
  await world.change('ana', { userName: 'left' });
  await world.change('cy', { userName: 'ana' });
  await world.add('ci-users', 'eve');
  state.amid.push(() => world.change('dee', { active: false }));
  world.start();
  await eventually(() => world.holders('browser').toSorted().join() === 'ana,eve', 'cy is ana, and eve has it', 10_000);
  await eventually(async () => (await world.certificate('dee')).complete);
  assert.ok(state.cuts <= 6, `${state.cuts} cuts`);
});

test('whoever waits for an id of somebody who was called otherwise in between gets it, though that one changes amid each cut', async (t) => {
  const state: Watched = { cuts: 0, amid: [] };
  const world = await syncWorld(t, { start: false, wrap: (controller) => watched(controller, state) });
  for (const name of ['ana', 'cy']) await world.person(name);
  await world.group('ci-users', ['ana', 'cy']);
  await world.order({ kind: 'sync' });
  await world.change('ana', { userName: 'between' });
  await world.change('ana', { userName: 'new' });
  state.amid.push(
    async () => {
      await world.change('ana', { title: 'one' });
      await world.change('cy', { userName: 'ana' });
    },
    () => world.change('ana', { title: 'two' }),
  );
  world.start();
  await eventually(() => world.holders('browser').toSorted().join() === 'ana,new', 'cy is ana', 10_000);
  assert.ok(state.cuts <= 8, `${state.cuts} cuts`);
});

test('whoever waited for an id has what is theirs soon, though the pass that was to give it failed', async (t) => {
  const state: Watched = { cuts: 0, amid: [] };
  const world = await syncWorld(t, { start: false, wrap: (controller) => watched(controller, state) });
  await sharing(world, 'ana', 'cy');
  world.start();
  await quiet(world);
  let failed = 0;
  state.before = async () => {
    const claims = await claimRows(world);
    if (failed > 0 || !claims.some(({ person }) => person === world.idOf('cy'))) return;
    failed++;
    throw refuse('JEN_UNREACHABLE', { controller: 'ci', reason: 'down' });
  };
  await world.change('ana', { active: false });
  await eventually(async () => (await world.certificate('ana')).complete, 'ana is done');
  await eventually(() => failed === 1, 'the pass failed');
  await eventually(() => world.holders('browser').join() === 'shared', 'cy has it', 10_000);
});

test('two who wait for one id that becomes free go on waiting, and are not looked at again and again', async (t) => {
  const world = await syncWorld(t, { start: false });
  await sharing(world, 'ana', 'bo', 'cy');
  await world.change('ana', { active: false });
  const { some } = world.context.facts;
  let looks = 0;
  const counted: typeof some = (...args) => {
    looks++;
    return some(...args);
  };
  Object.assign(world.context.facts, { some: counted });
  world.start();
  await eventually(async () => (await world.certificate('ana')).complete, 'ana is done');
  await systemTimers.sleep(1_500);
  assert.deepEqual(world.holders('browser'), []);
  assert.ok(looks <= 10, `${looks} looks`);
});

for (const [how, change] of [
  ['is called otherwise', { emails: [{ value: 'other', primary: true }] }],
  ['has no such name any more', { emails: [] }],
] as const)
  test(`of two who wait for one id, one has it soon where the other ${how}`, async (t) => {
    const world = await syncWorld(t, { start: false });
    await sharing(world, 'ana', 'bo', 'cy');
    await world.change('ana', { active: false });
    world.start();
    await eventually(async () => (await world.certificate('ana')).complete, 'ana is done');
    await quiet(world);
    assert.deepEqual(world.holders('browser'), []);
    await world.change('bo', change);
    await eventually(() => world.holders('browser').includes('shared'), 'cy has it', 10_000);
    assert.equal((await claimRows(world)).find(({ folded_id }) => folded_id === 'shared')?.person, world.idOf('cy'));
  });

for (const order of ['leaver', 'release-id'] as const)
  test(`an id at which a second one who left waits for a release is given to nobody before: ${order}`, async (t) => {
    const more = 'guard: { losses: { disableUsers: { count: 0, percent: 0, atLeast: 0 } } }';
    const world = await syncWorld(t, { start: false, more });
    await sharing(world, 'ana', 'bo', 'cy');
    for (const name of ['ana', 'bo']) await world.change(name, { active: false });
    await world.order({ kind: 'sync' });
    assert.deepEqual(
      (await debtRows(world)).map(({ state }) => state),
      ['held', 'held'],
    );
    world.start();
    await quiet(world);
    await world.order({ kind: 'leaver', person: world.idOf('ana') });
    await eventually(async () => (await world.certificate('ana')).complete, 'ana is done');
    await quiet(world);
    await world.change('cy', { title: 'looked at' });
    await quiet(world);
    assert.deepEqual(
      (await claimRows(world)).filter(({ state }) => state === 'current'),
      [],
    );
    const told = await explain(world.context, world.config.controllers[0]!, world.idOf('cy'), {});
    assert.deepEqual([told.jenkinsId, told.whyNot[0]?.rule], [null, '(identity)']);
    await world.order({ kind: order, person: world.idOf('bo') });
    await eventually(() => world.holders('browser').includes('shared'), 'cy has it', 10_000);
    assert.equal((await claimRows(world)).find(({ folded_id }) => folded_id === 'shared')?.person, world.idOf('cy'));
  });

/** Everybody was looked at, and nothing waits. */
async function quiet(world: SyncWorld): Promise<void> {
  await eventually(async () => {
    const { read, marks } = await world.store.read(async (db) => ({
      read: await db.selectFrom('controllers').select('full_ms').executeTakeFirst(),
      marks: await db.selectFrom('pending').select('id').execute(),
    }));
    return read?.full_ms != null && marks.length === 0;
  }, 'everybody was looked at');
  await systemTimers.sleep(300);
}

/** These people are called the same on the controller, and all in a group; the first one is there. */
async function sharing(world: SyncWorld, first: string, ...others: readonly string[]): Promise<void> {
  Object.assign(world.config.controllers[0]!.identity, { user: 'email' });
  const emails = { emails: [{ value: 'shared', primary: true }] };
  await world.person(first, emails);
  await world.group('ci-users', [first]);
  await world.order({ kind: 'sync' });
  for (const name of others) await world.person(name, emails);
  await world.add('ci-users', ...others);
}

test('whoever waited for an id gets it soon, though somebody left amid the pass that was to give it', async (t) => {
  const amid = new Map<string, () => Promise<unknown>>();
  const world = await syncWorld(t, {
    start: false,
    wrap: (controller) => ({
      ...controller,
      async cut(fence, orders) {
        for (const { id } of orders) {
          const happens = amid.get(id);
          amid.delete(id);
          await happens?.();
        }
        return controller.cut(fence, orders);
      },
    }),
  });
  for (const name of ['ana', 'dee', 'eve', 'fay', 'zoe']) await world.person(name);
  await world.group('ci-users', ['ana', 'dee', 'fay', 'zoe']);
  await world.order({ kind: 'sync' });
  amid.set('zoe', async () => {
    await world.change('ana', { active: false });
    await world.change('ana', { userName: 'left' });
    await world.person('cy', { userName: 'ana' });
    await world.add('ci-users', 'cy');
  });
  amid.set('ana', async () => {
    await world.change('dee', { active: false });
    await world.add('ci-users', 'eve');
  });
  amid.set('dee', async () => {
    await world.change('fay', { active: false });
    await eventually(async () => (await world.store.read((db) => leavingMarks(db, 'ci'))).length > 1);
  });
  world.start();
  await eventually(async () => {
    const read = await world.store.read((db) => db.selectFrom('controllers').select('full_ms').executeTakeFirst());
    return read?.full_ms != null;
  });
  await world.change('zoe', { active: false });
  await eventually(() => amid.size === 0, 'all of it happened', 10_000);
  await eventually(() => world.holders('browser').toSorted().join() === 'ana,eve', 'cy is ana, and eve has it', 5_000);
});
