import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { isNewStore, openStore, restoreStore } from '../../src/store/open.ts';
import { child } from '../store/child.ts';
import { inactiveKept, leavers } from '../store/leavers.ts';
import { administer, postgresMissing, temporaryDatabase } from './database.ts';

const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
const KNOWN = MIGRATIONS.length;
const next = { id: KNOWN + 1, name: 'next', up: ['CREATE TABLE next_one (id TEXT PRIMARY KEY)'] };
const skip = postgresMissing ?? false;
const databaseOf = (url: string): string => new URL(url).pathname.slice(1);

test('postgres: migrations are applied once and only what is missing', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  assert.equal(await isNewStore(url, parts), true);
  await (await openStore(url, parts)).close();
  assert.equal(await isNewStore(url, parts), false);
  const store = await openStore(url, parts, { migrations: [...MIGRATIONS, next] });
  assert.equal((await store.status()).schema, KNOWN + 1);
  await store.close();
});

test('postgres: newer and older schemas are refused', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  await assert.rejects(openStore(url, parts, { migrate: false }), { code: 'STORE_OLDER' });
  await (await openStore(url, parts, { migrations: [...MIGRATIONS, next] })).close();
  for (const migrate of [true, false])
    await assert.rejects(openStore(url, parts, { migrate }), { code: 'STORE_NEWER' });
});

test('postgres: an older replica goes on over a newer schema', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  const older = await openStore(url, parts);
  t.after(() => older.close());
  await (await openStore(url, parts, { migrations: [...MIGRATIONS, next] })).close();
  await older.write(async ({ db }) => {
    await db.insertInto('expired').values({ key: 'a', at: 'now' }).execute();
  });
  assert.equal((await older.read((db) => db.selectFrom('expired').selectAll().execute())).length, 1);
});

test('postgres: who leaves through a replica of before is counted, once a newer one has migrated', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  const older = await openStore(url, parts, { migrations: MIGRATIONS.slice(0, 10) });
  t.after(() => older.close());
  await leavers(older, 7);
  const newer = await openStore(url, parts);
  t.after(() => newer.close());
  await leavers(older, 5, 'later');
  await older.write(async ({ db }) => {
    await db.updateTable('users').set({ active: 0 }).where('id', '=', 'later-1').execute();
    await db.deleteFrom('users').where('id', 'in', ['left-0', 'left-1', 'left-2']).execute();
  });
  assert.deepEqual(await inactiveKept(newer), [{ name: 'inactive:okta', value: 7 + 5 + 1 - 2 }]);
});

test('postgres: while another process writes one starts all the same; a schema is migrated when that has ended', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  const store = await openStore(url, parts);
  t.after(() => store.close());
  const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const writing = store.write(async ({ db }) => {
    await db.insertInto('expired').values({ key: 'a', at: 'now' }).execute();
    begun.resolve();
    await end.promise;
  });
  await begun.promise;
  await (await openStore(url, parts, { patience: 300 })).close();
  const more = { migrations: [...MIGRATIONS, next], patience: 300 };
  await assert.rejects(openStore(url, parts, more), { code: 'STORE_BUSY' });
  end.resolve();
  await writing;
  await (await openStore(url, parts, more)).close();
});

test('postgres: a migration that fails leaves nothing behind', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  const broken = { ...next, up: [...next.up, 'CREATE TABLE next_one (again TEXT)'] };
  await assert.rejects(openStore(url, parts, { migrations: [...MIGRATIONS, broken] }), { code: 'STORE_FAILED' });
  const [tables] = await administer(databaseOf(url), `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
  assert.deepEqual(tables!.rows, []);
});

test('postgres: of processes that start together one migrates and all of them run', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  const children = Array.from({ length: 3 }, () => child(t, 'openingProcess.ts', url));
  await Promise.all(children.map((one) => one.said(1)));
  for (const one of children) one.process.stdin!.write('go\n');
  await Promise.all(children.map((one) => one.ended));
  assert.deepEqual(
    children.map((one) => one.lines[1]),
    [`${KNOWN}`, `${KNOWN}`, `${KNOWN}`],
  );
});

test('postgres: texts compare by code point and numbers have 64 bits, whatever the server was made with', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  await (await openStore(url, parts)).close();
  const [columns] = await administer(
    databaseOf(url),
    `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
      AND table_name <> 'schema_migrations' AND NOT (data_type = 'bigint' OR (data_type = 'text' AND collation_name = 'C'))`,
  );
  assert.deepEqual(columns!.rows, []);
});

test('postgres: backup and restore name the tools of the server', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  const store = await openStore(url, parts);
  t.after(() => store.close());
  await assert.rejects(store.backup('/tmp/none.db'), { code: 'STORE_EXTERNAL' });
  await assert.rejects(restoreStore(url, '/tmp/none.db'), { code: 'STORE_EXTERNAL' });
});
