import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { CATALOGUE } from '../../src/errors.ts';
import { openStore } from '../../src/store/open.ts';
import { postgresMissing } from './database.ts';
import { startPostgres } from './server.ts';

const MOST = 8;

/** Every connection that the user of the URL gets. */
async function takeAll(url: string): Promise<pg.Client[]> {
  const all: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    const taken = await client.connect().then(
      () => true,
      () => false,
    );
    if (!taken) return all;
    all.push(client);
  }
}

test('postgres: a server without a free connection is a 503 that says so, and goes well by itself later', {
  skip: postgresMissing ?? false,
}, async (t) => {
  const server = await startPostgres({ max_connections: MOST, superuser_reserved_connections: 0, max_wal_senders: 0 });
  t.after(() => server.stop());
  const store = await openStore(
    server.url,
    { clock: systemClock, timers: systemTimers, log: SILENT },
    { patience: 300 },
  );
  t.after(() => store.close());
  const others: pg.Client[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(others.splice(0).map((client) => client.end()));
  };
  t.after(release);
  others.push(...(await takeAll(server.url)));
  const write = () =>
    store.write(async ({ db }) => {
      await db.insertInto('expired').values({ key: 'a', at: 'now' }).execute();
    });
  const read = () => store.read((db) => db.selectFrom('expired').selectAll().execute());
  for (const run of [write, read])
    await assert.rejects(run(), { code: 'STORE_CONNECTIONS', message: /max_connections/ });
  assert.equal(CATALOGUE.STORE_CONNECTIONS.status, 503);
  await release();
  await write();
  assert.equal((await read()).length, 1);
});

test('postgres: connections that are kept for administrators are no limit of the role', {
  skip: postgresMissing ?? false,
}, async (t) => {
  const server = await startPostgres({ max_connections: MOST, superuser_reserved_connections: 3, max_wal_senders: 0 });
  t.after(() => server.stop());
  const administrator = new pg.Client({ connectionString: server.url });
  await administrator.connect();
  await administrator.query('CREATE ROLE plain LOGIN');
  await administrator.end();
  const url = server.url.replace('postgres@', 'plain@');
  const others = await takeAll(url);
  t.after(() => Promise.all(others.map((client) => client.end())));
  const opening = openStore(url, { clock: systemClock, timers: systemTimers, log: SILENT }, { patience: 300 });
  await assert.rejects(opening, { code: 'STORE_CONNECTIONS', message: /max_connections/ });
});
