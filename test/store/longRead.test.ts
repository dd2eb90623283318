import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { SqliteConnection } from '../../src/store/sqlite/connection.ts';
import { Elsewhere } from '../../src/store/sqlite/elsewhere.ts';
import { KEPT, LongReaders } from '../../src/store/sqlite/longReaders.ts';
import type { Store } from '../../src/store/store.ts';
import type { Tables } from '../../src/store/tables.ts';
import { SimulatedTime } from '../sim/time.ts';
import { openTestStore, temporaryFolder } from './open.ts';

const LONG = { long: true } as const;
const keys = async (db: Kysely<Tables>): Promise<string[]> =>
  (await db.selectFrom('expired').select('key').orderBy('key').execute()).map(({ key }) => key);
const put = (store: Pick<Store, 'write'>, key: string): Promise<unknown> =>
  store.write(({ db }) => db.insertInto('expired').values({ key, at: 'now' }).execute());

/** What this thread asks SQLite for from here on. */
function computedHere(t: TestContext): string[] {
  const found: string[] = [];
  const { run, executeQuery, rows } = SqliteConnection.prototype;
  const note = (text: string): void => void found.push(text);
  t.mock.method(SqliteConnection.prototype, 'run', function (this: SqliteConnection, text: string) {
    note(text);
    return run.call(this, text);
  });
  t.mock.method(SqliteConnection.prototype, 'rows', function (this: SqliteConnection, text: string, ...values: []) {
    note(text);
    return rows.call(this, text, ...values);
  });
  t.mock.method(SqliteConnection.prototype, 'executeQuery', function (this: SqliteConnection, query: { sql: string }) {
    note(query.sql);
    return executeQuery.call(this, query as never);
  });
  return found;
}

test('no statement of a long read is computed in this thread', async (t) => {
  const asked: string[] = [];
  const store = await openTestStore(t, { observe: (text) => asked.push(text) });
  await put(store, 'a');
  asked.length = 0;
  const here = computedHere(t);
  const found = await store.read(async (db, breathe) => {
    const first = await keys(db);
    await breathe();
    await nextTurn();
    const { rows } = await sql<{ folded: string }>`SELECT fold('STRASSE') AS folded`.execute(db);
    return [...first, ...rows];
  }, LONG);
  assert.deepEqual(found, ['a', { folded: 'strasse' }]);
  assert.deepEqual(here, []);
  assert.equal(asked.length, 2, 'they are told of as those of others');
});

test('a long read is one snapshot, and long reads come one after another in their order', async (t) => {
  const store = await openTestStore(t);
  await put(store, 'a');
  const order: string[] = [];
  const read = (name: string) =>
    store.read(async (db) => {
      order.push(`${name} begins`);
      const before = await keys(db);
      if (name === 'one') await put(store, 'b');
      assert.deepEqual(await keys(db), before);
      order.push(`${name} ends`);
      return before;
    }, LONG);
  assert.deepEqual(await Promise.all([read('one'), read('other')]), [['a'], ['a', 'b']]);
  assert.deepEqual(order, ['one begins', 'one ends', 'other begins', 'other ends']);
});

test('a long read that fails hurts no other, and writes nothing', async (t) => {
  const store = await openTestStore(t);
  const writing = store.read((db) => db.insertInto('expired').values({ key: 'a', at: 'now' }).execute(), LONG);
  const wrong = store.read((db) => sql`SELECT absent FROM expired`.execute(db), LONG);
  const thrown = store.read(async () => {
    throw new Error('in the midst');
  }, LONG);
  const well = store.read(keys, LONG);
  await assert.rejects(writing, { code: 'STORE_FAILED' });
  await assert.rejects(wrong, /no such column/);
  await assert.rejects(thrown, /in the midst/);
  assert.deepEqual(await well, []);
});

/** Long reads over a database of its own, with what opens their threads. */
async function longReaders(t: TestContext, elsewhere?: (path: string) => Elsewhere, patience = 1_000) {
  const path = join(temporaryFolder(t), 'x.db');
  await (await openStore(`sqlite:${path}`, { clock: systemClock, timers: systemTimers, log: SILENT })).close();
  const time = new SimulatedTime();
  const threads: Elsewhere[] = [];
  const made = new LongReaders<Tables>({
    ...{ clock: systemClock, patience },
    timers: { ...systemTimers, after: (milliseconds, run) => time.after(milliseconds, run) },
    elsewhere: () => {
      const thread = elsewhere?.(path) ?? new Elsewhere(path, undefined, 'read');
      threads.push(thread);
      return thread;
    },
  });
  t.after(() => made.close());
  return { made, path, time, threads };
}

test('the thread is kept for the next long read, and ends when none has come for a while', async (t) => {
  const { made, time, threads } = await longReaders(t);
  await made.read(keys);
  await time.advance(KEPT - 1);
  await made.read(keys);
  await time.advance(KEPT - 1);
  assert.deepEqual(
    threads.map(({ isGone }) => isGone),
    [false],
  );
  await time.advance(1);
  await threads[0]!.close();
  assert.equal(threads[0]!.isGone, true);
  await Promise.all([made.read(keys), made.read(keys)]);
  assert.equal(threads.length, 2);
});

test('where no thread is to be had, another one is tried, and then it is refused', async (t) => {
  let tried = 0;
  const never = await longReaders(t, () => {
    tried += 1;
    throw new Error('no more threads');
  });
  await assert.rejects(never.made.read(keys), { code: 'STORE_THREAD', status: 503 });
  assert.equal(tried, 2);
  const dying = await longReaders(t, (path) => {
    const thread = new Elsewhere(path, undefined, 'read');
    void thread.close();
    return thread;
  });
  await assert.rejects(dying.made.read(keys), { code: 'STORE_THREAD' });
  assert.equal(dying.threads.length, 2);
});

test('where the thread is lost in the midst, it is read anew in another one, which is kept', async (t) => {
  const { made, threads } = await longReaders(t);
  let runs = 0;
  const read = (lose: number): Promise<string[]> =>
    made.read(async (db) => {
      runs += 1;
      if (runs <= lose) await threads.at(-1)!.close();
      return keys(db);
    });
  assert.deepEqual(await read(1), []);
  assert.deepEqual([runs, threads.length], [2, 2]);
  await made.read(keys);
  assert.equal(threads.length, 2);
  runs = 0;
  await assert.rejects(read(2), { code: 'STORE_THREAD' });
  assert.equal(runs, 2);
  assert.deepEqual(await made.read(keys), []);
});

test('closing waits for long reads that are under way, and ends the thread', async (t) => {
  const { made, threads } = await longReaders(t);
  const under = made.read(keys);
  await made.close();
  assert.deepEqual(await under, []);
  assert.equal(threads[0]!.isGone, true);
  await assert.rejects(made.read(keys), { code: 'STORE_FAILED' });
});
