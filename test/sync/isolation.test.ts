import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Controller, Observed } from '../../src/access/ports/controller.ts';
import { refuse } from '../../src/errors.ts';
import { passThrough } from './passThrough.ts';
import { debtRows, entryRows } from './rows.ts';
import { eventually, type SyncWorld, syncWorld } from './world.ts';

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
