import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Log, SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store, StoreOptions } from '../../src/store/store.ts';
import { administer, named, postgresMissing, serverUrl, temporaryDatabase } from './database.ts';
import { startPostgres } from './server.ts';

const skip = postgresMissing ?? false;
const insert = (store: Store, key: string): Promise<void> =>
  store.write(async ({ db }) => {
    await db.insertInto('expired').values({ key, at: 'now' }).execute();
  });
const keys = async (store: Store): Promise<string[]> =>
  (await store.read((db) => db.selectFrom('expired').select('key').orderBy('key').execute())).map(({ key }) => key);
const others = (database: string, query: string) =>
  administer(
    'postgres',
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}' ${query}`,
  );

async function opened(t: TestContext, url: string, options: StoreOptions = {}, log: Log = SILENT): Promise<Store> {
  const store = await openStore(url, { clock: systemClock, timers: systemTimers, log }, options);
  t.after(() => store.close());
  return store;
}

async function fresh(t: TestContext): Promise<{ store: Store; database: string; url: string }> {
  const url = await temporaryDatabase(t);
  return { store: await opened(t, url), database: new URL(url).pathname.slice(1), url };
}

test('postgres: connections that broke while nobody used them are replaced, and nobody notices', {
  skip,
}, async (t) => {
  const { store, database } = await fresh(t);
  await insert(store, 'a');
  assert.deepEqual(await keys(store), ['a']);
  await others(database, '');
  await insert(store, 'b');
  assert.deepEqual(await keys(store), ['a', 'b']);
});

test('postgres: a connection lost inside a write refuses it, runs it once, and the next one works', {
  skip,
}, async (t) => {
  const { store, database } = await fresh(t);
  let runs = 0;
  const broken = store.write(async ({ db }) => {
    runs += 1;
    await db.insertInto('expired').values({ key: 'a', at: 'now' }).execute();
    await others(database, '');
    await db.insertInto('expired').values({ key: 'b', at: 'now' }).execute();
  });
  await assert.rejects(broken, { code: 'STORE_FAILED' });
  assert.equal(runs, 1);
  await insert(store, 'c');
  assert.deepEqual(await keys(store), ['c']);
});

test('postgres: a commit that was not answered is asked after, and counts if it took effect', { skip }, async (t) => {
  const { database, url } = await fresh(t);
  const warned: string[] = [];
  const store = await opened(t, url, {}, { ...SILENT, warn: (message) => void warned.push(message) });
  await administer(
    database,
    `CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`,
    `CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON expired DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (NEW.key = 'cut') EXECUTE FUNCTION cut()`,
  );
  await assert.rejects(insert(store, 'cut'), { code: 'STORE_FAILED' });
  assert.deepEqual(warned, ['the connection was lost during a commit; asking what became of it']);
  assert.deepEqual(await keys(store), []);
  await insert(store, 'next');
});

test('postgres: a callback that waits for the outside world is undone, and nobody waits for it', {
  skip,
}, async (t) => {
  const { store } = await fresh(t);
  const inner = store.write(async (tx) => {
    await tx.db.insertInto('expired').values({ key: 'a', at: 'now' }).execute();
    await new Promise(() => {});
  });
  await assert.rejects(inner, { code: 'STORE_FAILED' });
  await insert(store, 'b');
  assert.deepEqual(await keys(store), ['b']);
});

test('postgres: two processes that write at once never fail for each other', { skip }, async (t) => {
  const { store, url } = await fresh(t);
  const other = await opened(t, url);
  const count = (one: Store): Promise<void> =>
    one.write(async ({ db }) => {
      const { value } = await db
        .selectFrom('counters')
        .select('value')
        .where('name', '=', 'dirty')
        .executeTakeFirstOrThrow();
      await db
        .updateTable('counters')
        .set({ value: value + 1 })
        .where('name', '=', 'dirty')
        .execute();
    });
  await Promise.all(Array.from({ length: 200 }, (_, n) => count(n % 2 === 0 ? store : other)));
  const { value } = await store.read((db) =>
    db.selectFrom('counters').select('value').where('name', '=', 'dirty').executeTakeFirstOrThrow(),
  );
  assert.equal(value, 200);
});

test('postgres: a commit of another process is heard, one of our own and a write of nothing are not', {
  skip,
}, async (t) => {
  const { store, url } = await fresh(t);
  const other = await opened(t, url);
  let heard = 0;
  store.onElsewhere(() => {
    heard += 1;
  });
  await systemTimers.sleep(300);
  heard = 0;
  await insert(store, 'own');
  await other.write((tx) => tx.db.selectFrom('expired').selectAll().execute());
  await systemTimers.sleep(200);
  assert.equal(heard, 0);
  await insert(other, 'news');
  for (let left = 100; left > 0 && heard === 0; left--) await systemTimers.sleep(50);
  assert.equal(heard, 1);
});

