import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchOutcome, StrategyBatch } from '../../../src/access/ports/controller.ts';
import { systemRandom } from '../../../src/cli/edge.ts';
import { refuse } from '../../../src/errors.ts';
import { holderName, LEASE_MS, type Lease, takeLease } from '../../../src/sync/lease/lease.ts';
import { ask } from '../../../src/sync/orders/commands.ts';
import { execute } from '../../../src/sync/orders/orders.ts';
import { Reconciler } from '../../../src/sync/reconciler.ts';
import type { SyncContext } from '../../../src/sync/state/context.ts';
import { passThrough } from '../passThrough.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;

test('a successor has a higher fence, and whatever the one before still does is refused', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['ana']);
  const first = await lease(world, 'first');
  await obey(world, first);
  world.time.forward(LEASE_MS + 1);
  const second = await lease(world, 'second');
  assert.ok(second.fence > first.fence);
  await obey(world, second);
  await world.add('ci-pay-dev', 'bo');
  await obey(world, second);
  await world.drop('ci-pay-dev', 'ana');
  const refused = await obey(world, first);
  assert.match(refused.error ?? '', /SYNC_LEASE/);
  assert.deepEqual([...world.holders('pay-developer')].sort(), ['ana', 'bo']);
  await obey(world, second);
  assert.deepEqual(world.holders('pay-developer'), ['bo']);
});

