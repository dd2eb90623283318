import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Kysely, sql } from 'kysely';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import { prepared } from '../../src/store/prepared.ts';
import type { Tables } from '../../src/store/tables.ts';
import { administer, postgresMissing, temporaryDatabase } from './database.ts';
import { pooler } from './pooler.ts';

const skip = postgresMissing ?? false;

async function opened(t: TestContext, url: string) {
  const store = await openStore(url, { clock: systemClock, timers: systemTimers, log: SILENT });
  t.after(() => store.close());
  return store;
}

async function settings(db: Kysely<Tables>): Promise<unknown> {
  const { rows } = await sql`SELECT current_setting('enable_seqscan') AS whole, current_setting('jit') AS jit`.execute(
    db,
  );
  return { ...(rows[0] as object) };
}

test('postgres: every transaction plans by indexes and compiles nothing, and leaves no setting behind', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  const own = { whole: 'off', jit: 'off' };
  for (const through of [url, await pooler(t, url)]) {
    const store = await opened(t, through);
    assert.deepEqual(await store.write(({ db }) => settings(db)), own);
    assert.deepEqual(await store.read((db) => settings(db)), own);
    assert.deepEqual(await store.read((db) => settings(db), { atOnce: true }), own);
  }
  const [name] = new URL(url).pathname.split('/').slice(-1);
  const [result] = await administer(name!, `SELECT current_setting('enable_seqscan') AS whole`);
  assert.equal(result?.rows[0].whole, 'on');
});

const steps = prepared<{ controller: string; id: string }, { seq: number }>(
  (value) =>
    sql`SELECT seq FROM pending WHERE controller = ${value('controller')} AND kind = 'user' AND id = ${value('id')}`,
);

test('postgres: a statement that was kept while its table was empty asks an index when thousands of rows are there', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  const [name] = new URL(url).pathname.split('/').slice(-1);
  const store = await opened(t, url);
  await administer(name!, 'VACUUM ANALYZE pending');
  await store.write(async ({ db }) => {
    for (let n = 0; n < 12; n++) await steps(db, { controller: 'ci', id: `p${n}` });
    await sql`INSERT INTO pending (controller, kind, id, seq, marked_at)
      SELECT 'ci', 'user', 'p' || n, n, 'now' FROM generate_series(1, 5000) AS n`.execute(db);
  });
  const scans = async (): Promise<{ read: number; asked: number }> => {
    const [, result] = await administer(
      name!,
      'SELECT pg_sleep(0.1)',
      `SELECT seq_tup_read AS read, idx_scan AS asked FROM pg_stat_all_tables WHERE relname = 'pending'`,
    );
    const { read, asked } = result!.rows[0];
    return { read: Number(read), asked: Number(asked) };
  };
  const before = await scans();
  for (let n = 1; n <= 50; n++)
    await store.write(async ({ db }) => {
      const { rows } = await steps(db, { controller: 'ci', id: `p${n}` });
      assert.deepEqual(rows, [{ seq: n }]);
    });
  // What a connection has counted is told when it ends at the latest; before PostgreSQL 15 a process of its own adds it up later.
  await store.close();
  let after = await scans();
  for (let look = 0; look < 50 && after.asked < before.asked + 50; look++) after = await scans();
  assert.equal(after.read, before.read, 'the table was not read whole');
  assert.ok(after.asked >= before.asked + 50, 'its index was asked');
});
