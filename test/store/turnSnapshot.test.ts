import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryFolder } from './open.ts';

const SHORT = { atOnce: true };

async function opened(t: TestContext) {
  const path = join(temporaryFolder(t), 'x.db');
  const asked: string[] = [];
  const observe = (statement: string): void => void asked.push(statement);
  const store = await openStore(
    `sqlite:${path}`,
    { clock: systemClock, timers: systemTimers, log: SILENT },
    { observe },
  );
  asked.length = 0;
  t.after(() => store.close());
  const other = new DatabaseSync(path, { timeout: 1_000 });
  t.after(() => other.close());
  const put = other.prepare("INSERT INTO expired (key, at) VALUES (?, 'now')");
  return { store, path, asked, other: (key: string) => put.run(key) };
}

const keys = async (db: Parameters<Parameters<Store['read']>[0]>[0]): Promise<string[]> =>
  (await db.selectFrom('expired').select('key').orderBy('key').execute()).map(({ key }) => key);

const put = (store: Store, key: string): Promise<unknown> =>
  store.write(({ db }) => db.insertInto('expired').values({ key, at: 'now' }).execute());

const turn = (): Promise<void> => new Promise((resolve) => systemTimers.nextTurn(resolve));

test('short reads of one turn of the event loop begin when it is over, in one snapshot', async (t) => {
  const { store, asked, other } = await opened(t);
  other('before');
  const first = store.read(async (db) => {
    other('meanwhile');
    return keys(db);
  }, SHORT);
  const second = store.read(keys, SHORT);
  assert.deepEqual(asked.splice(0), []);
  other('in the same turn');
  const seen = ['before', 'in the same turn'];
  assert.deepEqual(await Promise.all([first, second]), [seen, seen]);
  assert.deepEqual(await store.read(keys, SHORT), ['before', 'in the same turn', 'meanwhile']);
});

test('statements of short reads run one after another, before anybody works on what was found', async (t) => {
  const { store, asked } = await opened(t);
  const order: string[] = [];
  const read = (name: string) =>
    store.read(async (db) => {
      await keys(db);
      order.push(`${name} after ${asked.length}`);
    }, SHORT);
  await Promise.all(['a', 'b', 'c'].map(read));
  assert.deepEqual(order, ['a after 3', 'b after 3', 'c after 3']);
});

test('short reads that cannot begin are told so, each of them, and those of the next turn begin anew', async (t) => {
  const { store, path } = await opened(t);
  renameSync(path, `${path}.away`);
  const lost = await Promise.allSettled([store.read(keys, SHORT), store.read(keys, SHORT)]);
  assert.deepEqual(
    lost.map((one) => one.status === 'rejected' && (one.reason as { code?: string }).code),
    ['STORE_FAILED', 'STORE_FAILED'],
  );
  renameSync(`${path}.away`, path);
  assert.deepEqual(await store.read(keys, SHORT), []);
});

test('a read that is not short sees at once what another process has committed', async (t) => {
  const { store, other } = await opened(t);
  await turn();
  await store.read(keys, SHORT);
  other('by somebody else');
  assert.deepEqual(await store.read(keys), ['by somebody else']);
});

test('a short read after a commit of this process sees it, in the same turn too', async (t) => {
  const { store } = await opened(t);
  for (let round = 0; round < 20; round++) {
    await store.read(keys, SHORT);
    const seen = await put(store, `k${String(round).padStart(2, '0')}`).then(() => store.read(keys, SHORT));
    assert.equal(seen.length, round + 1);
  }
});

test('a short read that goes on after its turn keeps its snapshot, and gives it back', async (t) => {
  const { store, other } = await opened(t);
  const slow = store.read(async (db, breathe) => {
    const before = await keys(db);
    await breathe();
    await breathe();
    return [before, await keys(db)];
  }, SHORT);
  await turn();
  other('meanwhile');
  await put(store, 'ours');
  assert.deepEqual(await slow, [[], []]);
  // Four connections are all there are: each is free again.
  for (let round = 0; round < 12; round++) {
    assert.equal((await store.read(keys, SHORT)).length, 2);
    if (round % 2 === 0) await turn();
  }
});

test('no query of a short read runs after the snapshot of its turn', async (t) => {
  const { store } = await opened(t);
  const db = await store.read(async (given) => given, SHORT);
  await turn();
  await turn();
  await assert.rejects(keys(db), /after its transaction had ended/);
});

test('an error of a short read is its own', async (t) => {
  const { store } = await opened(t);
  const failing = store.read(async () => {
    throw new Error('mine');
  }, SHORT);
  const [lost, found] = await Promise.allSettled([failing, store.read(keys, SHORT)]);
  assert.equal(lost.status, 'rejected');
  assert.deepEqual(found, { status: 'fulfilled', value: [] });
});

test('closing waits for short reads that have not begun', async (t) => {
  const { store } = await opened(t);
  const reading = store.read(keys, SHORT);
  await store.close();
  assert.deepEqual(await reading, []);
});

test('closing waits for short reads that are under way', async (t) => {
  const { store } = await opened(t);
  const reading = store.read(async (db, breathe) => {
    await breathe();
    return keys(db);
  }, SHORT);
  await store.close();
  assert.deepEqual(await reading, []);
  await assert.rejects(store.read(keys, SHORT), { code: 'STORE_FAILED' });
});

test('one connection keeps many pages, those beside it few; it is taken first', async (t) => {
  const { store } = await opened(t);
  const pages = (pause: boolean): Promise<number> =>
    store.read(async (db, breathe) => {
      if (pause) await breathe();
      const { rows } = await sql<{ cache_size: number }>`PRAGMA cache_size`.execute(db);
      return rows[0]!.cache_size;
    });
  assert.deepEqual(
    (await Promise.all(Array.from({ length: 8 }, () => pages(true)))).slice(0, 4),
    [-16_000, -4_000, -4_000, -4_000],
  );
  for (let round = 0; round < 3; round++) assert.equal(await pages(false), -16_000);
});
