import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Controller, Observed } from '../../../src/access/ports/controller.ts';
import { UNMETERED } from '../../../src/access/ports/meter.ts';
import { refuse } from '../../../src/errors.ts';
import { SERVES } from '../../../src/store/use.ts';
import { takeLease } from '../../../src/sync/lease/lease.ts';
import { LeaverWatch } from '../../../src/sync/leavers/alarms.ts';
import { UnreachedLeavers } from '../../../src/sync/leavers/unreached.ts';
import { ask } from '../../../src/sync/orders/commands.ts';
import { distribute } from '../../../src/sync/pace/distribute.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows, entryRows } from '../rows.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A controller of that name that can be made unreachable, or never to answer a batch. */
function sick(name: string) {
  const state = { down: false, stuck: false, asked: 0 };
  const release: (() => void)[] = [];
  return {
    state,
    heal(): void {
      state.down = false;
      state.stuck = false;
      for (const run of release) run();
    },
    wrap(controller: Controller): Controller {
      if (controller.name !== name) return controller;
      const reachable = <T>(run: () => Promise<T>): Promise<T> => {
        state.asked += 1;
        if (state.down) return Promise.reject(refuse('JEN_UNREACHABLE', { controller: name, reason: 'down' }));
        return run();
      };
      return {
        ...passThrough(controller),
        probe: () => reachable(() => controller.probe()),
        observe: () => reachable(() => controller.observe()),
        fingerprint: () => reachable(() => controller.fingerprint()),
        people: (ids) => reachable(() => controller.people(ids)),
        cut: (fence, orders) => reachable(() => controller.cut(fence, orders)),
        async apply(batch) {
          if (state.stuck) await new Promise<void>((resolve) => release.push(resolve));
          return reachable(() => controller.apply(batch));
        },
      };
    },
  };
}

test("one controller's trouble never delays another: down, the other is served at once, and it catches up", async (t) => {
  const ci = sick('ci');
  ci.state.down = true;
  const world = await syncWorld(t, { controllers: ['ci', 'cd'], wrap: ci.wrap });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  const other = world.practices.get('cd')!.look;
  await eventually(() => other.holders('pay-developer').includes('ana'));
  assert.deepEqual(world.holders('pay-developer'), []);
  await world.change('ana', { active: false });
  await eventually(() => !other.holders('pay-developer').includes('ana'));
  const row = await world.store.read((db) =>
    db.selectFrom('controllers').select('error').where('name', '=', 'ci').executeTakeFirst(),
  );
  assert.match(row?.error ?? '', /JEN_UNREACHABLE/);
  ci.heal();
  await world.person('bo');
  await world.add('ci-pay-dev', 'bo');
  await eventually(() => world.holders('pay-developer').includes('bo'));
});

test('a controller that does not answer a batch delays only itself', async (t) => {
  const ci = sick('ci');
  ci.state.stuck = true;
  const world = await syncWorld(t, { controllers: ['ci', 'cd'], wrap: ci.wrap });
  await world.person('ana');
  await world.person('bo');
  await world.group('ci-pay-dev', ['ana']);
  const other = world.practices.get('cd')!.look;
  await eventually(() => other.holders('pay-developer').includes('ana'));
  await world.add('ci-pay-dev', 'bo');
  await eventually(() => other.holders('pay-developer').includes('bo'));
  assert.deepEqual(world.holders('pay-developer'), []);
  ci.heal();
  await eventually(() => world.holders('pay-developer').length === 2);
});

test('an open breaker still probes for leavers: a new one is tried at once, a joiner waits', async (t) => {
  const { world, ci } = await broken(t);
  ci.heal();
  await world.person('zoe');
  await world.add('ci-pay-dev', 'zoe');
  await wait(400);
  assert.ok(!world.holders('pay-developer').includes('zoe'));
  await world.change('ana', { active: false });
  await eventually(() => world.practice.look.person('ana').tokens === 0);
  await eventually(() => world.holders('pay-developer').includes('zoe'));
});