test('postgres: a commit that took effect without an answer is a success', { skip }, async (t) => {
  const { url } = await fresh(t);
  const { hostname, port } = new URL(url);
  let cutting = false;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const side of [client, server]) side.on('error', end).on('close', end);
    server.on('data', (data) => client.write(data));
    client.on('data', (data) => {
      if (!cutting || !data.includes('COMMIT')) return void server.write(data);
      cutting = false;
      server.removeAllListeners('data').on('data', () => end());
      server.write(data);
    });
  }).listen(0, '127.0.0.1');
  t.after(() => proxy.close());
  await once(proxy, 'listening');
  const through = new URL(url);
  through.port = String((proxy.address() as AddressInfo).port);
  const store = await opened(t, through.href);
  await insert(store, 'a');
  cutting = true;
  await insert(store, 'b');
  assert.equal(cutting, false);
  assert.deepEqual(await keys(store), ['a', 'b']);
});

test('postgres: a server that could lose acknowledged writes, or compares otherwise, is refused', {
  skip,
}, async (t) => {
  const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
  const careless = await startPostgres({ fsync: 'off' });
  t.after(() => careless.stop());
  await assert.rejects(openStore(careless.url, parts), { code: 'STORE_SERVER', message: /fsync/ });
  await administer('postgres', `CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'`);
  t.after(() => administer('postgres', 'DROP DATABASE latin'));
  await assert.rejects(openStore(named(await serverUrl(), 'latin'), parts), {
    code: 'STORE_SERVER',
    message: /LATIN1/,
  });
});

test('postgres: acknowledged writes survive a server that crashes and starts again under load', { skip }, async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  const store = await opened(t, server.url);
  const acknowledged: string[] = [];
  const refused: string[] = [];
  let stop = false;
  const client = async (name: string): Promise<void> => {
    for (let n = 0; !stop; n++)
      await insert(store, `${name}-${n}`).then(
        () => acknowledged.push(`${name}-${n}`),
        (error: { code?: string }) => refused.push(String(error.code)),
      );
  };
  const clients = ['a', 'b', 'c', 'd'].map(client);
  for (let round = 0; round < 2; round++) {
    const before = acknowledged.length;
    while (acknowledged.length < before + 50) await systemTimers.sleep(10);
    await server.restart();
  }
  const before = acknowledged.length;
  while (acknowledged.length < before + 50) await systemTimers.sleep(10);
  stop = true;
  await Promise.all(clients);
  const found = new Set(await keys(store));
  assert.deepEqual(
    acknowledged.filter((key) => !found.has(key)),
    [],
  );
  assert.deepEqual(
    [...new Set(refused)].filter((code) => !['STORE_FAILED', 'STORE_UNREACHABLE', 'STORE_UNKNOWN'].includes(code)),
    [],
  );
});

test('postgres: a server that goes silent in the midst is told of; of a commit nobody says that it had no effect', {
  skip,
  timeout: 45_000,
}, async (t) => {
  const server = await startPostgres();
  let thaw = (): void => {};
  t.after(async () => {
    thaw();
    await server.stop();
  });
  const store = await opened(t, server.url, { patience: 1_000 });
  const freeze = async (): Promise<void> => {
    const go = await server.freeze();
    thaw = () => {
      thaw = () => {};
      go();
    };
  };
  const silent = { code: 'STORE_UNREACHABLE', message: /the server does not answer/ };
  await assert.rejects(
    store.read(async (db) => {
      await db.selectFrom('expired').selectAll().execute();
      await freeze();
      await db.selectFrom('expired').selectAll().execute();
    }),
    silent,
  );
  thaw();
  const write = (key: string, frozen: 'before the end' | 'before the commit'): Promise<void> =>
    store.write(async ({ db }) => {
      await db.insertInto('expired').values({ key, at: 'now' }).execute();
      await freeze();
      if (frozen === 'before the end') await db.selectFrom('expired').selectAll().execute();
    });
  await assert.rejects(write('a', 'before the end'), silent);
  thaw();
  await assert.rejects(write('b', 'before the commit'), { code: 'STORE_UNKNOWN' });
  thaw();
  await insert(store, 'c');
  const found = await keys(store);
  assert.deepEqual([found.includes('a'), found.includes('c')], [false, true]);
});
