import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { rejectHeld } from '../../../src/cli/product/held.ts';
import { refuse } from '../../../src/errors.ts';
import { watchedStore } from '../../../src/store/watched.ts';
import { explain } from '../../../src/sync/explain.ts';
import { viewOf } from '../../../src/sync/pass/view.ts';
import { passThrough } from '../passThrough.ts';
import { digestOf, heldRows, waiting } from '../rows.ts';
import { eventually, POLICY, type SyncWorld, syncWorld } from '../world.ts';

const sync = { kind: 'sync' } as const;
const HOUR = 3_600_000;

/** A rule for one person that ends then. */
function until(end: number, id = 'helper'): string {
  return `${POLICY}  - id: ${id}
    user: ana
    until: ${new Date(end).toISOString()}
    grant: browser
`;
}

test('until passed: the grant falls at its time by itself, and never comes back by itself', async (t) => {
  const end = Date.now() + 3_500;
  const world = await syncWorld(t, { policy: until(end) });
  await world.person('ana');
  await eventually(() => world.holders('browser').includes('ana'));
  await eventually(() => !world.holders('browser').includes('ana'));
  assert.ok(world.context.clock.now() >= end);
});

test('once expired, always expired: it is stored, and a clock set back or a longer until gives nothing again', async (t) => {
  const world = await helped(t);
  world.time.forward(2 * HOUR);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), []);
  world.time.leap(-3 * HOUR);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), []);
  world.time.leap(3 * HOUR);
  world.setPolicy(until(world.context.clock.now() + 100 * HOUR));
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), []);
  world.setPolicy(until(world.context.clock.now() + 100 * HOUR, 'helper-again'));
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana']);
});

test('whose last grant has ended is unentitled: sessions end at once, tokens after the grace; who has another one is not', async (t) => {
  const world = await helped(t);
  await world.person('bo');
  world.setPolicy(`${until(world.context.clock.now() + HOUR)}  - id: second
    user: bo
    until: ${new Date(world.context.clock.now() + HOUR).toISOString()}
    grant: administrator
`);
  await world.group('ci-users', ['bo']);
  await world.order(sync);
  for (const id of ['ana', 'bo']) world.practice.hands.mintToken(id);
  world.time.forward(2 * HOUR);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['bo']);
  assert.equal(world.practice.look.person('ana').tokens, 1);
  world.time.forward(2 * HOUR);
  await world.order(sync);
  assert.deepEqual([world.practice.look.person('ana').tokens, world.practice.look.person('bo').tokens], [0, 1]);
});

test('an expiry is never held by a ceiling', async (t) => {
  const world = await helped(t, 'guard: { losses: { revokeGrants: { count: 0, percent: 0, atLeast: 0 } } }');
  world.time.forward(2 * HOUR);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), []);
});

test('an expiry does not wait for what its grant waited for before, nor for a no to that', async (t) => {
  for (const rejected of [false, true]) {
    const world = await helped(t, 'guard: { losses: { revokeGrants: { count: 0, percent: 0, atLeast: 0 } } }');
    world.setPolicy(POLICY);
    await world.order(sync);
    assert.deepEqual(await waiting(world), ['revoke ana: losses.revokeGrants']);
    const parts = { store: watchedStore(world.store, world.time.clock), ledger: world.ledger, operator: 'operator' };
    if (rejected) await rejectHeld(parts, await digestOf(world, 'losses.revokeGrants'));
    await world.order(sync);
    assert.deepEqual(world.holders('browser'), ['ana'], 'it waits before its end');
    world.time.forward(2 * HOUR);
    await world.order(sync);
    assert.deepEqual(world.holders('browser'), []);
    assert.deepEqual(await heldRows(world), []);
  }
});

