import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Controller } from '../../../src/access/ports/controller.ts';
import { SILENT } from '../../../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../../../src/cli/edge.ts';
import { createController } from '../../../src/jenkins/controller.ts';
import { createHttp } from '../../../src/jenkins/http.ts';
import { controllersSeen } from '../../../src/sync/lease/controllersSeen.ts';
import { otherServiceLately } from '../../../src/sync/lease/otherService.ts';
import { eventually, SERVICE, type SyncWorld, syncWorld } from '../world.ts';

const seen = (world: SyncWorld) => world.store.read(controllersSeen);

test('what the service cannot do on a controller is kept until it can, and not until the next look at everything', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.ensureGroup('ci-pay-dev');
  await world.add('ci-pay-dev', 'ana');
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await eventually(async () => (await seen(world)).length === 1);
  assert.deepEqual(await seen(world), [{ controller: 'ci' }]);
  world.practice.hands.writable(false);
  await world.person('ben');
  await world.add('ci-pay-dev', 'ben');
  await eventually(async () => (await seen(world))[0]?.problem !== undefined);
  assert.match((await seen(world))[0]!.problem!.reason, /^JEN_SCRIPT: .*config\.xml: Operation not permitted/);
  world.practice.hands.writable(true);
  world.time.forward(60_000);
  await world.person('cyd');
  await eventually(() => world.holders('pay-developer').includes('ben'));
  await eventually(async () => (await seen(world))[0]?.problem === undefined);
});

test('an order by hand that gets through takes the problem back, and what waits goes on at once', async (t) => {
  const world = await syncWorld(t);
  await world.person('ana');
  await world.ensureGroup('ci-pay-dev');
  await world.add('ci-pay-dev', 'ana');
  await eventually(() => world.holders('pay-developer').includes('ana'));
  world.practice.hands.writable(false);
  await world.person('ben');
  await world.add('ci-pay-dev', 'ben');
  await eventually(async () => (await seen(world))[0]?.problem !== undefined);
  world.practice.hands.writable(true);
  await world.order({ kind: 'sync' });
  assert.ok(world.holders('pay-developer').includes('ben'));
  assert.deepEqual(await seen(world), [{ controller: 'ci' }]);
  await world.person('cyd');
  await world.add('ci-pay-dev', 'cyd');
  await eventually(() => world.holders('pay-developer').includes('cyd'));
});

test('a service of another database that writes on the same controller is told of', async (t) => {
  const world = await syncWorld(t, { start: false });
  const other = elsewhere(t, world, 'another');
  await other.cut(1, [{ id: 'nobody', steps: [], entries: [] }]);
  world.start();
  await eventually(async () => (await seen(world))[0]?.otherServiceAt !== undefined);
  assert.ok(
    world.lines.some(({ message }) => message === 'another service with keys of its own works on a controller'),
  );
});

test('a copy of the database that is at work is told of, and whoever starts last is obeyed', async (t) => {
  const world = await syncWorld(t);
  for (const name of ['ana', 'ben']) await world.person(name);
  await world.ensureGroup('ci-pay-dev');
  await world.add('ci-pay-dev', 'ana');
  await eventually(() => world.holders('pay-developer').includes('ana'));
  const copy = elsewhere(t, world, 'test');
  const fence = world.context.clock.now();
  await copy.cut(fence, [{ id: 'nobody', steps: [], entries: [] }]);
  await world.add('ci-pay-dev', 'ben');
  await eventually(async () => (await seen(world))[0]?.problem !== undefined);
  assert.match((await seen(world))[0]!.problem!.reason, /^SYNC_FENCE: .*works there with a copy of this database/);
  assert.deepEqual(world.holders('pay-developer'), ['ana']);
  await world.stop();
  world.time.forward(1_000);
  world.start();
  await eventually(() => world.holders('pay-developer').includes('ben'));
  assert.equal((await copy.cut(fence, [{ id: 'nobody', steps: [], entries: [] }])).outcome, 'fenced');
});

test('a write of another service is lately for a day, by the clock of the controller', () => {
  const at = (ago: number, ...more: number[]) =>
    otherServiceLately({ otherWriters: [1e12 - ago, ...more], time: 1e12 });
  assert.equal(at(0), 1e12);
  assert.equal(at(86_399_999), 1e12 - 86_399_999);
  assert.equal(at(86_400_000), undefined);
  assert.equal(at(86_400_000, 1e12 - 5, 1e12 - 7), 1e12 - 5);
  assert.equal(otherServiceLately({ otherWriters: [], time: 1e12 }), undefined);
});

/** The controller as a service with another database meets it. */
function elsewhere(t: TestContext, { practice: { url } }: SyncWorld, lineage: string): Controller {
  const other = createController(
    { name: 'ci', url, user: SERVICE },
    {
      ...{ http: createHttp({ timers: systemTimers }), secret: () => `11${'a'.repeat(32)}`, log: SILENT },
      ...{ clock: systemClock, timers: systemTimers, random: systemRandom, timeout: 5_000, lineage },
    },
  );
  t.after(() => other.close());
  return other;
}
