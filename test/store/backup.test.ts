import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { copyStore } from '../../src/store/copy.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { openStore, restoreStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { child } from './child.ts';
import { temporaryFolder } from './open.ts';

const parts = { clock: systemClock, timers: systemTimers, log: SILENT };

interface Place {
  readonly folder: string;
  readonly path: string;
  readonly url: string;
  readonly file: string;
  open(): Promise<Store>;
}

function place(t: TestContext): Place {
  const folder = temporaryFolder(t);
  const path = join(folder, 'live.db');
  const url = `sqlite:${path}`;
  return {
    folder,
    path,
    url,
    file: join(folder, 'copy.db'),
    open: async () => {
      const store = await openStore(url, parts);
      t.after(() => store.close());
      return store;
    },
  };
}

const insert = (store: Store, key: string): Promise<void> =>
  store.write(async ({ db }) => {
    await db.insertInto('expired').values({ key, at: 'now' }).execute();
  });
const keys = async (store: Store): Promise<string[]> =>
  (await store.read((db) => db.selectFrom('expired').select('key').orderBy('key').execute())).map((row) => row.key);
const stored = (file: string): string[] => {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database
      .prepare('SELECT key FROM expired ORDER BY key')
      .all()
      .map((row) => String(row.key));
  } finally {
    database.close();
  }
};

test('a backup is one readable file for the owner only', async (t) => {
  const { open, file, folder } = place(t);
  const store = await open();
  await insert(store, 'a');
  await store.backup(file);
  assert.deepEqual(stored(file), ['a']);
  assert.equal((statSync(file).mode & 0o777).toString(8), '600');
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('copy')),
    ['copy.db'],
  );
});

test('a backup that runs beside writers is one moment: each pair of rows is there whole', async (t) => {
  const { open, file } = place(t);
  const store = await open();
  let running = true;
  const writing = (async () => {
    for (let i = 0; running; i++)
      await store.write(async ({ db }) => {
        await db
          .insertInto('expired')
          .values({ key: `left${i}`, at: 'now' })
          .execute();
        await db
          .insertInto('expired')
          .values({ key: `right${i}`, at: 'now' })
          .execute();
      });
  })();
  await insert(store, 'before');
  await store.backup(file);
  running = false;
  await writing;
  const found = stored(file);
  const left = found.filter((key) => key.startsWith('left')).map((key) => key.slice(4));
  const right = found.filter((key) => key.startsWith('right')).map((key) => key.slice(5));
  assert.ok(found.includes('before'));
  assert.deepEqual(left, right);
});

test('a backup overwrites nothing', async (t) => {
  const { open, file } = place(t);
  writeFileSync(file, 'precious');
  const store = await open();
  await assert.rejects(store.backup(file), { code: 'STORE_FILE' });
  assert.equal(statSync(file).size, 'precious'.length);
});

test('a backup into a folder that is not there says so and leaves nothing', async (t) => {
  const { open, folder } = place(t);
  const store = await open();
  await assert.rejects(store.backup(join(folder, 'no', 'where.db')), { code: 'STORE_FILE' });
});

/** Whether a disk of its own can be mounted here. */
const disks = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'jenkins-scim-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return mounted;
})();

test('a backup or a copy onto a full disk says so, and leaves nothing behind', {
  skip: disks ? false : 'no disk can be mounted here',
}, async (t) => {
  const { open, url } = place(t);
  const disk = mkdtempSync(join(tmpdir(), 'jenkins-scim-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', disk]);
  t.after(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  const store = await open();
  await store.write(async ({ db }) => {
    for (let n = 0; n < 30; n++)
      await db
        .insertInto('expired')
        .values({ key: String(n), at: 'x'.repeat(100_000) })
        .execute();
  });
  await assert.rejects(store.backup(join(disk, 'copy.db')), { code: 'STORE_FILE', message: /full/ });
  assert.deepEqual(readdirSync(disk), []);
  await store.close();
  await assert.rejects(copyStore(url, `sqlite:${join(disk, 'copy.db')}`, { ...parts, alive: () => false }), {
    code: 'STORE_FAILED',
    message: /the disk is full/,
  });
  assert.deepEqual(readdirSync(disk), []);
});

test('what an interrupted backup left is no part of the next one', async (t) => {
  const { open, file, folder } = place(t);
  const store = await open();
  await insert(store, 'a');
  for (const rest of ['', '-journal', '-wal', '-shm']) writeFileSync(`${file}.partial${rest}`, 'rest of another');
  await store.backup(file);
  assert.deepEqual(stored(file), ['a']);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('copy')),
    ['copy.db'],
  );
});

