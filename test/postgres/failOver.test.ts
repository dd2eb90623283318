import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { systemTimers } from '../../src/cli/edge.ts';
import { HeadOutside } from '../../src/sync/orders/headOutside.ts';
import { faulted } from '../faults/world.ts';
import { keepingLog } from '../server/world.ts';
import { postgresMissing } from './database.ts';
import { startPostgres } from './server.ts';
import { wayThrough } from './wayThrough.ts';

const skip = postgresMissing ?? false;

async function as<T>(url: string, statement: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** A server, its standby, and the one address that leads to whichever of them is in charge. */
async function pairOf(t: TestContext) {
  const primary = await startPostgres();
  t.after(() => primary.stop());
  const way = { charge: primary.url, streams: true };
  const open = new Set<Socket>();
  const through = (to: () => string | undefined) => (client: Socket) => {
    const url = to();
    if (url === undefined) return void client.destroy();
    const server = connect(Number(new URL(url).port), '127.0.0.1');
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const side of [client, server]) side.on('error', end).on('close', end);
    client.pipe(server).pipe(client);
    open.add(client);
  };
  const stream = await wayThrough(
    t,
    primary.url,
    through(() => (way.streams ? primary.url : undefined)),
  );
  const standby = await primary.standby(stream);
  return {
    ...{ primary, standby },
    url: await wayThrough(
      t,
      primary.url,
      through(() => way.charge),
    ),
    /** Until the standby has all that was committed; from then on it hears of nothing. */
    async cut(): Promise<void> {
      const [now] = await as<{ at: string }>(primary.url, 'SELECT pg_current_wal_lsn()::text AS at');
      const heard = `SELECT coalesce(pg_last_wal_replay_lsn() >= '${now!.at}', false) AS heard`;
      while ((await as<{ heard: boolean }>(standby.url, heard))[0]!.heard !== true) await systemTimers.sleep(50);
      way.streams = false;
      for (const client of open) client.destroy();
    },
    async failOver(): Promise<void> {
      await primary.crash();
      await as(standby.url, 'SELECT pg_promote()');
      way.charge = standby.url;
    },
  };
}

test('postgres: after a fail-over that lost what was acknowledged the service goes on, and every controller waits', {
  skip,
}, async (t) => {
  const { url, cut, failOver } = await pairOf(t);
  const world = await faulted(t, { server: url, patience: 5_000 });
  const { id } = (await world.create('ana')).json();
  const { store, ledger, keys } = world;
  const looking = new HeadOutside({
    ...{ store, recorder: ledger, keys, log: keepingLog(world.lines), acknowledged: ledger.acknowledged },
    ...{ config: { controllers: [{ name: 'ci' }] as never }, outside: { read: () => undefined, write: () => {} } },
  });
  await cut();
  const etag = (await world.send('GET', `/Users/${id}`)).headers.etag;
  assert.ok((await world.deactivate(id)).statusCode < 300);
  await failOver();
  assert.equal(await world.ready('later'), 200);
  const held = () => store.read((db) => db.selectFrom('controllers').select('on_hold').execute());
  const found = await world.send('GET', `/Users/${id}`);
  assert.deepEqual([found.statusCode, found.json().active, found.headers.etag], [200, true, etag]);
  assert.equal((await world.create('bo')).statusCode, 201);
  assert.deepEqual(await held(), []);
  await looking.lookBack();
  assert.deepEqual(
    (await held()).map(({ on_hold }) => on_hold),
    [1],
  );
  assert.ok((await world.deactivate(id)).statusCode < 300);
  await looking.lookBack();
  assert.equal(world.lines.filter(({ message }) => message.startsWith('the database is older')).length, 1);
});

test('postgres: while a synchronous standby is away nothing is acknowledged, reads go on, and it ends by itself', {
  skip,
}, async (t) => {
  const { primary, url, cut } = await pairOf(t);
  const set = async (text: string): Promise<void> => {
    await as(primary.url, `ALTER SYSTEM ${text}`);
    await as(primary.url, 'SELECT pg_reload_conf()');
  };
  const world = await faulted(t, { server: url, patience: 300 });
  const { id } = (await world.create('ana')).json();
  await set(`SET synchronous_standby_names = 'standby'`);
  await cut();
  let told = false;
  const waiting = world.deactivate(id).finally(() => {
    told = true;
  });
  const waits = `SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
  while ((await as(primary.url, waits)).length === 0) await systemTimers.sleep(50);
  const refused = await world.create('bo');
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [503, '1'], refused.body);
  assert.equal(await world.ready(), 503);
  assert.equal((await world.send('GET', `/Users/${id}`)).json().active, true);
  assert.equal(told, false);
  await set('RESET synchronous_standby_names');
  assert.ok((await waiting).statusCode < 300);
  assert.equal((await world.create('bo')).statusCode, 201);
  assert.equal(await world.ready('later'), 200);
  assert.deepEqual(await world.wholePeople(), ['ana', 'bo']);
});
