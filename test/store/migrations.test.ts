import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open.ts';
import { child } from './child.ts';
import { inactiveKept, leavers } from './leavers.ts';
import { temporaryFolder } from './open.ts';

const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
const KNOWN = MIGRATIONS.length;
const next = { id: KNOWN + 1, name: 'next', up: ['CREATE TABLE next_one (id TEXT PRIMARY KEY)'] };

const tables = (path: string): string[] => {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
    return rows.map((row) => String(row.name));
  } finally {
    database.close();
  }
};

test('ids of migrations count up from 1', () => {
  assert.deepEqual(
    MIGRATIONS.map((migration) => migration.id),
    MIGRATIONS.map((_, index) => index + 1),
  );
});

test('migrations are applied once and only what is missing', async (t) => {
  const url = `sqlite:${join(temporaryFolder(t), 'x.db')}`;
  await (await openStore(url, parts)).close();
  const store = await openStore(url, parts, { migrations: [...MIGRATIONS, next] });
  assert.equal((await store.status()).schema, KNOWN + 1);
  await store.close();
});

test('who left before people who are not active were counted is counted too', async (t) => {
  const url = `sqlite:${join(temporaryFolder(t), 'x.db')}`;
  const older = await openStore(url, parts, { migrations: MIGRATIONS.slice(0, 10) });
  await leavers(older, 7);
  await older.close();
  const store = await openStore(url, parts);
  t.after(() => store.close());
  assert.deepEqual(await inactiveKept(store), [{ name: 'inactive:okta', value: 7 }]);
});

test('a newer schema is refused', async (t) => {
  const url = `sqlite:${join(temporaryFolder(t), 'x.db')}`;
  await (await openStore(url, parts, { migrations: [...MIGRATIONS, next] })).close();
  for (const migrate of [true, false])
    await assert.rejects(openStore(url, parts, { migrate }), {
      code: 'STORE_NEWER',
      details: { found: KNOWN + 1, known: KNOWN },
    });
});

test('an older schema is refused where migrating is not wanted', async (t) => {
  const url = `sqlite:${join(temporaryFolder(t), 'x.db')}`;
  await assert.rejects(openStore(url, parts, { migrate: false }), { code: 'STORE_OLDER' });
  await (await openStore(url, parts)).close();
  await (await openStore(url, parts, { migrate: false })).close();
  const more = { migrate: false, migrations: [...MIGRATIONS, next] };
  await assert.rejects(openStore(url, parts, more), {
    code: 'STORE_OLDER',
    details: { found: KNOWN, known: KNOWN + 1 },
  });
});

test('while another process writes one starts all the same; a schema is migrated when that has ended', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  const url = `sqlite:${path}`;
  await (await openStore(url, parts)).close();
  const other = child(t, 'lockHolder.ts', path);
  await other.said(1);
  await (await openStore(url, parts, { patience: 200 })).close();
  const more = { migrations: [...MIGRATIONS, next], patience: 200 };
  await assert.rejects(openStore(url, parts, more), { code: 'STORE_BUSY' });
  other.process.stdin!.end();
  await other.ended;
  await (await openStore(url, parts, more)).close();
});

test('a migration that fails leaves nothing behind', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  const broken = { ...next, up: [...next.up, 'CREATE TABLE next_one (again TEXT)'] };
  await assert.rejects(openStore(`sqlite:${path}`, parts, { migrations: [...MIGRATIONS, broken] }), {
    code: 'STORE_FAILED',
  });
  assert.deepEqual(tables(path), []);
});

test('of processes that start together one migrates and all of them run', async (t) => {
  const path = join(temporaryFolder(t), 'x.db');
  const children = Array.from({ length: 3 }, () => child(t, 'openingProcess.ts', `sqlite:${path}`));
  await Promise.all(children.map((one) => one.said(1)));
  for (const one of children) one.process.stdin!.write('go\n');
  await Promise.all(children.map((one) => one.ended));
  assert.deepEqual(
    children.map((one) => one.lines[1]),
    [`${KNOWN}`, `${KNOWN}`, `${KNOWN}`],
  );
});
