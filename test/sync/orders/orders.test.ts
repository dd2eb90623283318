import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ScimError } from '../../../src/errors.ts';
import { planDocument } from '../../../src/plan/print/document.ts';
import { ask, type Order } from '../../../src/sync/orders/commands.ts';
import type { Applied } from '../../../src/sync/orders/orders.ts';
import { viewOf } from '../../../src/sync/pass/view.ts';
import { passThrough } from '../passThrough.ts';
import { eventually, type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

/** Steps of one run, so that a dozen people make three. */
const RUN = 4;

/** A world whose calls are listed, where something can be done between two of them. */
async function watched(t: TestContext, options: WorldOptions = {}) {
  const sent: string[] = [];
  const meanwhile: { run?: () => Promise<unknown>; answer?: 'conflict' | 'broken' } = {};
  const world = await syncWorld(t, {
    start: false,
    largestRun: RUN,
    ...options,
    wrap: (controller) => ({
      ...passThrough(controller),
      async apply(batch) {
        const { answer } = meanwhile;
        if (answer !== undefined && sent.length > 0) {
          delete meanwhile.answer;
          if (answer === 'broken') throw new ScimError('JEN_UNREACHABLE', { controller: 'ci', reason: 'cut' });
          return { outcome: 'conflict', reason: 'somebody edited' };
        }
        const outcome = await controller.apply(batch);
        sent.push('batch');
        const { run } = meanwhile;
        delete meanwhile.run;
        await run?.();
        return outcome;
      },
      cut(fence, orders) {
        sent.push(`cut ${orders.map(({ id }) => id).join()}`);
        return controller.cut(fence, orders);
      },
    }),
  });
  return { world, sent, meanwhile };
}

/** Leo holds a role already; ten more are about to. */
async function crowded(world: SyncWorld): Promise<readonly string[]> {
  await world.person('leo');
  await world.group('ci-old-dev', ['leo']);
  await world.order({ kind: 'apply' });
  const names = Array.from({ length: 10 }, (_, index) => `dev${index}`);
  for (const name of names) await world.person(name);
  await world.group('ci-pay-dev', names);
  return names;
}

test('no order is carried out where a controller is paused, on hold or off, whoever carries it out', async (t) => {
  const stops = { paused: 'paused', on_hold: 'on hold' } as const;
  const { world, sent } = await watched(t);
  await world.person('leo');
  await world.group('ci-old-dev', ['leo']);
  for (const [column, said] of Object.entries(stops)) {
    const row = { name: 'ci', paused: 0, on_hold: 0, [column]: 1 };
    await world.store.write(({ db }) =>
      db
        .insertInto('controllers')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute(),
    );
    const { error } = await world.order({ kind: 'apply' });
    assert.match(error ?? '', new RegExp(`^it is ${said}`));
  }
  const off = await watched(t, { mode: 'off' });
  assert.match((await off.world.order({ kind: 'ask-older' })).error ?? '', /^mode off/);
  assert.deepEqual([sent, off.sent, world.holders('old-developer')], [[], [], []]);
});

/** The order as a command line gives it, to the service that holds the lease. */
function asked(world: SyncWorld, order: Order): Promise<Applied> {
  return ask(world.context, 'ci', order, 30_000) as Promise<Applied>;
}

async function ordered(world: SyncWorld): Promise<void> {
  await eventually(async () => {
    const rows = await world.store.read((db) => db.selectFrom('commands').select('id').execute());
    return rows.length > 0;
  });
}

/** Leaves, and that is handed out: an older mark of the same person may be, too, and says nothing of it. */
async function left(world: SyncWorld, userName: string): Promise<void> {
  await world.change(userName, { active: false });
  const id = world.idOf(userName);
  const marks = (table: 'dirty' | 'pending') =>
    world.store.read((db) => db.selectFrom(table).select('id').where('id', '=', id).execute());
  await eventually(async () => (await marks('dirty')).length === 0 && (await marks('pending')).length > 0);
}

test('who leaves while an operator applies goes after the batch at hand; the answer counts everything', async (t) => {
  const { world, sent, meanwhile } = await watched(t);
  await crowded(world);
  sent.length = 0;
  meanwhile.run = () => left(world, 'leo');
  const answer = asked(world, { kind: 'apply' });
  await ordered(world);
  world.start();
  const { error, ...counts } = await answer;
  assert.equal(error, undefined);
  assert.deepEqual(sent.slice(0, 4), ['batch', 'cut leo', 'batch', 'batch']);
  assert.equal(world.holders('pay-developer').length, 10);
  assert.ok(counts.verified > 11, JSON.stringify(counts));
  assert.equal(counts.failed, 0);
});

test('a controller that is paused while it is worked on gets the batch at hand and nothing else until it goes on', async (t) => {
  const { world, sent, meanwhile } = await watched(t);
  const paused = (value: number) => () =>
    world.store.write(({ db }) => db.updateTable('controllers').set({ paused: value }).execute());
  await crowded(world);
  sent.length = 0;
  meanwhile.run = paused(1);
  const { error, verified } = await world.order({ kind: 'apply' });
  assert.match(error ?? '', /^it is paused: /);
  assert.ok(verified > 0, 'what was done counts');
  assert.deepEqual(sent, ['batch']);
  await paused(0)();
  meanwhile.run = paused(1);
  world.start();
  await eventually(() => sent.length > 1, 'the service goes on');
  await world.context.timers.sleep(1_000);
  assert.deepEqual(sent, ['batch', 'batch']);
  assert.ok(world.holders('pay-developer').length < 10);
  await paused(0)();
  await eventually(() => world.holders('pay-developer').length === 10, 'everybody has it');
});

test('a saved plan goes on after somebody left, with the steps it named and no other', async (t) => {
  const { world, sent, meanwhile } = await watched(t);
  await crowded(world);
  const saved = planDocument([viewOf(await world.assess())]);
  await world.person('late');
  await world.add('ci-pay-dev', 'late');
  sent.length = 0;
  meanwhile.run = async () => {
    await left(world, 'leo');
    assert.equal(world.holders('pay-developer').length, RUN - 1);
  };
  const answer = asked(world, { kind: 'apply', saved });
  await ordered(world);
  world.start();
  const { error, failed, verified } = await answer;
  assert.deepEqual([error, failed], [undefined, 0]);
  assert.deepEqual(sent.slice(0, 4), ['batch', 'cut leo', 'batch', 'batch']);
  const cut = saved.controllers[0]!.steps.length;
  assert.ok(verified > cut, `${verified} of ${cut} and those of the leaver`);
});

test('somebody who left before a saved plan is applied goes before it', async (t) => {
  const { world, sent } = await watched(t);
  await crowded(world);
  const saved = planDocument([viewOf(await world.assess())]);
  sent.length = 0;
  await world.change('leo', { active: false });
  await world.store.write(({ db }) =>
    db
      .insertInto('pending')
      .values({ controller: 'ci', kind: 'user', id: world.idOf('leo'), seq: 1, marked_at: AT, request: null })
      .execute(),
  );
  const { error } = await world.order({ kind: 'apply', saved });
  assert.equal(error, undefined);
  assert.deepEqual(sent, ['cut leo', 'batch', 'batch', 'batch']);
});

const AT = '2026-11-24T08:00:00.000Z';

test('a saved plan survives a conflict half-way: what it did does not make the rest stale', async (t) => {
  const { world, sent, meanwhile } = await watched(t);
  await crowded(world);
  const saved = planDocument([viewOf(await world.assess())]);
  sent.length = 0;
  meanwhile.answer = 'conflict';
  const { error, verified } = await world.order({ kind: 'apply', saved });
  assert.equal(error, undefined);
  assert.equal(verified, saved.controllers[0]!.steps.length);
  assert.equal(world.holders('pay-developer').length, 10);
});

test('where the controller fails half-way, the answer counts what was done before', async (t) => {
  const { world, sent, meanwhile } = await watched(t);
  await crowded(world);
  sent.length = 0;
  meanwhile.answer = 'broken';
  const { error, verified } = await world.order({ kind: 'apply' });
  assert.match(error!, /JEN_UNREACHABLE/);
  assert.equal(verified, RUN);
  assert.equal(world.holders('pay-developer').length, RUN - 1);
});

test('released losses give way to somebody who leaves, and go on', async (t) => {
  const { world, sent, meanwhile } = await watched(t);
  const names = await crowded(world);
  await world.order({ kind: 'apply' });
  await world.empty('ci-pay-dev');
  await world.order({ kind: 'sync' });
  assert.equal(world.holders('pay-developer').length, names.length, 'held');
  const { digest } = await world.store.read((db) =>
    db.selectFrom('held').select('digest').limit(1).executeTakeFirstOrThrow(),
  );
  sent.length = 0;
  meanwhile.run = () => left(world, 'leo');
  const answer = asked(world, { kind: 'apply', allowLoss: digest });
  await ordered(world);
  world.start();
  const { error } = await answer;
  assert.equal(error, undefined);
  assert.deepEqual(sent.slice(0, 3), ['batch', 'cut leo', 'batch']);
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('`leaver --now` is answered between two batches of an operator who applies', async (t) => {
  const { world, sent, meanwhile } = await watched(t);
  await crowded(world);
  sent.length = 0;
  let now: Promise<Applied> | undefined;
  meanwhile.run = async () => {
    await world.store.write(({ db }) =>
      db
        .insertInto('ordered_leavers')
        .values({ person: world.idOf('leo'), at: AT })
        .execute(),
    );
    now = asked(world, { kind: 'leaver', person: world.idOf('leo') });
    await ordered(world);
  };
  const { error } = await world.order({ kind: 'apply' });
  assert.equal(error, undefined);
  assert.deepEqual(sent, ['batch', 'cut leo', 'batch', 'batch']);
  const { controller, verified } = (await now)!;
  assert.equal(controller, 'ci');
  assert.ok(verified > 0);
});

test('what an operator took away is looked at again after 5 seconds, as what the service took', async (t) => {
  const { world } = await watched(t);
  await crowded(world);
  await world.order({ kind: 'apply' });
  const page = world.practice.hands.assignRolesPage();
  await world.change('leo', { active: false });
  const answer = asked(world, { kind: 'leaver', person: world.idOf('leo') });
  await ordered(world);
  world.start();
  assert.equal((await answer).error, undefined);
  await eventually(() =>
    world.store.read(async (db) => (await db.selectFrom('pending').select('id').execute()).length === 0),
  );
  page.save();
  assert.ok(world.holders('old-developer').includes('leo'));
  world.time.forward(5_100);
  await eventually(() => !world.holders('old-developer').includes('leo'));
});
