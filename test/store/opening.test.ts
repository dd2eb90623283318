import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { SqliteConnection } from '../../src/store/sqlite/connection.ts';
import { Readers } from '../../src/store/sqlite/readers.ts';
import { child } from './child.ts';
import { temporaryFolder } from './open.ts';

const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
const busy = (): Error => Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 });

test('a process that opens while another one has the whole file waits for it', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  const url = `sqlite:${path}`;
  await (await openStore(url, parts)).close();
  const other = child(t, 'exclusiveHolder.ts', path);
  await other.said(1);
  try {
    for (let time = 0; time < 15; time++) {
      const store = await openStore(url, parts, { patience: 60_000 });
      assert.equal((await store.status()).users, 0);
      await store.close();
    }
  } finally {
    // Before the folder goes, which it would fill again.
    other.process.kill('SIGKILL');
    await other.ended;
  }
});

test('half a copy is no database: it is told as what it is, not to be migrated', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  const url = `sqlite:${path}`;
  await (await openStore(url, parts)).close();
  const connection = new SqliteConnection(path);
  connection.exec('DELETE FROM schema_migrations');
  connection.close();
  for (const migrate of [true, false])
    await assert.rejects(openStore(url, parts, { migrate }), {
      code: 'STORE_INCOMPLETE',
      message: 'The database is not whole: a copy or a dump into it was interrupted, or is under way',
    });
});

test('a reader that meets a lock when it opens waits; whoever waits for a connection gets one', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  let refusals = 3;
  const open = (): SqliteConnection => {
    if (refusals-- > 0) throw busy();
    return new SqliteConnection(path);
  };
  const readers = new Readers<object>({ ...parts, patience: 5_000, open });
  const answers = await Promise.all(Array.from({ length: 9 }, (_, index) => readers.read(async () => index)));
  assert.deepEqual(answers, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  await readers.close();
});

test('a connection that cannot be opened fails its read, and nobody waits for it', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  let refusals = 4;
  const open = (): SqliteConnection => {
    if (refusals-- > 0) throw new Error('no such disk');
    return new SqliteConnection(path);
  };
  const readers = new Readers<object>({ ...parts, patience: 0, open });
  const outcomes = await Promise.allSettled(Array.from({ length: 9 }, (_, index) => readers.read(async () => index)));
  assert.deepEqual(
    outcomes.map((one) => one.status),
    [...Array(4).fill('rejected'), ...Array(5).fill('fulfilled')],
  );
  await readers.close();
});
