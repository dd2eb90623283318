import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { Disk, flushFile } from '../../src/store/sqlite/disk.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { temporaryFolder } from './open.ts';

/** A flush that was asked for. */
interface Asked {
  readonly file: string;
  resolve(): void;
  reject(error: Error): void;
}

/** A store over a disk that flushes when it is told to. */
async function world(t: TestContext, { patience = 5_000 } = {}) {
  const path = join(temporaryFolder(t), 'x.db');
  const asked: Asked[] = [];
  let held = false;
  const flush = (file: string): Promise<void> => {
    if (!held) return flushFile(file);
    return new Promise((resolve, reject) => asked.push({ file, resolve, reject }));
  };
  const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
  const store = await openStore(`sqlite:${path}`, parts, { flush, patience });
  t.after(() => store.close());
  const other = new DatabaseSync(path, { timeout: 1_000 });
  t.after(() => other.close());
  return {
    ...{ store, path, asked },
    hold: (): void => {
      held = true;
    },
    release: (): void => {
      held = false;
    },
    /** What another process sees. */
    seen: () =>
      other
        .prepare('SELECT key FROM expired ORDER BY key')
        .all()
        .map(({ key }) => key),
    /** What the file holds without its log. */
    inFile: () => {
      const copy = `${path}.copy`;
      copyFileSync(path, copy);
      const database = new DatabaseSync(copy, { readOnly: true });
      const keys = database.prepare('SELECT key FROM expired ORDER BY key').all();
      database.close();
      return keys.map(({ key }) => key);
    },
  };
}

const put = (store: Store, key: string): Promise<unknown> =>
  store.write(({ db }) => db.insertInto('expired').values({ key, at: 'now' }).execute());
const keys = async (store: Store): Promise<string[]> =>
  (await store.read((db) => db.selectFrom('expired').select('key').orderBy('key').execute())).map(({ key }) => key);

/** Some turns of the event loop. */
async function turns(count = 20): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise<void>((resolve) => systemTimers.nextTurn(resolve));
}

test('nobody is told of a commit before the disk has it; others read meanwhile', async (t) => {
  const { store, path, asked, hold, seen } = await world(t);
  hold();
  let told = '';
  const one = put(store, 'a').then(() => {
    told += 'a';
  });
  const hooked = store.write(async ({ db, afterCommit }) => {
    afterCommit(() => {
      told += 'hook';
    });
    await db.insertInto('expired').values({ key: 'b', at: 'now' }).execute();
  });
  await turns();
  assert.deepEqual(
    asked.map(({ file }) => file),
    [`${path}-wal`],
  );
  assert.deepEqual(seen(), ['a', 'b'], 'it is in the log when that is flushed');
  assert.deepEqual(await keys(store), ['a', 'b']);
  assert.equal(told, '');
  asked[0]!.resolve();
  await Promise.all([one, hooked]);
  assert.equal(told, 'hooka');
});

test('writes that come while the disk is at work share the next commit and its flush', async (t) => {
  const { store, asked, hold, seen } = await world(t);
  hold();
  const first = put(store, 'a');
  await turns();
  const others = ['b', 'c', 'd'].map((key) => put(store, key));
  await turns();
  assert.equal(asked.length, 1);
  assert.deepEqual(seen(), ['a']);
  asked[0]!.resolve();
  await first;
  await turns();
  assert.equal(asked.length, 2);
  assert.deepEqual(seen(), ['a', 'b', 'c', 'd']);
  asked[1]!.resolve();
  await Promise.all(others);
});

test('a flush that fails: nobody knows, all who shared it read so, and what is written next is safe', async (t) => {
  const { store, asked, hold, release, inFile } = await world(t);
  hold();
  const lost = Promise.allSettled([put(store, 'a'), put(store, 'b')]);
  await turns();
  asked[0]!.reject(new Error('EIO: i/o error, fdatasync'));
  for (const one of await lost) {
    assert.equal(one.status, 'rejected');
    assert.equal((one.reason as { code: string }).code, 'STORE_UNKNOWN');
    assert.match((one.reason as Error).message, /not known.*the disk did not confirm a commit: EIO/);
  }
  assert.deepEqual(inFile(), []);
  const next = put(store, 'c');
  await turns();
  assert.deepEqual(inFile(), ['a', 'b'], 'what the disk may not have of the log is written into the file first');
  assert.equal(asked.length, 2);
  asked[1]!.resolve();
  await next;
  release();
  await put(store, 'd');
  assert.deepEqual(await keys(store), ['a', 'b', 'c', 'd']);
});

test('a long write, too, comes after what the disk may not have', async (t) => {
  const { store, asked, hold, release, inFile } = await world(t);
  hold();
  const lost = put(store, 'a');
  await turns();
  asked[0]!.reject(new Error('EIO'));
  await assert.rejects(lost, { code: 'STORE_UNKNOWN' });
  release();
  await store.write(({ db }) => db.insertInto('expired').values({ key: 'b', at: 'now' }).execute(), { long: true });
  assert.deepEqual(inFile(), ['a']);
});

test('as long as somebody reads what the disk may not have, writes wait; then they go on by themselves', async (t) => {
  const { store, path, asked, hold, release } = await world(t, { patience: 60 });
  const reader = new DatabaseSync(path);
  t.after(() => reader.close());
  await put(store, 'before');
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM expired').get();
  hold();
  const lost = put(store, 'a');
  await turns();
  asked[0]!.reject(new Error('EIO'));
  await assert.rejects(lost, { code: 'STORE_UNKNOWN' });
  release();
  await assert.rejects(put(store, 'b'), { code: 'STORE_BUSY' });
  reader.exec('ROLLBACK');
  await put(store, 'c');
  assert.deepEqual(await keys(store), ['a', 'before', 'c']);
});

test('closing waits for the disk', async (t) => {
  const { store, asked, hold } = await world(t);
  hold();
  const order: string[] = [];
  const one = put(store, 'a').then(() => order.push('told'));
  await turns();
  const closed = store.close().then(() => order.push('closed'));
  await turns();
  assert.deepEqual(order, []);
  asked[0]!.resolve();
  await Promise.all([one, closed]);
  assert.deepEqual(order, ['told', 'closed']);
});

test('a file is flushed as it is; one that is gone is an error', async (t) => {
  const file = join(temporaryFolder(t), 'x.db-wal');
  writeFileSync(file, 'frames');
  await flushFile(file);
  await assert.rejects(flushFile(`${file}.gone`), { code: 'ENOENT' });
  await assert.rejects(new Disk(join(file, 'nowhere')).flushed(), { code: 'STORE_UNKNOWN' });
});
