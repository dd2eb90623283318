import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import pg from 'pg';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { type CopyWitness, copyStore } from '../../src/store/copy.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { holderName } from '../../src/sync/lease/lease.ts';
import { startPresence } from '../../src/sync/lease/presence.ts';
import { temporaryFolder } from '../store/open.ts';
import { administer, postgresMissing, temporaryDatabase } from './database.ts';
import { pooler } from './pooler.ts';

const parts = { clock: systemClock, timers: systemTimers, log: SILENT, alive: () => true };
const skip = postgresMissing ?? false;
const keys = parseKeyFile(newKeyFile(systemRandom.bytes));
const caller = { connection: 'okta', credential: 'c', request: 'r' };

function over(store: Store) {
  const ledger = createLedger({ store, keys, clock: systemClock, random: systemRandom });
  const directory = createDirectory({
    store,
    clock: systemClock,
    random: systemRandom,
    recorder: ledger,
    wake: () => {},
  });
  return { ledger, directory };
}

async function fill(store: Store): Promise<void> {
  const { ledger, directory } = over(store);
  const ids: string[] = [];
  for (let n = 0; n < 12; n++) {
    const emails = [{ value: `ana${n}@x.test` }, { value: `ana${n}@x.test` }];
    ids.push((await directory.createUser(caller, { userName: `ana${n} ß\ue000`, active: true, emails })).id);
  }
  await directory.createGroup(
    caller,
    { displayName: 'ops' },
    ids.map((value) => ({ value })),
  );
  await directory.deleteUser(caller, ids[0]!);
  for (const id of ids.slice(4, 7)) await directory.changeUser(caller, id, (now) => ({ ...now, active: false }));
  await store.write(async ({ db }) => {
    await db.insertInto('expired').values({ key: 'rule\0person', at: 'now' }).execute();
    const rows = Array.from({ length: 1_100 }, (_, n) => ({ key: `k${n}`, at: 'now' }));
    await db.insertInto('expired').values(rows).execute();
  });
  await ledger.seal();
  await ledger.signHead();
}

test('a copy to PostgreSQL and back is the same, and the ledger holds in both', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const first = `sqlite:${join(folder, 'first.db')}`;
  const middle = await temporaryDatabase(t);
  const last = `sqlite:${join(folder, 'last.db')}`;
  const store = await openStore(first, parts);
  await fill(store);
  const verdict = await over(store).ledger.verify();
  await store.close();

  const said: string[] = [];
  const there = await copyStore(first, middle, parts, (text) => void said.push(text));
  for (const text of ['copying expired: 500 rows', 'copying expired: 1101 rows', 'comparing expired: 1000 rows'])
    assert.ok(said.includes(text), text);
  const copy = await openStore(middle, parts, { migrate: false });
  assert.deepEqual(await over(copy).ledger.verify(), verdict);
  await copy.close();
  const back = await copyStore(middle, last, parts);
  assert.deepEqual(back, there);
  assert.ok(there.rows > 1_150);
  const [known] = await administer(
    new URL(middle).pathname.slice(1),
    `SELECT reltuples::int AS rows FROM pg_class WHERE relname = 'expired'`,
  );
  assert.equal(known?.rows[0].rows, 1_101, 'the server was told what is in it');

  const again = await openStore(last, parts, { migrate: false });
  t.after(() => again.close());
  assert.deepEqual(await over(again).ledger.verify(), verdict);
  const odd = await again.read((db) => db.selectFrom('expired').select('key').where('key', 'like', 'rule%').execute());
  assert.deepEqual(
    odd.map(({ key }) => key),
    ['rule\0person'],
  );
});

test('the service goes on in the copy: numbers follow the highest, names stay unique', { skip }, async (t) => {
  const first = `sqlite:${join(temporaryFolder(t), 'first.db')}`;
  const target = await temporaryDatabase(t);
  const store = await openStore(first, parts);
  await fill(store);
  await store.close();
  await copyStore(first, target, parts);
  const copy = await openStore(target, parts, { migrate: false });
  t.after(() => copy.close());
  const { directory, ledger } = over(copy);
  await directory.createUser(caller, { userName: 'new', active: true });
  await assert.rejects(directory.createUser(caller, { userName: 'ANA3 ß\ue000' }), { code: 'SCIM_UNIQUENESS' });
  await ledger.seal();
  assert.equal((await ledger.verify()).unsealed, 0);
});

