import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { address } from '../../src/store/postgres/address.ts';
import { PostgresConnection } from '../../src/store/postgres/connection.ts';
import type { Store } from '../../src/store/store.ts';
import { administer, postgresMissing, temporaryDatabase } from './database.ts';

const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
const skip = postgresMissing ?? false;

/** A database with the schema and settings of its own, which hold for connections that are opened from now on. */
async function set(t: TestContext, ...settings: string[]): Promise<string> {
  const url = await temporaryDatabase(t);
  await (await openStore(url, parts)).close();
  const name = new URL(url).pathname.slice(1);
  await administer('postgres', ...settings.map((setting) => `ALTER DATABASE ${name} SET ${setting}`));
  return url;
}

async function opened(t: TestContext, url: string): Promise<Store> {
  const store = await openStore(url, parts, { migrate: false });
  t.after(() => store.close());
  return store;
}

const serverVersion = async (): Promise<number> =>
  Number((await administer('postgres', 'SHOW server_version_num'))[0]!.rows[0].server_version_num);
const people = (db: Parameters<Parameters<Store['read']>[0]>[0]) => db.selectFrom('users').select('id').execute();
const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Nothing is heard meanwhile, as while a long answer is computed. */
const compute = (milliseconds: number): void => {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
};

test('a read that computes between its statements goes on, whatever idle_in_transaction_session_timeout is', {
  skip,
}, async (t) => {
  const store = await opened(t, await set(t, `idle_in_transaction_session_timeout = '100ms'`));
  const found = await store.read(async (db) => {
    await people(db);
    await wait(400);
    return people(db);
  });
  assert.deepEqual(found, []);
});

test('a transaction that transaction_timeout ends is told by name, a read as well as a write', { skip }, async (t) => {
  if ((await serverVersion()) < 170_000) return t.skip('there is none before PostgreSQL 17');
  const store = await opened(t, await set(t, `transaction_timeout = '300ms'`));
  const late = { code: 'STORE_FAILED', message: /transaction_timeout/ };
  const slow = (db: Parameters<typeof people>[0]) => sql`SELECT pg_sleep(1)`.execute(db);
  await assert.rejects(store.read(slow), late);
  await assert.rejects(
    store.write(async ({ db }) => {
      await people(db as never);
      await wait(500);
      await people(db as never);
    }),
    late,
  );
});

test('what is read by a cursor is told the setting, too, though nothing was on its way when the server ended it', {
  skip,
}, async (t) => {
  if ((await serverVersion()) < 170_000) return t.skip('there is none before PostgreSQL 17');
  const own = { address: address(await set(t, `transaction_timeout = '300ms'`)), observe: undefined, patience: 10_000 };
  const connection = await PostgresConnection.open(own);
  t.after(() => connection.close());
  await connection.script('BEGIN');
  await assert.rejects(connection.lost, { code: '25P04' });
  await assert.rejects(connection.script('FETCH 500 FROM stream_1'), { code: '25P04' });
});

test('whoever waits for a statement behind one that failed is told what that one met', { skip }, async (t) => {
  const store = await opened(t, await set(t, `statement_timeout = '200ms'`));
  const read = store.read(async (db) => {
    await people(db);
    sql`SELECT pg_sleep(1)`.execute(db).catch(() => {});
    return people(db);
  });
  await assert.rejects(read, { code: 'STORE_FAILED', message: /statement_timeout/ });
  const wrong = store.read(async (db) => {
    await people(db);
    sql`SELECT 1 / 0`.execute(db).catch(() => {});
    return people(db);
  });
  await assert.rejects(wrong, /division by zero/);
});

test('a connection that idle_session_timeout ended is replaced, also where that was not heard yet', {
  skip,
}, async (t) => {
  if ((await serverVersion()) < 140_000) return t.skip('there is none before PostgreSQL 14');
  const store = await opened(t, await set(t, `idle_session_timeout = '300ms'`));
  const write = () => store.write(({ db }) => db.selectFrom('users').select('id').execute());
  for (let n = 0; n < 2; n++) {
    await Promise.all([store.read(people), store.read(people, { atOnce: true }), write()]);
    compute(500);
  }
});

test('a server whose settings change what statements mean, or what follows from them, is refused, and so is a search_path without a schema', {
  skip,
}, async (t) => {
  const refused = async (setting: string, message: RegExp): Promise<void> => {
    const url = await set(t, setting);
    for (const migrate of [true, false]) {
      const since = performance.now();
      await assert.rejects(openStore(url, parts, { migrate }), { code: 'STORE_SERVER', message });
      assert.ok(performance.now() - since < 4_000, 'nothing is waited for');
    }
  };
  await refused('search_path = nowhere', /search_path/);
  await refused(`search_path = ''`, /search_path/);
  await refused('session_replication_role = replica', /session_replication_role/);
  await refused('array_nulls = off', /array_nulls/);
  if ((await serverVersion()) < 190_000)
    await refused('standard_conforming_strings = off', /standard_conforming_strings/);
});