test('a restored database holds what the backup held; the one before is kept', async (t) => {
  const { open, file, url, path } = place(t);
  const first = await open();
  await insert(first, 'a');
  await first.backup(file);
  await insert(first, 'b');
  await first.close();
  await restoreStore(url, file);
  assert.deepEqual(await keys(await open()), ['a']);
  assert.deepEqual(stored(`${path}.before-restore`), ['a', 'b']);
  assert.ok(existsSync(file));
});

test('what an administrator restores stays the file of the account of the service', {
  skip: process.getuid?.() !== 0 && 'only the administrator of the machine can give a file away',
}, async (t) => {
  const { path, url, file, open } = place(t);
  const store = await open();
  await insert(store, 'a');
  await store.backup(file);
  await store.close();
  chownSync(path, 65_533, 65_534);
  await restoreStore(url, file);
  const { uid, gid, mode } = statSync(path);
  assert.deepEqual([uid, gid, mode & 0o777], [65_533, 65_534, 0o600]);
});

test('a restore into an empty place works', async (t) => {
  const { open, file, folder } = place(t);
  const first = await open();
  await insert(first, 'a');
  await first.backup(file);
  const url = `sqlite:${join(folder, 'new', 'place.db')}`;
  await restoreStore(url, file);
  const store = await openStore(url, parts);
  t.after(() => store.close());
  assert.deepEqual(await keys(store), ['a']);
});

test('a restore is refused while this process has the database open', async (t) => {
  const { open, file, url } = place(t);
  const store = await open();
  await store.backup(file);
  await insert(store, 'b');
  await assert.rejects(restoreStore(url, file), { code: 'STORE_OPEN' });
  assert.deepEqual(await keys(store), ['b']);
});

test('a restore is refused while another process has the database open', async (t) => {
  const { open, file, url, path, folder } = place(t);
  const store = await open();
  await store.backup(file);
  await store.close();
  const writer = child(t, 'endlessWriter.ts', url, 'k');
  await writer.said(10);
  await assert.rejects(restoreStore(url, file), { code: 'STORE_OPEN', remedy: /^Stop the service/ });
  writer.process.kill('SIGKILL');
  await writer.ended;
  await restoreStore(url, file);
  assert.deepEqual(stored(path), []);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('restoring')),
    [],
  );
});

test('a damaged, foreign or newer backup is refused and the database stays', async (t) => {
  const { open, file, url, folder } = place(t);
  const store = await open();
  await insert(store, 'a');
  await store.backup(file);
  await store.close();
  const cut = join(folder, 'cut.db');
  writeFileSync(cut, '');
  const { copyFileSync } = await import('node:fs');
  copyFileSync(file, cut);
  truncateSync(cut, 20_000);
  const text = join(folder, 'text.db');
  writeFileSync(text, 'hello'.repeat(1000));
  const foreign = join(folder, 'foreign.db');
  const other = new DatabaseSync(foreign);
  other.exec('CREATE TABLE shopping (item TEXT)');
  other.close();
  for (const wrong of [cut, text, foreign, join(folder, 'missing.db')])
    await assert.rejects(restoreStore(url, wrong), { code: 'STORE_FILE' }, wrong);
  const newer = new DatabaseSync(file);
  newer.exec(`INSERT INTO schema_migrations VALUES (${MIGRATIONS.length + 1}, 'later', 'now')`);
  newer.close();
  await assert.rejects(restoreStore(url, file), { code: 'STORE_NEWER' });
  assert.deepEqual(await keys(await open()), ['a']);
});

test('a database that is damaged beyond opening can be replaced', async (t) => {
  const { open, file, url, path } = place(t);
  const store = await open();
  await insert(store, 'a');
  await store.backup(file);
  await store.close();
  writeFileSync(path, 'ruined'.repeat(2000), { mode: 0o600 });
  await restoreStore(url, file);
  assert.deepEqual(await keys(await open()), ['a']);
});
