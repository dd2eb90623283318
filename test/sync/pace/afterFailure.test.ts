import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Controller, StrategyBatch } from '../../../src/access/ports/controller.ts';
import { systemTimers } from '../../../src/cli/edge.ts';
import { refuse, ScimError } from '../../../src/errors.ts';
import type { Store } from '../../../src/store/store.ts';
import { mark, stolen } from '../compromised.ts';
import { passThrough } from '../passThrough.ts';
import { debtRows, recordsOf, waiting } from '../rows.ts';
import { eventually, later, type SyncWorld, syncWorld, type WorldOptions } from '../world.ts';

// What is promised by the clock is kept when a call before it failed, whoever asked for it, and when.

const sync = { kind: 'sync' } as const;
const failed = () => refuse('STORE_FAILED', { reason: 'the disk is full' });
const DATABASE = 'nothing is done on a controller without the database';

/** A database of which reads, or the write that leaves it as told, fail for as long as that is set. */
function failing() {
  const state = { reads: false, afterCommit: undefined as Looked, within: undefined as Looked };
  return {
    state,
    store: (store: Store): Store => ({
      ...store,
      read: (work, options) => (state.reads ? Promise.reject(failed()) : store.read(work, options)),
      async write(work, options) {
        let lost = false;
        const value = await store.write(async (tx) => {
          const before = await state.afterCommit?.(tx.db);
          const done = await work(tx);
          if ((await state.within?.(tx.db)) === true) {
            state.within = undefined;
            throw failed();
          }
          lost = before === true && (await state.afterCommit?.(tx.db)) === false;
          return done;
        }, options);
        if (!lost) return value;
        state.afterCommit = undefined;
        throw failed();
      },
    }),
  };
}

type Looked = ((db: Parameters<Parameters<Store['read']>[0]>[0]) => Promise<boolean>) | undefined;

async function joined(t: TestContext, names: readonly string[], options: WorldOptions = {}): Promise<SyncWorld> {
  const world = await syncWorld(t, options);
  for (const name of names) await world.person(name);
  await world.group('ci-pay-dev', names);
  await eventually(() => world.holders('pay-developer').length === names.length);
  return world;
}

function marks({ store }: SyncWorld) {
  return store.read((db) => db.selectFrom('pending').select('id').execute());
}

async function quiet(world: SyncWorld): Promise<void> {
  await eventually(async () => {
    const dirty = await world.store.read((db) => db.selectFrom('dirty').select('id').execute());
    return dirty.length + (await marks(world)).length === 0;
  });
}

test('who asks for everybody while everybody is being compared is not forgotten: a connection that is resumed just then', async (t) => {
  let [silent, reached] = [true, false];
  const { promise, resolve } = Promise.withResolvers<void>();
  const world = await joined(t, ['ana', 'bo'], {
    wrap: (controller) => ({
      ...passThrough(controller),
      async older(ids) {
        if (silent) throw new ScimError('JEN_UNREACHABLE', { reason: 'refused' });
        reached = true;
        await promise;
        return controller.older(ids);
      },
    }),
  });
  await quiet(world);
  await world.pause('okta');
  // So often is looked for that.
  await systemTimers.sleep(1_000);
  await world.change('ana', { active: false });
  await quiet(world);
  silent = false;
  await later(world, 16 * 60_000);
  await eventually(() => reached);
  await world.resume('okta');
  await systemTimers.sleep(1_000);
  assert.ok(world.holders('pay-developer').includes('ana'));
  resolve();
  await eventually(() => !world.holders('pay-developer').includes('ana'), 'the cut');
});

/** The next change is answered as done, and is not there. */
function unheard(armed: (batch: StrategyBatch) => boolean): (controller: Controller) => Controller {
  return (controller) => ({
    ...passThrough(controller),
    async apply(batch) {
      if (batch.changes.length === 0 || !armed(batch)) return controller.apply(batch);
      const { roles } = await controller.observe();
      return { outcome: 'done', observed: roles, saves: 0 };
    },
  });
}

test('what follows from a pass comes within a minute though a call behind it failed, whatever went well since', async (t) => {
  const { state, store } = failing();
  const { promise, resolve } = Promise.withResolvers<void>();
  let [held, tries] = [false, 0];
  const world = await joined(t, ['ana'], {
    store,
    wrap: (controller) => {
      const isVain = ({ changes }: StrategyBatch): boolean => JSON.stringify(changes).includes('"bo"') && ++tries === 1;
      const plain = unheard(isVain)(controller);
      return {
        ...plain,
        async apply(batch) {
          if (held) await promise;
          held = false;
          const before = tries;
          const outcome = await plain.apply(batch);
          // What is read from here on comes behind what is stored of it.
          state.reads ||= before === 0 && tries === 1;
          return outcome;
        },
      };
    },
  });
  await world.person('cy');
  await quiet(world);
  held = true;
  await world.add('ci-pay-dev', 'cy');
  await eventually(async () => (await marks(world)).length > 0);
  await world.person('bo');
  await world.add('ci-pay-dev', 'bo');
  await eventually(async () => (await marks(world)).length > 1);
  resolve();
  await eventually(() => world.lines.some(({ message }) => message === DATABASE));
  state.reads = false;
  await world.person('dee');
  await world.add('ci-pay-dev', 'dee');
  await eventually(() => world.holders('pay-developer').includes('dee'));
  await quiet(world);
  assert.ok(!world.holders('pay-developer').includes('bo'));
  await later(world, 62_000);
  await eventually(() => world.holders('pay-developer').includes('bo'), 'the grant');
});