test('a controller that was down shows the grant as overdue; on return expiry comes before gains', async (t) => {
  let down = false;
  const order: string[] = [];
  const world = await helped(t, '', (controller) => ({
    ...passThrough(controller),
    async probe() {
      if (down) throw refuse('JEN_UNREACHABLE', { url: 'x', reason: 'down' });
      return controller.probe();
    },
    async apply(batch) {
      order.push(...batch.changes.map(({ op }) => op));
      return controller.apply(batch);
    },
  }));
  down = true;
  world.time.forward(2 * HOUR);
  await world.person('bo');
  await world.group('ci-users', ['bo']);
  assert.match((await world.order(sync)).error ?? '', /JEN_UNREACHABLE/);
  const config = world.config.controllers[0]!;
  const { grants } = await explain(world.context, config, world.idOf('ana'), {});
  assert.deepEqual(
    grants.map(({ role, effective, overdue }) => ({ role, effective, overdue })),
    [{ role: 'browser', effective: true, overdue: true }],
  );
  down = false;
  order.length = 0;
  await world.order(sync);
  assert.deepEqual(order, ['revoke', 'grant']);
  assert.deepEqual(world.holders('browser'), ['bo']);
});

test("a controller's clock more than 5 minutes off: expiries there are held and a finding says so", async (t) => {
  const world = await helped(t);
  world.time.skew(6 * 60_000);
  world.time.forward(2 * HOUR);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana']);
  assert.deepEqual(await waiting(world), ['revoke ana: clock']);
  const view = viewOf(await world.assess());
  assert.ok('plan' in view && view.plan?.findings.some(({ code }) => code === 'controller.clock'));
  world.time.skew(-3 * 60_000);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), []);
  assert.deepEqual(await waiting(world), []);
});

test('our own clock that leapt ahead ends nothing until it can be trusted', async (t) => {
  const world = await helped(t);
  world.time.leap(2 * HOUR);
  await world.order(sync);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana']);
  const view = viewOf(await world.assess());
  assert.ok('plan' in view && view.plan?.findings.some(({ code }) => code === 'clock.untrusted'));
  world.time.leap(-2 * HOUR);
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana']);
  const { time, evaluation } = await world.assess();
  assert.deepEqual([time.trusted, evaluation.expired], [true, []]);
});

test('after a suspend of the machine what is due falls without a restart, once the clock has run evenly', async (t) => {
  const world = await helped(t);
  // The time of the world went on; our monotonic clock stood still.
  world.time.leap(2 * HOUR);
  world.time.skew(2 * HOUR);
  world.start();
  await eventually(() => world.lines.some(({ message }) => message.startsWith('the clock leapt ahead')));
  await world.order(sync);
  assert.deepEqual(world.holders('browser'), ['ana']);
  world.time.forward(31 * 60_000);
  await eventually(() => world.holders('browser').length === 0, 'the expiry', 20_000);
});

/** `ana` has what ends in an hour. */
async function helped(
  t: Parameters<typeof syncWorld>[0],
  more = '',
  wrap?: (controller: Controller) => Controller,
): Promise<SyncWorld> {
  const policy = until(Date.now() + HOUR);
  const world = await syncWorld(t, { start: false, policy, more, ...(wrap === undefined ? {} : { wrap }) });
  await world.person('ana');
  assert.equal((await world.order(sync)).error, undefined);
  assert.deepEqual(world.holders('browser'), ['ana']);
  return world;
}

test('an until that passes while the controller is being written falls like any other', async (t) => {
  // Long before everything is looked at anyway.
  const end = Date.now() + 20_000;
  let world: SyncWorld | undefined;
  let slow = true;
  const wrap = (controller: Controller): Controller => ({
    ...passThrough(controller),
    async apply(batch) {
      const outcome = await controller.apply(batch);
      if (slow) world!.time.forward(21_000);
      slow = false;
      return outcome;
    },
  });
  world = await syncWorld(t, { start: false, policy: until(end), wrap });
  await world.person('ana');
  world.start();
  await eventually(() => !slow, 'it was granted in time, and the time passed');
  await eventually(() => !world.holders('browser').includes('ana'), 'it falls', 15_000);
});
