import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNMETERED } from '../../../src/access/ports/meter.ts';
import { refuse } from '../../../src/errors.ts';
import type { Store } from '../../../src/store/store.ts';
import { LeaverWatch } from '../../../src/sync/leavers/alarms.ts';
import { eventually, type SyncWorld, syncWorld } from '../world.ts';

test('ids that people gave up and that wait are told of in one line of each controller, at once and like every other alarm', async (t) => {
  const world = await syncWorld(t, { start: false });
  const names = Array.from({ length: 8 }, (_, n) => `p${n}`);
  for (const name of names) await world.person(name);
  await world.order({ kind: 'sync' });
  for (const name of names) await world.change(name, { userName: `${name}.x` });
  await world.order({ kind: 'sync' });
  const look = async (): Promise<unknown[]> => {
    world.lines.length = 0;
    await new LeaverWatch(world.context).look();
    return world.lines.map(({ level, message, fields }) => [level, message, fields.controller, fields.ids]);
  };
  const line = ['error', 'ids that people gave up wait', 'ci', 8];
  assert.deepEqual([await look(), await look()], [[line], []]);
  world.time.forward(900_000);
  assert.deepEqual([await look(), await look()], [[line], []]);
});

test('an id that somebody gave up is alarmed like what they owe at the last one, also while they stay', async (t) => {
  const world = await syncWorld(t, { start: false });
  const { store, context, time } = world;
  const people = { left: await world.person('left'), stays: await world.person('stays') };
  const at = new Date(context.clock.now()).toISOString();
  for (const [name, person] of Object.entries(people)) await owes(world, name, person, at);
  await world.change('left', { active: false });
  time.forward(61_000);
  const ages: number[] = [];
  const meter = { ...UNMETERED, oldestLeaver: (seconds: number) => void ages.push(seconds) };
  const look = async (): Promise<unknown[]> => {
    world.lines.length = 0;
    await new LeaverWatch({ ...context, meter }).look();
    return world.lines
      .filter(({ message }) => message.endsWith('is not done'))
      .map(({ level, message, fields }) => [level, message, fields.person, fields.error])
      .sort();
  };
  assert.deepEqual(await look(), [
    ['error', 'a leaver is not done', people.left, 'no'],
    ['error', 'an id that somebody gave up is not done', people.stays, 'no'],
  ]);
  await store.write(({ db }) => db.deleteFrom('debts').where('person', '=', people.left).execute());
  time.forward(900_000);
  assert.deepEqual(await look(), [['error', 'an id that somebody gave up is not done', people.stays, 'no']]);
  assert.equal(Math.floor(ages.at(-1)! / 60), 16);
  await world.change('stays', { active: false });
  time.forward(3_600_000);
  assert.deepEqual(await look(), [['error', 'a leaver is not done', people.stays, 'no']]);
});

test('while nothing can be stored everybody who is not done is told of all the same, and once', async (t) => {
  let full = false;
  const world = await syncWorld(t, {
    start: false,
    store: (store: Store) => ({
      ...store,
      write: (work, options) =>
        full ? Promise.reject(refuse('STORE_FAILED', { reason: 'the disk is full' })) : store.write(work, options),
    }),
  });
  const { context, time } = world;
  for (const name of ['ana', 'bo']) {
    await owes(world, name, await world.person(name), new Date(context.clock.now()).toISOString());
    await world.change(name, { active: false });
  }
  // What no window reaches any more is to be forgotten.
  await world.store.write(({ db }) =>
    db
      .insertInto('guard_events')
      .values({
        ...{ id: 'old', at_ms: 0, controller: 'ci', connection: null, kind: 'grant-gained', key: 'old' },
        ...{ person: null, administrative: 0, state: 'applied' },
      })
      .execute(),
  );
  time.forward(61_000);
  const watch = new LeaverWatch(context);
  const told = () => world.lines.filter(({ message }) => message === 'a leaver is not done').length;
  full = true;
  await assert.rejects(watch.look(), { code: 'STORE_FAILED' });
  await assert.rejects(watch.look(), { code: 'STORE_FAILED' });
  assert.equal(told(), 2);
  full = false;
  await watch.look();
  await new LeaverWatch(context).look();
  assert.equal(told(), 2, 'it is stored that they were told of');
  time.forward(900_000);
  await watch.look();
  assert.equal(told(), 4);
});

test('whom a controller has before it is told of by the next look where the reason could not be read', async (t) => {
  let unread = false;
  const world = await syncWorld(t, {
    store: (store: Store) => ({
      ...store,
      read: (work, options) =>
        unread && work.name === 'whyBehind'
          ? Promise.reject(refuse('STORE_FAILED', { reason: 'it does not answer' }))
          : store.read(work, options),
    }),
  });
  await world.person('ana');
  await world.group('ci-pay-dev', ['ana']);
  await eventually(() => world.holders('pay-developer').includes('ana'));
  await world.stop();
  await world.pause('okta');
  await world.change('ana', { active: false });
  world.time.forward(61_000);
  const watch = new LeaverWatch(world.context);
  const told = () => world.lines.filter(({ message }) => message === 'a leaver is not done').length;
  unread = true;
  await assert.rejects(watch.look(), { code: 'STORE_FAILED' });
  unread = false;
  await watch.look();
  await watch.look();
  assert.equal(told(), 1);
});

async function owes({ store }: SyncWorld, name: string, person: string, at: string): Promise<void> {
  await store.write(({ db }) =>
    db
      .insertInto('debts')
      .values({
        ...{ controller: 'ci', folded_id: `old-${name}`, id: `old-${name}`, person, connection: 'okta' },
        ...{ cause: 'old-id', received_at: at, request: null, credential: null, state: 'open', due_ms: 0 },
        ...{ started_at: at, done_at: null, steps: '[]', missing: '[]', residual: '[]', attempts: 1, alarmed: 0 },
        ...{ error: 'no', released: 0 },
      })
      .execute(),
  );
}
