import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireIdle } from '../../../src/store/use.ts';
import { startPresence } from '../../../src/sync/lease/presence.ts';
import { keepingLog, type Line } from '../../server/world.ts';
import { SimulatedTime } from '../../sim/time.ts';
import { engine, openTestStore } from '../../store/open.ts';

const alive = (): boolean => true;
const IN_USE = { code: 'STORE_IN_USE' };
const holder = (pid: number) => ({ name: `node-1/${pid}/x`, alive });

async function started(t: Parameters<typeof openTestStore>[0], change: { far?: boolean } = {}) {
  const real = await openTestStore(t);
  const time = new SimulatedTime(Date.now());
  const lines: Line[] = [];
  let writes = 0;
  let broken = false;
  const { far: _, ...rest } = real;
  const store: typeof real = {
    ...rest,
    ...(change.far === false ? {} : { far: true }),
    clock: time,
    write: (work, options) => {
      writes += 1;
      return broken ? Promise.reject(new Error('gone')) : real.write(work, options);
    },
  };
  const deps = { store, clock: time, timers: time, log: keepingLog(lines) };
  return {
    ...{ store, time, lines, deps, real },
    writes: () => writes,
    breaks: (now: boolean) => {
      broken = now;
    },
    rows: () => store.read((db) => db.selectFrom('leases').selectAll().orderBy('controller').execute()),
  };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let turns = 0; turns < 10_000; turns++) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.fail('it did not come to that');
}

test('whoever serves is there until it stops, however long it is idle', async (t) => {
  const { store, time, deps, rows } = await started(t);
  const [one, two] = [startPresence({ ...deps, holder: holder(1) }), startPresence({ ...deps, holder: holder(2) })];
  await until(async () => (await rows()).length === 2);
  for (let n = 0; n < 8; n++) {
    await time.advance(10_000);
    await until(async () => (await rows()).every(({ expires_ms }) => expires_ms === time.now() + 30_000));
  }
  await assert.rejects(requireIdle(store, alive), {
    ...IN_USE,
    message: /process 1 on node-1 serves from it for 30 s, or longer if it runs/,
  });
  await one.stop();
  await assert.rejects(requireIdle(store, alive), { ...IN_USE, message: /process 2 on node-1/ });
  await two.stop();
  await requireIdle(store, alive);
  assert.deepEqual(await rows(), [], 'nothing is left behind');
});

test('one that ended without a word counts for half a minute, and its row goes with the next start after an hour', async (t) => {
  const { store, time, deps, rows, real } = await started(t);
  const row = { controller: 'serve:gone', holder: 'node-9/9/x', fence: 1, expires_ms: time.now() + 30_000 };
  const controller = { controller: 'ci', holder: '', fence: 4, expires_ms: 0 };
  await real.write(({ db }) => db.insertInto('leases').values([row, controller]).execute());
  await assert.rejects(requireIdle(store, alive), IN_USE);
  await requireIdle(store, () => false);
  await time.advance(30_001);
  await requireIdle(store, alive);
  const presence = startPresence({ ...deps, holder: holder(1) });
  await until(async () => (await rows()).length === 3);
  await presence.stop();
  await time.advance(3_600_000);
  const next = startPresence({ ...deps, holder: holder(2) });
  await until(async () => (await rows()).some(({ holder: name }) => name === 'node-1/2/x'));
  await next.stop();
  assert.deepEqual(
    (await rows()).map(({ controller: name, fence }) => [name, fence]),
    [['ci', 4]],
    'the fence of a controller is never forgotten',
  );
});

test('a database in trouble is told once, and noted again when it is well', async (t) => {
  const { time, deps, rows, lines, breaks, writes } = await started(t);
  breaks(true);
  const presence = startPresence({ ...deps, holder: holder(1) });
  await until(async () => lines.length === 1);
  assert.equal(lines[0]!.message, 'that this process serves is not noted');
  const before = writes();
  await time.advance(10_000);
  await until(async () => writes() > before);
  breaks(false);
  await time.advance(10_000);
  await until(async () => (await rows()).length === 1);
  await until(async () => lines.length === 2);
  assert.equal(lines[1]!.message, 'that this process serves is noted again');
  breaks(true);
  await presence.stop();
});

test('on a file nothing is written: a process that has it open is seen without that', async (t) => {
  const { deps, writes, time } = await started(t, { far: false });
  const presence = startPresence({ ...deps, holder: holder(1) });
  await time.advance(60_000);
  await presence.stop();
  assert.equal(writes(), 0);
});

test('the store of this engine says whether others may be on it', async (t) => {
  assert.equal((await openTestStore(t)).far === true, engine() === 'postgres');
});
