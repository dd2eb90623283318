import type { TestContext } from 'node:test';
import pg from 'pg';
import type { Fault } from '../faults/faults.ts';
import { matrix } from '../faults/matrix.ts';
import { faulted } from '../faults/world.ts';
import { dropping, named, postgresMissing } from './database.ts';
import { type PostgresServer, startPostgres } from './server.ts';

const MOST = 24;
let running: { server: PostgresServer; databases: number } | undefined;

/** A server of its own, which the faults happen to; a database of its own for each. */
async function place(t: TestContext): Promise<string> {
  const own = { max_connections: MOST, superuser_reserved_connections: 0, max_wal_senders: 0 };
  running ??= { server: await startPostgres(own), databases: 0 };
  const { server } = running;
  const name = `fault_${running.databases++}`;
  await as(server.url, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE template0`));
  t.after(() =>
    as(server.url, async (client) => {
      for (const statement of dropping(name)) await client.query(statement);
    }),
  );
  return named(server.url, name);
}

async function as<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const server = (): PostgresServer => running!.server;
const newest = (): string => named(server().url, `fault_${running!.databases - 1}`);
const setting = (text: string): Promise<unknown> =>
  as(server().url, async (client) => {
    await client.query('SET default_transaction_read_only = off');
    await client.query(`ALTER SYSTEM ${text}`);
    await client.query('SELECT pg_reload_conf()');
    // The server reads it in its own time; a connection that is new by then has it.
    for (;;) {
      const shown = await as(server().url, (other) => other.query('SHOW default_transaction_read_only'));
      if ((shown.rows[0].default_transaction_read_only === 'on') === text.startsWith('SET')) return;
    }
  });

/** Somebody else's transaction, held until it is mended. */
const holding =
  (...statements: string[]): Fault['strike'] =>
  async () => {
    const holder = new pg.Client({ connectionString: newest() });
    await holder.connect();
    for (const statement of ['BEGIN', ...statements]) await holder.query(statement);
    return () => holder.end();
  };

const FAULTS: readonly Fault[] = [
  {
    name: 'postgres: the server is gone',
    reason: /nothing listens there|the server is starting/,
    code: 'STORE_UNREACHABLE',
    strike: () => server().crash(),
  },
  {
    name: 'postgres: the machine of the server is gone without a word',
    reason: /does not answer/,
    code: 'STORE_UNREACHABLE',
    strike: () => server().freeze(),
  },
  {
    name: 'postgres: all connections of the server are somebody else’s',
    reason: /no free connection/,
    code: 'STORE_CONNECTIONS',
    async strike(world) {
      const others: pg.Client[] = [];
      const take = async (): Promise<boolean> => {
        const client = new pg.Client({ connectionString: server().url });
        client.on('error', () => {});
        others.push(client);
        return client.connect().then(
          () => true,
          () => others.pop() === undefined,
        );
      };
      await take();
      const ended = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jenkins-scim'`;
      await others[0]!.query(ended);
      while (await take());
      // One that still went away while the others were taken.
      await world.send('GET', '/Users?count=1');
      await others[0]!.query(ended);
      while (await take());
      return async () => void (await Promise.all(others.map((client) => client.end())));
    },
  },
  {
    name: 'postgres: the server is read-only',
    reason: /takes no writes/,
    code: 'STORE_FAILED',
    async strike() {
      await setting('SET default_transaction_read_only = on');
      return async () => void (await setting('RESET default_transaction_read_only'));
    },
  },
  {
    name: 'postgres: the disk of the server is full',
    reason: /the disk of the server is full/,
    code: 'STORE_FAILED',
    async strike() {
      await as(newest(), (client) =>
        client.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
          CREATE TRIGGER full_disk BEFORE INSERT ON ledger FOR EACH STATEMENT EXECUTE FUNCTION full_disk();
          CREATE TRIGGER full_disk BEFORE INSERT ON counters FOR EACH STATEMENT EXECUTE FUNCTION full_disk()`),
      );
      return async () => void (await as(newest(), (client) => client.query('DROP FUNCTION full_disk CASCADE')));
    },
  },
  {
    name: 'postgres: somebody else holds the lock of writers',
    reason: /locked by another process/,
    code: 'STORE_BUSY',
    strike: holding('SELECT pg_advisory_xact_lock(7310223511)'),
  },
  {
    name: 'postgres: somebody else has locked a table',
    reason: /locked by another process/,
    code: 'STORE_BUSY',
    strike: holding('LOCK TABLE users IN ACCESS EXCLUSIVE MODE'),
  },
];

if (postgresMissing === undefined)
  for (const fault of FAULTS)
    matrix(fault, { open: async (t) => faulted(t, { server: await place(t) }), intact: () => {} });

process.once('exit', () => running?.server.drop());