test('after an older database took its place the controller obeys as before', async (t) => {
  const world = await syncWorld(t, { start: false });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await obey(world, await lease(world, 'first'));
  const kept = await world.store.read((db) => db.selectFrom('leases').selectAll().executeTakeFirstOrThrow());
  for (const name of ['second', 'third']) {
    world.time.forward(LEASE_MS + 1);
    await obey(world, await lease(world, name));
  }
  await world.store.write(({ db }) => db.updateTable('leases').set(kept).execute());
  await world.drop('ci-pay-dev', 'ana');
  world.time.forward(LEASE_MS + 1);
  assert.equal((await obey(world, await lease(world, 'fourth'))).error, undefined);
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('a successor reads before it sends, and settles what the one before left open', async (t) => {
  const calls: string[] = [];
  let die = true;
  const world = await syncWorld(t, {
    start: false,
    wrap: (controller) => ({
      ...passThrough(controller),
      observe() {
        calls.push('observe');
        return controller.observe();
      },
      async apply(batch: StrategyBatch): Promise<BatchOutcome> {
        calls.push(batch.changes.length === 0 ? 'fence' : 'apply');
        const outcome = await controller.apply(batch);
        if (die) throw new Error('the process dies here');
        return outcome;
      },
    }),
  });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await assert.rejects(obey(world, await lease(world, 'first')), /dies here/);
  die = false;
  calls.length = 0;
  const successor = serving(world, 'second', () => false);
  t.after(() => successor.stop());
  successor.start();
  await eventually(async () => (await intents(world)).every(({ state }) => state === 'verified'));
  assert.equal((await intents(world)).length, 1);
  assert.deepEqual(calls, ['fence', 'observe']);
});

test('what was given up is refused when it arrives late: a change, and a cut of who is back meanwhile', async (t) => {
  let answered = true;
  const late: (() => Promise<{ readonly outcome: string }>)[] = [];
  const world = await syncWorld(t, {
    wrap: (controller) => ({
      ...passThrough(controller),
      async apply(batch: StrategyBatch): Promise<BatchOutcome> {
        if (answered || batch.changes.length === 0) return controller.apply(batch);
        late.push(() => controller.apply(batch));
        await world.drop('ci-pay-dev', 'bo');
        answered = true;
        return { outcome: 'unknown', reason: 'timed out' };
      },
      async cut(fence, orders) {
        if (answered) return controller.cut(fence, orders);
        late.push(() => controller.cut(fence, orders));
        await world.change('ana', { active: true });
        answered = true;
        return { outcome: 'unknown', results: [], reason: 'timed out' };
      },
    }),
  });
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  answered = false;
  await world.add('ci-pay-dev', 'bo');
  await eventually(async () => late.length === 1 && (await atRest(world)));
  assert.equal((await late[0]!()).outcome, 'fenced');
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  answered = false;
  await world.change('ana', { active: false });
  await eventually(
    async () => late.length === 2 && (await atRest(world)) && world.holders('pay-developer').includes('ana'),
  );
  assert.equal((await late[1]!()).outcome, 'fenced');
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('what was given up is refused when it arrives late, also where its service was stopped in order before it called again', async (t) => {
  let gone = false;
  const late: (() => Promise<{ readonly outcome: string }>)[] = [];
  const world = await syncWorld(t, {
    start: false,
    wrap: (controller) => ({
      ...passThrough(controller),
      async apply(batch: StrategyBatch): Promise<BatchOutcome> {
        if (gone) throw refuse('JEN_UNREACHABLE', { controller: 'ci', reason: 'no answer' });
        if (!batch.changes.some((change) => 'principal' in change && change.principal.id === 'bo'))
          return controller.apply(batch);
        late.push(() => controller.apply(batch));
        gone = true;
        return { outcome: 'unknown', reason: 'timed out' };
      },
    }),
  });
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['ana']);
  const one = serving(world, 'one', () => true);
  one.start();
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await world.add('ci-pay-dev', 'bo');
  await eventually(() => gone);
  await one.stop();
  gone = false;
  await world.drop('ci-pay-dev', 'bo');
  const two = serving(world, 'two', () => true);
  t.after(() => two.stop());
  two.start();
  await eventually(async () => atRest(world));
  assert.equal((await late[0]!()).outcome, 'fenced');
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('two processes over one database: one writes, the other takes over when the first stops', async (t) => {
  const world = await syncWorld(t, { start: false });
  const one = serving(world, 'one', () => true);
  const two = serving(world, 'two', () => true);
  t.after(() => Promise.all([one.stop(), two.stop()]));
  one.start();
  await eventually(async () => (await holder(world)) === 'one');
  two.start();
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  assert.equal(await holder(world), 'one');
  await one.stop();
  await eventually(async () => (await holder(world)) === 'two');
  await world.drop('ci-pay-dev', 'ana');
  await eventually(() => world.holders('pay-developer').length === 0);
});

test('a process that lost its lease sends nothing more by itself', async (t) => {
  const world = await syncWorld(t, { start: false });
  const one = serving(world, 'one', () => true);
  t.after(() => one.stop());
  one.start();
  await eventually(async () => (await holder(world)) === 'one');
  await eventually(() => world.practice.look.roles('global').some(({ name }) => name === 'browser'));
  world.time.forward(LEASE_MS + 1);
  const taken = await lease(world, 'thief');
  const { saves } = world.practice.look;
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(world.practice.look.saves, saves);
  await obey(world, taken);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

test('an order goes to the holder of the lease while somebody holds it, and its answer comes back', async (t) => {
  const world = await syncWorld(t, { mode: 'observe' });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(async () => (await holder(world)) !== undefined);
  const other = { ...world.context.holder, name: 'cli', alive: () => true };
  assert.equal(await takeLease(world.store, world.context.clock, other, 'ci'), undefined);
  const applied = await ask(world.context, 'ci', { kind: 'apply' }, 5_000);
  assert.equal((applied as { failed: number }).failed, 0);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
});

function contextOf(world: SyncWorld, name: string, alive: () => boolean): SyncContext {
  return { ...world.context, holder: { name, alive } };
}

function serving(world: SyncWorld, name: string, alive: () => boolean): Reconciler {
  return new Reconciler(contextOf(world, name, alive));
}

async function lease(world: SyncWorld, name: string): Promise<Lease> {
  const holder = { name: holderName(name, 1, systemRandom), alive: () => true };
  const taken = await takeLease(world.store, world.context.clock, holder, 'ci');
  if (taken === undefined) throw new Error('somebody holds the lease');
  return taken;
}

async function obey(world: SyncWorld, held: Lease): Promise<{ readonly error?: string }> {
  const context = world.context;
  const controller = context.controller('ci');
  const config = world.config.controllers[0]!;
  const { value } = await execute({ context, config, controller, lease: held, memory: {} }, sync);
  return value as { readonly error?: string };
}

async function holder(world: SyncWorld): Promise<string | undefined> {
  const row = await world.store.read((db) => db.selectFrom('leases').select('holder').executeTakeFirst());
  return row?.holder === '' ? undefined : row?.holder;
}

/** Every mark is answered, and nothing is open. */
async function atRest(world: SyncWorld): Promise<boolean> {
  const marks = await world.store.read((db) => db.selectFrom('pending').selectAll().execute());
  return marks.length === 0 && (await intents(world)).every(({ state }) => state !== 'open' && state !== 'unknown');
}

function intents(world: SyncWorld) {
  return world.store.read((db) => db.selectFrom('intents').selectAll().execute());
}