test('a copy and its record become usable together, and the chain goes on behind what was copied', {
  skip,
}, async (t) => {
  const first = `sqlite:${join(temporaryFolder(t), 'first.db')}`;
  const target = await temporaryDatabase(t);
  const store = await openStore(first, parts);
  await fill(store);
  const { records } = await over(store).ledger.verify();
  await store.close();
  const witness: CopyWitness = async (source) => (tx, copied) =>
    over(source).ledger.record(tx, { kind: 'database.copied', actor: 'eve', body: { digest: copied.digest } });
  const failing: CopyWitness = async () => async () => {
    throw new Error('the record cannot be made');
  };
  const other = await temporaryDatabase(t);
  await assert.rejects(copyStore(first, other, { ...parts, witness: failing }), /cannot be made/);
  await assert.rejects(openStore(other, parts, { migrate: false }), { code: 'STORE_INCOMPLETE' });
  const { digest } = await copyStore(first, target, { ...parts, witness });
  const copy = await openStore(target, parts, { migrate: false });
  t.after(() => copy.close());
  const { ledger } = over(copy);
  await ledger.seal();
  assert.equal((await ledger.verify()).records, records + 1);
  const [last] = await ledger.records(records + 1, 1);
  assert.deepEqual([last!.kind, last!.actor, last!.body], ['database.copied', 'eve', { digest }]);
});

test('when a migration was applied is copied, not when the tables of the copy were made', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const [first, last] = ['first.db', 'last.db'].map((name) => `sqlite:${join(folder, name)}`) as [string, string];
  const target = await temporaryDatabase(t);
  const store = await openStore(first, parts);
  await store.write(({ db }) => sql`UPDATE schema_migrations SET applied_at = '2026-01-01T00:00:00.000Z'`.execute(db));
  await store.close();
  await copyStore(first, target, parts);
  await copyStore(target, last, parts);
  const back = await openStore(last, parts);
  t.after(() => back.close());
  const { rows } = await back.read((db) =>
    sql<{ at: string }>`SELECT DISTINCT applied_at AS at FROM schema_migrations`.execute(db),
  );
  assert.deepEqual(rows, [{ at: '2026-01-01T00:00:00.000Z' }]);
});

test('a target that holds something is refused and left alone', { skip }, async (t) => {
  const first = `sqlite:${join(temporaryFolder(t), 'first.db')}`;
  const target = await temporaryDatabase(t);
  await (await openStore(first, parts)).close();
  await (await openStore(target, parts)).close();
  await assert.rejects(copyStore(first, target, parts), { code: 'STORE_COPY' });
});

test('half a copy is no database', { skip }, async (t) => {
  const first = `sqlite:${join(temporaryFolder(t), 'first.db')}`;
  const target = await temporaryDatabase(t);
  await (await openStore(first, parts)).close();
  await (await openStore(target, parts)).close();
  const database = new URL(target).pathname.slice(1);
  await administer(database, 'DELETE FROM schema_migrations');
  await assert.rejects(copyStore(first, target, parts), { code: 'STORE_COPY' });
  for (const migrate of [true, false])
    await assert.rejects(openStore(target, parts, { migrate }), {
      code: 'STORE_INCOMPLETE',
      message: 'The database is not whole: a copy or a dump into it was interrupted, or is under way',
    });
});

test('an idle replica behind a pooler keeps its database from being copied', { skip }, async (t) => {
  const url = await temporaryDatabase(t);
  const store = await openStore(await pooler(t, url, { size: 2 }), parts);
  const holder = { name: holderName('node-1', 7, systemRandom), alive: () => true };
  const presence = startPresence({ ...parts, store, clock: store.clock, holder });
  const rows = () => store.read((db) => db.selectFrom('leases').select('holder').execute());
  while ((await rows()).length === 0) await store.write(async () => {});
  const target = `sqlite:${join(temporaryFolder(t), 'copy.db')}`;
  await assert.rejects(copyStore(url, target, parts), { code: 'STORE_IN_USE', message: /process 7 on node-1 serves/ });
  await presence.stop();
  await store.close();
  assert.ok((await copyStore(url, target, parts)).tables > 0);
});