test('marks whose handing out was stored and not answered are looked at as soon as the database answers', async (t) => {
  const { state, store } = failing();
  const world = await joined(t, ['ana', 'bo'], { store });
  await quiet(world);
  // Nobody is awake any more, nor woken by the first look at the policy.
  await systemTimers.sleep(2_500);
  let lost = false;
  state.afterCommit = async (db) => {
    const dirty = await db.selectFrom('dirty').select('id').execute();
    lost ||= dirty.length > 0;
    return dirty.length > 0;
  };
  await world.change('ana', { active: false });
  await eventually(() => !world.holders('pay-developer').includes('ana'), 'the cut');
  assert.ok(lost && state.afterCommit === undefined);
});

test('what an order cut is looked at again after 5 seconds, though its answer could not be stored', async (t) => {
  for (const stored of [true, false]) {
    const { state, store } = failing();
    const world = await syncWorld(t, { store, mode: 'observe' });
    await world.person('ana');
    await world.person('bo');
    await world.group('ci-pay-dev', ['ana', 'bo']);
    await world.order({ kind: 'apply' });
    const page = world.practice.hands.assignRolesPage();
    await world.change('bo', { active: false });
    await quiet(world);
    if (!stored)
      state.within = async (db) =>
        (await db.selectFrom('commands').select('id').where('state', '=', 'done').execute()).length > 1;
    await world.order({ kind: 'apply' }).catch(() => {});
    assert.equal(state.within, undefined);
    assert.deepEqual(world.holders('pay-developer'), ['ana']);
    // A pass reads everything anew: another one has nothing to compare.
    await world.person('cy');
    await quiet(world);
    page.save();
    await later(world, 6_100);
    await eventually(async () => (await recordsOf(world, 'bo')).includes('leaver.came-back'), 'the look');
  }
});

test('an administrator who lost it is looked at again after 5 seconds, though what came of it could not be stored', async (t) => {
  const { state, store } = failing();
  let losing = false;
  const world: SyncWorld = await joined(t, ['ana', 'bo'], {
    store,
    wrap: (controller) => ({
      ...passThrough(controller),
      async apply(batch) {
        const outcome = await controller.apply(batch);
        if (losing) state.within = async () => true;
        losing = false;
        return outcome;
      },
    }),
  });
  await world.group('jenkins-admins', ['ana', 'bo']);
  await eventually(() => world.holders('administrator').length === 2);
  await quiet(world);
  const page = world.practice.hands.assignRolesPage();
  losing = true;
  await world.drop('jenkins-admins', 'bo');
  await eventually(() => world.lines.some(({ message }) => message === DATABASE));
  await quiet(world);
  await world.order(sync);
  page.save();
  assert.ok(world.holders('administrator').includes('bo'));
  await later(world, 6_100);
  await eventually(() => !world.holders('administrator').includes('bo'), 'the look');
});

test('whom a process cut that ended right after it is looked at by the next one after 5 and 60 seconds', async (t) => {
  const world = await joined(t, ['ana', 'bo']);
  const { hands } = world.practice;
  hands.account('bo', 'correct horse');
  const page = hands.assignRolesPage();
  await world.change('bo', { active: false });
  await eventually(async () => (await debtRows(world))[0]?.state === 'done');
  await world.order(sync);
  const session = hands.rememberedSession('bo');
  await world.stop();
  world.start();
  await world.order(sync);
  page.save();
  await later(world, 6_100);
  await eventually(() => !world.holders('pay-developer').includes('bo'), 'the look');
  await later(world, 62_000);
  const whoIs = async (): Promise<string> => {
    const answer = await fetch(`${world.practice.url}/whoAmI/api/json`, {
      headers: { cookie: `JSESSIONID=${session}` },
    });
    return ((await answer.json()) as { name: string }).name;
  };
  await eventually(async () => (await whoIs()) === 'anonymous', 'the end of the session');
});

test('what a start has to write down of the configuration is written down as soon as the database answers', async (t) => {
  const { state, store } = failing();
  const world = await syncWorld(t, { start: false, store });
  await world.order(sync);
  Object.assign(world.config.controllers[0]!, { mode: 'off' });
  state.reads = true;
  world.start();
  await eventually(() => world.lines.some(({ message }) => message === 'the configuration could not be noted'));
  state.reads = false;
  const modes = () => world.store.read((db) => db.selectFrom('controllers').select('mode').execute());
  await eventually(async () => (await modes())[0]?.mode === 'off', 'the record');
});

test('what a comparison of everybody takes back of a compromised credential waits at once', async (t) => {
  const world = await joined(t, ['ana']);
  await world.person('bo');
  await quiet(world);
  const since = stolen(world);
  await world.add('ci-pay-dev', 'bo');
  await eventually(() => world.holders('pay-developer').includes('bo'));
  await quiet(world);
  await mark(world, since);
  await world.stop();
  world.start();
  await eventually(() => !world.holders('pay-developer').includes('bo'));
  await eventually(async () => (await waiting(world)).some((step) => step.startsWith('grant bo')), 'it waits');
});