test('while a leaver waits a dead controller is tried every few seconds, however long it has been dead', async (t) => {
  const { world, ci } = await broken(t);
  await world.change('ana', { active: false });
  await wait(300);
  assert.equal(world.practice.look.person('ana').tokens, 1);
  const asked = ci.state.asked;
  for (let joiner = 0; joiner < 8; joiner++) {
    await world.person(`late${joiner}`);
    await wait(40);
  }
  assert.ok(ci.state.asked - asked <= 1, `it is hammered: ${ci.state.asked - asked}`);
  ci.heal();
  await eventually(() => world.practice.look.person('ana').tokens === 0);
});

test('a failed reading is never an empty one: nothing is lost, nothing is granted anew', async (t) => {
  let observed: 'whole' | 'failed' = 'whole';
  const world = await syncWorld(t, {
    start: false,
    wrap: (controller) => ({
      ...passThrough(controller),
      observe(): Promise<Observed> {
        if (observed === 'failed')
          return Promise.reject(refuse('JEN_ANSWER', { controller: 'ci', reason: 'it ended in the middle' }));
        return controller.observe();
      },
    }),
  });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await world.order({ kind: 'sync' });
  observed = 'failed';
  await world.drop('ci-pay-dev', 'ana');
  const saves = world.practice.look.saves;
  assert.match((await world.order({ kind: 'sync' })).error ?? '', /JEN_ANSWER/);
  assert.equal(world.practice.look.saves, saves);
  assert.deepEqual(
    (await entryRows(world)).map(({ verified, desired }) => [verified, desired]),
    [[1, 1]],
  );
  observed = 'whole';
  await world.order({ kind: 'sync' });
  assert.deepEqual(world.holders('pay-developer'), []);
});

test('a debt of a controller that is down stays owed there, whatever the others proved', async (t) => {
  const ci = sick('ci');
  const world = await syncWorld(t, { controllers: ['ci', 'cd'], wrap: ci.wrap });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  const other = world.practices.get('cd')!.look;
  await eventually(() => world.holders('pay-developer').length + other.holders('pay-developer').length === 2);
  ci.state.down = true;
  await world.change('ana', { active: false });
  await eventually(async () =>
    (await debtRows(world)).some(({ controller, state }) => controller === 'cd' && state === 'done'),
  );
  assert.ok(!(await debtRows(world)).some(({ controller, state }) => controller === 'ci' && state === 'done'));
  ci.heal();
  await eventually(async () => (await debtRows(world)).filter(({ state }) => state === 'done').length === 2);
});

test('somebody who leaves while a controller is down is alarmed after 1, 15 and 60 minutes, though nothing can be read there', async (t) => {
  const ci = sick('ci');
  const world = await syncWorld(t, { wrap: ci.wrap });
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await eventually(() => world.holders('pay-developer').length === 2);
  ci.state.down = true;
  await world.stop();
  world.start();
  await eventually(async () => (await controllerError(world)) !== null);
  await world.change('ana', { active: false });
  await world.remove('bo');
  await eventually(async () => (await pendingRows(world)).length === 2);
  await world.stop();
  const ages: number[] = [];
  const meter = { ...UNMETERED, oldestLeaver: (age: number) => void ages.push(age) };
  const watch = new LeaverWatch({ ...world.context, meter });
  const told = () => world.lines.filter(({ message }) => message === 'a leaver is not done');
  const counts: number[] = [];
  for (const minutes of [0, 2, 5, 10, 50]) {
    world.time.forward(minutes * 60_000);
    await watch.look();
    counts.push(told().length);
  }
  assert.deepEqual(counts, [0, 2, 2, 4, 6]);
  assert.ok(ages.at(-1)! >= 67 * 60, String(ages));
  const fields = told().map((line) => line.fields);
  assert.deepEqual(new Set(fields.map(({ person }) => person)), new Set(['ana', 'bo'].map(world.idOf)));
  assert.deepEqual([fields[0]?.controller, fields[0]?.state], ['ci', 'waiting']);
  assert.match(String(fields[0]?.error), /JEN_UNREACHABLE/);
  ci.heal();
  world.start();
  await eventually(async () => (await debtRows(world)).filter(({ state }) => state === 'done').length === 2);
  await watch.look();
  assert.deepEqual([told().length, ages.at(-1)], [6, 0]);
});