test('tables that are not of the service are neither copied nor touched, on either side', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const first = `sqlite:${join(folder, 'first.db')}`;
  await (await openStore(first, parts)).close();
  const [middle, other] = [await temporaryDatabase(t), await temporaryDatabase(t)];
  const name = (url: string) => new URL(url).pathname.slice(1);
  for (const url of [middle, other])
    await administer(
      name(url),
      'CREATE TABLE projects (id BIGINT GENERATED ALWAYS AS IDENTITY, title TEXT)',
      `INSERT INTO projects (title) VALUES ('of ${name(url)}'), ('gone')`,
      `DELETE FROM projects WHERE title = 'gone'`,
    );
  const { tables } = await copyStore(first, middle, parts);
  assert.equal((await copyStore(middle, other, parts)).tables, tables);
  assert.equal((await copyStore(other, `sqlite:${join(folder, 'last.db')}`, parts)).tables, tables);
  for (const url of [middle, other]) {
    const add = `INSERT INTO projects (title) VALUES ('next')`;
    const rows = (await administer(name(url), add, 'SELECT id::int, title FROM projects ORDER BY id'))[1]!.rows;
    assert.deepEqual(rows, [
      { id: 1, title: `of ${name(url)}` },
      { id: 3, title: 'next' },
    ]);
  }
});

test('no snapshot of the original is kept open while the copy is compared', { skip }, async (t) => {
  const source = await temporaryDatabase(t);
  const store = await openStore(source, parts);
  await fill(store);
  await store.close();
  const looking = new pg.Client({ connectionString: source });
  await looking.connect();
  await looking.query(`INSERT INTO expired (key, at) SELECT 'more ' || n, 'now' FROM generate_series(1, 20000) AS n`);
  let open: Promise<pg.QueryResult> | undefined;
  await copyStore(source, `sqlite:${join(temporaryFolder(t), 'copy.db')}`, parts, (text) => {
    if (text !== 'comparing expired: 10000 rows') return;
    open = looking.query(`SELECT query FROM pg_stat_activity WHERE datname = current_database()
      AND application_name = 'jenkins-scim' AND xact_start IS NOT NULL`);
  });
  const found = await open;
  await looking.end();
  assert.deepEqual(found?.rows, []);
});

test('a copy that is interrupted ends, and says what is left of it', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const [file, back] = [`sqlite:${join(folder, 'first.db')}`, `sqlite:${join(folder, 'back.db')}`];
  const server = await temporaryDatabase(t);
  const store = await openStore(file, parts);
  await fill(store);
  await store.close();
  for (const [from, to, left] of [
    [file, server, /SIGINT.* half of it is in the new database, which no service starts on/],
    [file, back, /SIGINT.* what there was of it is removed/],
  ] as const) {
    const interruption = new AbortController();
    const said: string[] = [];
    const copying = copyStore(from, to, { ...parts, interruption: interruption.signal }, (text) => {
      said.push(text);
      if (text.startsWith('copying expired')) interruption.abort('SIGINT');
    });
    await assert.rejects(copying, { code: 'STORE_COPY', message: left });
    assert.equal(said.at(-1)?.startsWith('copying expired'), true, 'nothing is done after it');
  }
  assert.equal(existsSync(join(folder, 'back.db')), false);
  await assert.rejects(openStore(server, parts, { migrate: false }), { code: 'STORE_INCOMPLETE' });
});

test('a copy to a server that goes away ends, and says what is to be done with what is left of it', {
  skip,
}, async (t) => {
  const first = `sqlite:${join(temporaryFolder(t), 'first.db')}`;
  const store = await openStore(first, parts);
  await fill(store);
  await store.close();
  const server = await temporaryDatabase(t);
  const name = new URL(server).pathname.slice(1);
  const away: CopyWitness = async () => async () => {
    await administer(
      'postgres',
      `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
    );
  };
  await assert.rejects(copyStore(first, server, { ...parts, witness: away }), {
    code: 'STORE_COPY',
    message: /was not copied: .*; what is in the new database by now is no copy: remove it, or name another one$/,
  });
});
