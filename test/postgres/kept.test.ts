import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { Kept } from '../../src/store/postgres/kept.ts';
import { prepared } from '../../src/store/prepared.ts';
import type { Store } from '../../src/store/store.ts';
import { administer, postgresMissing, temporaryDatabase } from './database.ts';
import { pooler } from './pooler.ts';

const skip = postgresMissing ?? false;
const all = prepared<{ key: string }, { key: string }>(
  (value) => sql<{ key: string }>`SELECT * FROM expired WHERE key >= ${value('key')} ORDER BY key`,
);
const names = sql<{
  count: number;
}>`SELECT count(*) AS count FROM pg_prepared_statements WHERE statement LIKE '%expired%'`;

async function opened(t: TestContext, url: string): Promise<Store> {
  const store = await openStore(url, { clock: systemClock, timers: systemTimers, log: SILENT });
  t.after(() => store.close());
  await store.write(async ({ db }) => {
    await db.insertInto('expired').values({ key: 'a', at: 'now' }).execute();
  });
  return store;
}

/** How many statements about the table the connection of a read keeps, after a few of them. */
async function kept(store: Store): Promise<number> {
  for (let n = 0; n < 3; n++) await store.read((db) => all(db, { key: '' }));
  return store.read(async (db) => (await names.execute(db)).rows[0]!.count);
}

test('postgres: a statement of a hot path is kept by the server, once for each connection', { skip }, async (t) => {
  assert.equal(await kept(await opened(t, await temporaryDatabase(t))), 1);
});

test('postgres: a statement that comes again and again is kept too, unless it is long or takes whatever columns there are', {
  skip,
}, async (t) => {
  const store = await opened(t, await temporaryDatabase(t));
  const count = () => store.read(async (db) => (await names.execute(db)).rows[0]!.count);
  const often = async (text: string) => {
    for (let n = 0; n < 8; n++) await store.read((db) => sql.raw(text).execute(db));
  };
  await store.read((db) => sql`SELECT key FROM expired WHERE key = ${'a'}`.execute(db));
  await often('SELECT * FROM expired');
  await often('SELECT expired.* FROM expired');
  await often(`SELECT key FROM expired WHERE key <> '${'x'.repeat(5_000)}'`);
  assert.equal(await count(), 0);
  await often('SELECT key FROM expired');
  assert.equal(await count(), 1);
  for (let n = 0; n < 400; n++) await often(`SELECT key FROM expired WHERE key = 'k${n}'`);
  assert.ok((await count()) <= 200, 'there is an end to it');
});

test('a connection keeps nothing before the server itself answered on it, and none does once a name was wrong', () => {
  const keeping = { allowed: true };
  const [behind, direct] = [new Kept(keeping), new Kept(keeping)];
  direct.begin();
  assert.equal(behind.find('SELECT 1', true), undefined);
  assert.equal(direct.find('SELECT 1', false), undefined);
  const known = direct.find('SELECT 1', true);
  assert.equal(direct.find('SELECT 1', true), known);
  assert.notEqual(direct.find('SELECT 2', true)?.name, known?.name);
  direct.forget(known!);
  assert.notEqual(direct.find('SELECT 1', true)?.name, known?.name, 'it may be there under the first name');
  direct.met(Object.assign(new Error('there is no such statement'), { code: '26000', severity: 'ERROR' }));
  behind.begin();
  for (const one of [behind, direct]) assert.equal(one.find('SELECT 1', true), undefined);
});

test('postgres: behind a pooler nothing is kept', { skip }, async (t) => {
  assert.equal(await kept(await opened(t, await pooler(t, await temporaryDatabase(t)))), 0);
});

test('postgres: a pooler that tells nothing of itself is found out by the first name that is wrong', {
  skip,
}, async (t) => {
  const url = await pooler(t, await temporaryDatabase(t), { secret: true, size: 4 });
  const store = await opened(t, url);
  const read = (n: number) => store.read((db) => all(db, { key: '' }), { atOnce: n % 2 === 0 });
  const found = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => read(n)));
  const bad = found.filter(({ status }) => status === 'rejected');
  assert.ok(bad.length < 20, `${bad.length} of 40 reads failed`);
  assert.equal(await kept(store), 0);
  for (let n = 0; n < 20; n++) assert.deepEqual((await read(n)).rows.length, 1);
});

test('postgres: a statement that is kept goes on when the table gets another column', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  const store = await opened(t, url);
  const look = () => store.read((db) => all(db, { key: '' }), { atOnce: true });
  for (let n = 0; n < 8; n++) await look();
  await administer(new URL(url).pathname.slice(1), 'ALTER TABLE expired ADD COLUMN later text');
  const { rows } = await look();
  assert.deepEqual(rows, [{ key: 'a', at: 'now', later: null }]);
});
