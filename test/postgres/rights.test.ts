import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { newKeyFile, parseKeyFile } from '../../src/config/keyFile.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { createLedger } from '../../src/ledger/createLedger.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open.ts';
import { storeFailed } from '../../src/store/postgres/failure.ts';
import { administer, postgresMissing, temporaryDatabase } from './database.ts';
import { documented } from './documented.ts';

const skip = postgresMissing ?? false;
const parts = { clock: systemClock, timers: systemTimers, log: SILENT };

test('postgres: the role that the documentation describes serves, seals, and cannot rewrite the ledger', {
  skip,
}, async (t) => {
  const url = await temporaryDatabase(t);
  const database = new URL(url).pathname.slice(1);
  await (await openStore(url, parts)).close();
  const role = `service_${database}`;
  await administer(database, ...documented('## Rights').map((line) => line.replaceAll('scim_service', role)));
  // The database, and with it what the role may do, is gone by then.
  t.after(() => administer('postgres', `DROP ROLE ${role}`));
  const as = new URL(url);
  as.username = role;
  const store = await openStore(as.href, parts, { migrate: false });
  const keys = parseKeyFile(newKeyFile(systemRandom.bytes));
  const ledger = createLedger({ store, keys, clock: systemClock, random: systemRandom });
  const directory = createDirectory({
    store,
    clock: systemClock,
    random: systemRandom,
    recorder: ledger,
    wake: () => {},
  });
  await directory.createUser(
    { connection: 'okta', credential: 'cred', request: 'req' },
    { userName: 'ana', active: true },
  );
  assert.equal(await ledger.seal(), 1);
  assert.equal((await store.server())?.mayRewriteLedger, false);
  const newer = [...MIGRATIONS, { id: MIGRATIONS.length + 1, name: 'next', up: ['CREATE TABLE next_one (id TEXT)'] }];
  await assert.rejects(openStore(as.href, parts, { migrations: newer }), { code: 'STORE_OLDER' });
  await administer(database, `REVOKE SELECT ON expired FROM ${role}`);
  const forbidden = { code: 'STORE_FAILED', message: /section Rights/ };
  const read = store.read((db) => db.selectFrom('expired').selectAll().execute());
  await assert.rejects(read, forbidden);
  const write = store.write(({ db }) => db.selectFrom('expired').selectAll().execute());
  await assert.rejects(write, forbidden);
  await store.close();

  const attacker = new pg.Client({ connectionString: as.href });
  await attacker.connect();
  for (const sql of [`UPDATE ledger SET body = '{}'`, 'DELETE FROM ledger', 'TRUNCATE ledger', 'DROP TABLE ledger'])
    await assert.rejects(attacker.query(sql), { code: '42501' }, sql);
  await attacker.end();

  const owner = await openStore(url, parts);
  t.after(() => owner.close());
  assert.equal((await owner.server())?.mayRewriteLedger, true);
  assert.equal((await owner.server())?.hints, true);
});

test('postgres: a user who may make no tables in an empty database is told so', { skip }, async (t) => {
  const url = new URL(await temporaryDatabase(t));
  const database = url.pathname.slice(1);
  url.username = `weak_${database}`;
  await administer(database, `CREATE ROLE ${url.username} LOGIN`, 'REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  t.after(() => administer('postgres', `DROP ROLE ${url.username}`));
  await assert.rejects(openStore(url.href, parts), { code: 'STORE_SERVER', message: /may make no tables/ });
});

test('postgres: what the driver says of a lost connection, and a time limit of the role, are told in our words', () => {
  const reason = (error: Error): unknown => storeFailed(error).details.reason;
  const lost = 'the connection to the server was lost';
  assert.equal(reason(new Error('Client has encountered a connection error and is not queryable')), lost);
  assert.equal(reason(new Error('Connection terminated unexpectedly')), lost);
  const ended = new Error('canceling statement due to statement timeout');
  assert.match(String(reason(Object.assign(ended, { code: '57014', severity: 'ERROR' }))), /statement_timeout/);
});