test('somebody who left is not told of where their connection does not reach, nor of a controller that is off', async (t) => {
  const world = await syncWorld(t, { start: false, controllers: ['ci', 'cd'] });
  const { config, context, store } = world;
  await world.person('ana');
  await world.change('ana', { active: false });
  await store.write((tx) => distribute(tx, context.facts, ['ci', 'cd']));
  const found = async (changed: Partial<typeof config>): Promise<string[]> => {
    const leavers = await store.read((db, breathe) =>
      new UnreachedLeavers({ ...config, ...changed }, context.clock).look(db, [], breathe),
    );
    return leavers.map(({ controller, user }) => `${user} ${controller}`).sort();
  };
  assert.deepEqual(await found({}), ['ana cd', 'ana ci']);
  const connections = config.connections.map((one) => ({ ...one, controllers: ['cd'] }));
  assert.deepEqual(await found({ connections }), ['ana cd']);
  const controllers = config.controllers.map((one) => ({ ...one, mode: 'off' as const }));
  assert.deepEqual(await found({ controllers }), []);
});

test('an order for a controller at which everybody fails is answered, though each replica gives way to the others', async (t) => {
  const ci = sick('ci');
  ci.state.down = true;
  const world = await syncWorld(t, { wrap: ci.wrap });
  await takeLease(world.store, world.context.clock, { name: 'b', alive: () => true }, `${SERVES}b`);
  const expires = async () =>
    (await world.store.read((db) => db.selectFrom('leases').selectAll().where('controller', '=', 'ci').execute()))[0]
      ?.expires_ms;
  await world.person('ana');
  await eventually(async () => (await expires()) === 0);
  const answered = await ask(world.context, 'ci', { kind: 'sync' }, 8_000);
  assert.match(JSON.stringify(answered), /JEN_UNREACHABLE/);
});

test('whose departure is paid is not told of again for a later change, until they came back and left once more', async (t) => {
  const world = await syncWorld(t, { start: false, controllers: ['ci', 'cd'] });
  const { config, context, store } = world;
  for (const name of ['ana', 'bo']) await world.person(name);
  await world.group('ci-pay-dev', ['ana', 'bo']);
  await world.order({ kind: 'sync' });
  for (const name of ['ana', 'bo']) await world.change(name, { active: false });
  await world.order({ kind: 'sync', person: world.idOf('ana') });
  await world.order({ kind: 'sync', person: world.idOf('bo') });
  const paid = (await debtRows(world)).map(({ controller, state }) => `${controller} ${state}`);
  assert.deepEqual(paid, ['ci done', 'ci done']);
  const found = async (): Promise<string[]> => {
    await store.write((tx) => distribute(tx, context.facts, ['ci', 'cd']));
    const leavers = await store.read((db, breathe) =>
      new UnreachedLeavers(config, context.clock).look(db, [], breathe),
    );
    return leavers.map(({ controller, user }) => `${user} ${controller}`).sort();
  };
  await world.change('ana', { title: 'former' });
  await world.remove('bo');
  assert.deepEqual(await found(), [`${world.idOf('bo')} cd`, 'ana cd']);
  await world.change('ana', { active: true });
  await world.change('ana', { active: false });
  assert.deepEqual(await found(), [`${world.idOf('bo')} cd`, 'ana cd', 'ana ci']);
});

const pendingRows = ({ store }: SyncWorld) => store.read((db) => db.selectFrom('pending').selectAll().execute());

async function controllerError({ store }: SyncWorld): Promise<string | null> {
  const row = await store.read((db) => db.selectFrom('controllers').select('error').executeTakeFirst());
  return row?.error ?? null;
}

/** `ana` with a role and a token on a controller whose breaker is open for a minute. */
async function broken(t: Parameters<typeof syncWorld>[0]): Promise<{ world: SyncWorld; ci: ReturnType<typeof sick> }> {
  const ci = sick('ci');
  const world = await syncWorld(t, { wrap: ci.wrap });
  world.practice.hands.mintToken('ana');
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  ci.state.down = true;
  for (let failures = 0; failures < 9; failures++) {
    const asked = ci.state.asked;
    world.time.forward(61_000);
    await world.person(`joiner${failures}`);
    await eventually(() => ci.state.asked > asked);
  }
  await wait(50);
  return { world, ci };
}
