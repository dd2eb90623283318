import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { Checkpointer } from '../../src/store/sqlite/checkpointer.ts';
import { SqliteConnection } from '../../src/store/sqlite/connection.ts';
import { Elsewhere } from '../../src/store/sqlite/elsewhere.ts';
import { Writer } from '../../src/store/sqlite/writer.ts';
import type { Store, Tx } from '../../src/store/store.ts';
import type { Tables } from '../../src/store/tables.ts';
import { openTestStore, temporaryFolder } from './open.ts';

const insert = async ({ db }: Pick<Tx, 'db'>, key: string): Promise<void> => {
  await db.insertInto('expired').values({ key, at: 'now' }).execute();
};
const keys = async (store: Store): Promise<string[]> =>
  (await store.read((db) => db.selectFrom('expired').select('key').execute())).map((row) => row.key).sort();
const LONG = { long: true } as const;

/** What this thread asks SQLite for from here on, but for reads of others. */
function computedHere(t: TestContext): string[] {
  const found: string[] = [];
  const { run, executeQuery } = SqliteConnection.prototype;
  t.mock.method(SqliteConnection.prototype, 'run', function (this: SqliteConnection, text: string) {
    found.push(text);
    return run.call(this, text);
  });
  t.mock.method(SqliteConnection.prototype, 'executeQuery', function (this: SqliteConnection, query: { sql: string }) {
    found.push(query.sql);
    return executeQuery.call(this, query as never);
  });
  return found;
}

test('no statement of a long write and no commit of it is computed in this thread', async (t) => {
  const statements: string[] = [];
  const store = await openTestStore(t, { observe: (text) => statements.push(text) });
  const here = computedHere(t);
  const after: string[] = [];
  const rows = await store.write(async (tx) => {
    for (let part = 0; part < 10; part++) {
      await insert(tx, `part-${part}`);
      await tx.breathe();
    }
    tx.afterCommit(() => after.push('committed'));
    const { numUpdatedRows } = await tx.db.updateTable('expired').set({ at: 'then' }).executeTakeFirstOrThrow();
    assert.equal(numUpdatedRows, 10n);
    const { rows: returned } = await sql<{
      key: string;
    }>`DELETE FROM expired WHERE key = 'part-3' RETURNING key, 1 AS one`.execute(tx.db);
    assert.deepEqual(returned, [{ key: 'part-3', one: 1 }]);
    return tx.db.selectFrom('expired').selectAll().where('key', '=', 'part-1').execute();
  }, LONG);
  assert.deepEqual(rows, [{ key: 'part-1', at: 'then' }]);
  assert.deepEqual(here, []);
  assert.deepEqual(after, ['committed']);
  assert.equal(statements.length, 13, 'they are told of as those of others');
  assert.equal((await keys(store)).length, 9);
});

test('a long write is one transaction: nobody sees a part of it, and other writes wait for it', async (t) => {
  const store = await openTestStore(t);
  const order: string[] = [];
  const before = store.stamp?.(['expired']);
  const long = store.write(async (tx) => {
    await insert(tx, 'a');
    assert.deepEqual(await keys(store), [], 'reads do not wait, and see nothing of it');
    await tx.breathe();
    await insert(tx, 'b');
    order.push('long');
  }, LONG);
  const other = store.write(async (tx) => {
    await insert(tx, 'other');
    order.push('other');
  });
  await Promise.all([long, other]);
  assert.deepEqual(order, ['long', 'other']);
  assert.notEqual(store.stamp?.(['expired']), before);
  assert.deepEqual(await keys(store), ['a', 'b', 'other']);
});

test('a long write that fails is undone, and says why', async (t) => {
  const store = await openTestStore(t);
  const told: string[] = [];
  const failing = store.write(async (tx) => {
    tx.afterCommit(() => told.push('never'));
    await insert(tx, 'a');
    throw new Error('in the midst');
  }, LONG);
  await assert.rejects(failing, /in the midst/);
  const twice = store.write(async (tx) => {
    await insert(tx, 'a');
    await insert(tx, 'a');
  }, LONG);
  await assert.rejects(twice, (error: Error & { errcode?: number }) => error.errcode === 1555);
  const outside = store.write(async (tx) => {
    await insert(tx, 'b');
    await nextTurn();
    await nextTurn();
    await insert(tx, 'c');
  }, LONG);
  await assert.rejects(outside, /waited for something else/);
  assert.deepEqual(told, []);
  assert.deepEqual(await keys(store), []);
  await store.write((tx) => insert(tx, 'd'), LONG);
  assert.deepEqual(await keys(store), ['d']);
});

test('a thread that is lost in the midst loses its write alone', async (t) => {
  const store = await openTestStore(t);
  const lost = store.write(async (tx) => {
    await insert(tx, 'a');
    // More than the thread may hold.
    await sql`WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 100) SELECT n, hex(zeroblob(1000000 + n)) AS h FROM n`.execute(
      tx.db,
    );
  }, LONG);
  await assert.rejects(lost, { code: 'STORE_FAILED' });
  assert.deepEqual(await keys(store), []);
  await store.write((tx) => insert(tx, 'b'), LONG);
  assert.deepEqual(await keys(store), ['b']);
});

/** A writer over a database of its own, with what opens its threads. */
async function writer(t: TestContext, elsewhere: (path: string) => Elsewhere, patience = 1_000) {
  const path = join(temporaryFolder(t), 'x.db');
  const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
  await (await openStore(`sqlite:${path}`, parts)).close();
  const open = (): SqliteConnection => new SqliteConnection(path);
  const made = new Writer<Tables>({
    ...{ ...parts, troubles: SILENT, connection: open(), open, patience, same: () => {}, leaving: () => {} },
    checkpointer: new Checkpointer(path, systemClock),
    elsewhere: () => elsewhere(path),
  });
  t.after(() => made.close());
  return { made, path, open };
}

test('where no thread is to be had, a long write is done here', async (t) => {
  const never = await writer(t, () => {
    throw new Error('no more threads');
  });
  await never.made.write((tx) => insert(tx, 'a'), LONG);
  const dying = await writer(t, (path) => {
    const thread = new Elsewhere(path);
    void thread.close();
    return thread;
  });
  const here = computedHere(t);
  await dying.made.write((tx) => insert(tx, 'a'), LONG);
  assert.ok(here.includes('COMMIT'));
});

test('a long write waits for the lock of another process, with the same patience', async (t) => {
  let threads = 0;
  const make = (path: string): Elsewhere => {
    threads += 1;
    return new Elsewhere(path);
  };
  const { made, open } = await writer(t, make, 100);
  const holder = open();
  holder.run('BEGIN IMMEDIATE');
  await assert.rejects(
    made.write((tx) => insert(tx, 'a'), LONG),
    { code: 'STORE_BUSY' },
  );
  assert.equal(threads, 1, 'one thread for all attempts');
  const patient = made.write((tx) => insert(tx, 'b'), LONG);
  holder.run('ROLLBACK');
  holder.close();
  await patient;
});
