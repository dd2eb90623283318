import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '../../src/cli/edge.ts';
import { Checkpointer, OWN, PAGES } from '../../src/store/sqlite/checkpointer.ts';
import { SqliteConnection } from '../../src/store/sqlite/connection.ts';
import { temporaryFolder } from './open.ts';

interface World {
  readonly connection: SqliteConnection;
  readonly checkpointer: Checkpointer;
  /** Pages that the writer wrote into the file by itself, each time. */
  readonly own: number[];
  /** One commit of so many pages. */
  commit(pages: number): Promise<void>;
  waiting(): number;
  log(): number;
}

function world(t: TestContext, { thread = true } = {}): World {
  const path = join(temporaryFolder(t), 'test.db');
  const connection = new SqliteConnection(path);
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0');
  connection.exec('CREATE TABLE pages (bytes BLOB)');
  const checkpointer = new Checkpointer(thread ? path : join(path, 'nowhere'), systemClock);
  t.after(async () => {
    await checkpointer.close();
    connection.close();
  });
  const own: number[] = [];
  const waiting = (): number => {
    const [row] = connection.rows<{ log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');
    return row!.log - row!.checkpointed;
  };
  const watched = Object.create(connection) as SqliteConnection;
  watched.rows = (sql: string) => {
    if (sql.includes('PASSIVE')) own.push(waiting());
    return connection.rows(sql);
  };
  return {
    ...{ connection, checkpointer, own, waiting },
    async commit(pages) {
      connection.exec(`INSERT INTO pages WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT ${pages})
        SELECT zeroblob(4000) FROM n`);
      await checkpointer.committed(watched);
    },
    log: () => statSync(`${path}-wal`).size,
  };
}

test('a long log is written into the file by the thread, and the writer does the rest', async (t) => {
  const { commit, waiting, own, checkpointer } = world(t);
  await commit(5 * PAGES);
  assert.ok(waiting() > 4 * PAGES, 'the commit waited for its checkpoint');
  await checkpointer.flushed();
  assert.equal(waiting(), 0, 'the thread');
  await commit(3);
  assert.equal(waiting(), 0);
  assert.ok(
    own.every((pages) => pages < PAGES),
    own.join(),
  );
});

test('what was committed while the thread was at work is left to it, too: the writer writes a few pages by itself', async (t) => {
  const { commit, waiting, own, checkpointer } = world(t);
  await commit(2 * PAGES);
  await commit(PAGES / 2);
  await checkpointer.flushed();
  await commit(PAGES / 2);
  assert.deepEqual(own, [], 'the thread is asked again');
  await checkpointer.flushed();
  await commit(3);
  assert.equal(waiting(), 0);
  assert.equal(own.length, 1);
  assert.ok(own[0]! <= OWN, `${own} pages`);
});

test('a short log is left alone', async (t) => {
  const { commit, own, waiting } = world(t);
  for (let n = 0; n < 10; n++) await commit(20);
  assert.ok(waiting() >= 200);
  assert.deepEqual(own, []);
});

test('while writes keep coming the log begins anew again and again, and stays short', async (t) => {
  const { commit, own, log } = world(t);
  for (let n = 0; n < 400; n++) {
    await commit(200);
  }
  assert.ok(log() < 170_000_000, `${log()} bytes of 320,000,000`);
  assert.ok(own.length > 0);
});

test('without a thread the writer does everything by itself once the log is very long', async (t) => {
  const { commit, log, waiting } = world(t, { thread: false });
  for (let n = 0; n < 100; n++) {
    await commit(1_000);
  }
  assert.ok(log() < 175_000_000, `${log()} bytes of 400,000,000`);
  assert.ok(waiting() < 41_000);
});

test('a reader that stays holds the log, and nobody goes round in vain', async (t) => {
  const { commit, connection, own } = world(t);
  await commit(1);
  const reader = new SqliteConnection(connection.handle.location()!);
  reader.exec('BEGIN');
  reader.rows('SELECT count(*) FROM pages');
  for (let n = 0; n < 50; n++) {
    await commit(100);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.ok(own.length < 10, `${own.length} tries`);
  reader.exec('ROLLBACK');
  reader.close();
});

test('a long write flushes what it has written so far, and closing waits for the thread', async (t) => {
  const { commit, checkpointer } = world(t);
  await commit(10);
  await checkpointer.flushed();
  checkpointer.flush();
  checkpointer.flush();
  await checkpointer.flushed();
  const waiting = checkpointer.flushed();
  await checkpointer.close();
  await waiting;
  await checkpointer.flushed();
  checkpointer.flush();
  await commit(2 * PAGES);
});

test('a process that has nothing else to do is there until the thread has done what it was told, and is gone', async (t) => {
  const script = fileURLToPath(new URL('./longLog.ts', import.meta.url));
  const words = ['--disable-warning=ExperimentalWarning', script, join(temporaryFolder(t), 'long.db')];
  const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 60_000 });
  assert.equal(stdout, 'closed\n');
});
