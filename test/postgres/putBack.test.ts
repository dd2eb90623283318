import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open.ts';
import { objectsOf } from '../../src/store/postgres/objects.ts';
import type { Store } from '../../src/store/store.ts';
import { administer, postgresMissing, temporaryDatabase } from './database.ts';
import { putBack, STAGES } from './putBack.ts';

const skip = postgresMissing ?? false;
const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
const incomplete = { code: 'STORE_INCOMPLETE' };

const insert = (store: Store, key: string): Promise<void> =>
  store.write(async ({ db }) => {
    await db.insertInto('expired').values({ key, at: 'now' }).execute();
  });
const keys = async (store: Store, atOnce = false): Promise<string[]> =>
  (await store.read((db) => db.selectFrom('expired').select('key').orderBy('key').execute(), { atOnce })).map(
    ({ key }) => key,
  );

async function replica(t: TestContext, url: string, patience = 300): Promise<Store> {
  const store = await openStore(url, parts, { patience });
  t.after(() => store.close());
  return store;
}

test('postgres: while a dump is put back nothing is answered from half of it, nor stored; then it goes on by itself', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  const database = new URL(url).pathname.slice(1);
  const [busy, idle] = [await replica(t, url), await replica(t, url)];
  await insert(busy, 'old');
  // What the server keeps for a connection is there.
  for (const store of [busy, idle]) for (const atOnce of [true, false]) await keys(store, atOnce);
  const put = await putBack(database);
  await insert(busy, 'after the dump');
  await administer(database, `DELETE FROM expired WHERE key = 'after the dump'`);
  for (const stage of STAGES.slice(0, -1)) {
    await put(stage);
    await assert.rejects(keys(busy), incomplete, `a read when it is ${stage}`);
    await assert.rejects(keys(busy, true), incomplete, `a look when it is ${stage}`);
    await assert.rejects(insert(busy, stage), incomplete, `a write when it is ${stage}`);
    // Without tables it is an empty database.
    const code = stage === 'dropped' ? 'STORE_OLDER' : incomplete.code;
    await assert.rejects(openStore(url, parts, { migrate: false }), { code }, `a start when it is ${stage}`);
  }
  await put('whole');
  for (const store of [busy, idle]) {
    assert.deepEqual(await keys(store, true), ['old']);
    assert.deepEqual(await keys(store), ['old']);
  }
  await insert(idle, 'new');
  assert.deepEqual(await keys(busy), ['new', 'old']);
});

test('postgres: who asks in the short time of a small dump waits for it', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  const store = await replica(t, url, 5_000);
  await insert(store, 'old');
  const put = await putBack(new URL(url).pathname.slice(1));
  await put('dropped');
  const asked = [keys(store), keys(store, true), insert(store, 'new')] as const;
  for (const stage of STAGES.slice(1)) await put(stage);
  const [read, looked] = await Promise.all(asked);
  for (const found of [read, looked]) assert.ok(found.includes('old'));
  assert.deepEqual(await keys(store), ['new', 'old']);
});

test('postgres: tables are not made anew under a snapshot, which would see them empty', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  const store = await replica(t, url, 5_000);
  const drop = () =>
    administer(new URL(url).pathname.slice(1), `SET lock_timeout = '50ms'`, 'DROP TABLE schema_migrations');
  const blocked = { code: '55P03' };
  await store.read(async (db) => {
    await db.selectFrom('expired').select('key').execute();
    await assert.rejects(drop(), blocked);
  });
});

test('postgres: a service does not start on tables that lack an index', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  await (await openStore(url, parts)).close();
  await administer(new URL(url).pathname.slice(1), 'DROP INDEX users_name');
  for (const migrate of [true, false])
    await assert.rejects(openStore(url, parts, { migrate }), { ...incomplete, message: /users_name is not there/ });
});

test('postgres: what a schema has by the words of its migrations is what is there', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  await (await openStore(url, parts)).close();
  const [relations, triggers] = await administer(
    new URL(url).pathname.slice(1),
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = pg_class.oid AND contype = 'u')`,
    'SELECT tgname AS name FROM pg_trigger WHERE NOT tgisinternal',
  );
  const names = (found: typeof relations) => found!.rows.map(({ name }) => name).sort();
  const objects = objectsOf(MIGRATIONS);
  assert.deepEqual([...objects.relations].sort(), names(relations));
  assert.deepEqual([...objects.triggers].sort(), names(triggers));
});
