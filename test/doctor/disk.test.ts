import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { probeDisk } from '../../src/doctor/disk.ts';
import { openStore } from '../../src/store/open.ts';
import { temporaryFolder } from '../store/open.ts';
import { configured } from './healthy.ts';

const nothing = { space: () => undefined };

test('every page of the database is read on demand, while it is in use; damage is told', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  const store = await openStore(`sqlite:${path}`, { clock: systemClock, timers: systemTimers, log: SILENT });
  t.after(() => store.close());
  const add = (key: string) => store.write(({ db }) => db.insertInto('expired').values({ key, at: 'now' }).execute());
  for (let row = 0; row < 500; row++) await add(`key ${row} ${'x'.repeat(100)}`);
  const at = (database: string) => ({ ...configured(), database: `sqlite:${database}` });
  assert.equal((await probeDisk(at(path), nothing, false))?.damage, undefined);
  assert.deepEqual((await probeDisk(at(path), nothing, true))?.damage, []);

  new DatabaseSync(path).exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const damaged = `${path}.damaged`;
  copyFileSync(path, damaged);
  const bytes = readFileSync(damaged);
  bytes.fill(0xa5, bytes.length - 4096);
  writeFileSync(damaged, bytes, { mode: 0o600 });
  const { damage = [] } = (await probeDisk(at(damaged), nothing, true))!;
  assert.match(damage[0] ?? '', /^[^*\n]+$/);
  writeFileSync(damaged, 'no database at all'.repeat(500));
  assert.ok((await probeDisk(at(damaged), nothing, true))!.damage!.length > 0);
});

test('what is free is judged by the reserve; a database that is not there, or is on a server, has no disk', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  const config = { ...configured(), database: `sqlite:${path}` };
  assert.equal(await probeDisk(config, nothing, true), undefined);
  writeFileSync(path, '', { mode: 0o600 });
  const disk = { space: () => ({ available: 1, total: 1000 }) };
  assert.deepEqual(await probeDisk(config, disk, false), {
    path,
    writable: true,
    room: { available: 1, total: 1000, reserve: 100 },
  });
  assert.equal(await probeDisk({ ...config, database: 'postgres://db/x' }, nothing, true), undefined);
});
