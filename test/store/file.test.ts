import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { openTestStore, temporaryFolder } from './open.ts';

const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('folder and files are made for the owner only', { skip: process.platform === 'win32' }, async (t) => {
  const folder = join(temporaryFolder(t), 'deep', 'data');
  const path = join(folder, 'x.db');
  const store = await openStore(`sqlite:${path}`, parts);
  t.after(() => store.close());
  await store.write(async ({ db }) => {
    await db.insertInto('expired').values({ key: 'a', at: 'now' }).execute();
  });
  assert.deepEqual([folder, path, `${path}-wal`, `${path}-shm`].map(mode), ['700', '600', '600', '600']);
});

test('a database that others can read is refused', { skip: process.platform === 'win32' }, async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  writeFileSync(path, '');
  chmodSync(path, 0o604);
  await assert.rejects(openStore(`sqlite:${path}`, parts), { code: 'CFG_FILE_MODE' });
});

test('another kind of database is refused by name', async () => {
  for (const url of ['mysql://host/db', 'sqlite:', 'sqlite::memory:', 'file.db'])
    await assert.rejects(openStore(url, parts), { code: 'STORE_LATER' }, url);
});

test('a password in a refused URL is not repeated', async () => {
  for (const url of ['mysql://scim:secret@host/db', 'host=db user=scim password=secret dbname=scim']) {
    const error = await openStore(url, parts).catch((reason: Error) => reason);
    assert.ok(error instanceof Error);
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /secret/);
  }
});

test('a file that is no database is refused and left alone', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  writeFileSync(path, 'these are my notes, not a database at all'.repeat(50), { mode: 0o600 });
  await assert.rejects(openStore(`sqlite:${path}`, parts), { code: 'STORE_DAMAGED' });
  assert.match(readFileSync(path, 'utf8'), /^these are my notes/);
});

test('status tells schema, counts and bytes', async (t) => {
  const store = await openTestStore(t);
  const { bytes, schema, ...counts } = await store.status();
  assert.deepEqual(counts, { users: 0, groups: 0, members: 0 });
  assert.ok(schema >= 4);
  assert.ok(bytes > 4096);
});

test('a commit is flushed to the disk before it is acknowledged', async (t) => {
  const { sql } = await import('kysely');
  const store = await openTestStore(t);
  const { rows } = await store.write(({ db }) => sql<{ synchronous: number }>`PRAGMA synchronous`.execute(db));
  assert.equal(rows[0]?.synchronous, 2);
  const { rows: journal } = await store.write(({ db }) =>
    sql<{ journal_mode: string }>`PRAGMA journal_mode`.execute(db),
  );
  assert.equal(journal[0]?.journal_mode, 'wal');
  const { rows: keys } = await store.write(({ db }) => sql<{ foreign_keys: number }>`PRAGMA foreign_keys`.execute(db));
  assert.equal(keys[0]?.foreign_keys, 1);
});

test('a long write, which has a connection of its own in a thread, is flushed to the disk as well', async (t) => {
  const { sql } = await import('kysely');
  const folder = temporaryFolder(t);
  const store = await openStore(`sqlite:${join(folder, 'live.db')}`, parts);
  t.after(() => store.close());
  const asked = (pragma: string) =>
    store.write(async ({ db }) => (await sql<Record<string, number>>`PRAGMA ${sql.raw(pragma)}`.execute(db)).rows[0], {
      long: true,
    });
  assert.deepEqual(await asked('synchronous'), { synchronous: 2 });
  assert.deepEqual(await asked('wal_autocheckpoint'), { wal_autocheckpoint: 0 });
  assert.deepEqual(await asked('foreign_keys'), { foreign_keys: 1 });
});

test('what is no file is refused by name: nobody is told to change the mode of a folder or a device', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'notes.txt');
  writeFileSync(file, '');
  const link = join(folder, 'link.db');
  symlinkSync(join(folder, 'nowhere', 'x.db'), link);
  for (const [path, reason] of [
    [folder, 'it is a folder'],
    ['/dev/null', 'it is no file'],
    [join(file, 'x.db'), 'a part of the path is no folder'],
    [link, 'it is a link to a place that is not there'],
  ] as const) {
    const problem = { code: 'STORE_FILE', message: `${path}: ${reason}` };
    await assert.rejects(openStore(`sqlite:${path}`, parts), problem);
  }
});
