import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { Checkpointer } from '../../src/store/sqlite/checkpointer.ts';
import { SqliteConnection } from '../../src/store/sqlite/connection.ts';
import { Writer } from '../../src/store/sqlite/writer.ts';
import type { Tables } from '../../src/store/tables.ts';
import { temporaryFolder } from '../store/open.ts';

test('a connection that was opened while the disk could only be read is given up for one that can write', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
  await (await openStore(`sqlite:${path}`, parts)).close();
  const connection = new SqliteConnection(path);
  connection.exec('PRAGMA query_only = ON');
  const open = () => new SqliteConnection(path);
  const checkpointer = new Checkpointer(path, systemClock);
  const writer = new Writer<Tables>({
    ...parts,
    troubles: SILENT,
    connection,
    open,
    checkpointer,
    patience: 1_000,
    same: () => {},
    leaving: () => {},
  });
  t.after(() => writer.close());
  const write = () => writer.write(({ db }) => db.insertInto('expired').values({ key: 'a', at: 'now' }).execute());
  await assert.rejects(write(), { code: 'STORE_FAILED', message: /read-only/ });
  await write();
});
