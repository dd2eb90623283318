import { sql } from 'kysely';
import type { QueryResult } from 'pg';
import { instant } from '../../access/ports/clock.ts';
import { refuse, ScimError } from '../../errors.ts';
import { contents } from '../contents.ts';
import { requireSchema } from '../migrations/requireSchema.ts';
import type { Store, StoreOptions, StoreParts } from '../store.ts';
import type { Tables } from '../tables.ts';
import { address } from './address.ts';
import { type ConnectionParts, PostgresConnection } from './connection.ts';
import { storeFailed } from './failure.ts';
import { Hints } from './hints.ts';
import { Home } from './home.ts';
import { Often } from './kept.ts';
import { Looks } from './looks.ts';
import { hasSchema, migrate, schemaVersion } from './migrate.ts';
import { objectsOf, requireObjects } from './objects.ts';
import { type Patience, patiently } from './patience.ts';
import { Places } from './places.ts';
import { Readers } from './readers.ts';
import { serverState } from './serverState.ts';
import { Silence } from './silence.ts';
import { sqlState } from './sqlState.ts';
import { GROWN, Statistics } from './statistics.ts';
import { NOW } from './transaction.ts';
import { Writer } from './writer.ts';

type Options = StoreOptions & Required<Pick<StoreOptions, 'migrate' | 'migrations' | 'patience'>>;

/** `server_version_num` of the first server that will do. */
const OLDEST = 120_000;

/** Milliseconds. No statement of a read or a write takes so long, on a server that answers others. */
const SILENCE_MS = 60_000;

/** PostgreSQL, shared by any number of processes. @throws as `openStore` */
export async function openPostgres(
  url: string,
  { clock, timers, log, troubles }: Required<StoreParts>,
  options: Options,
): Promise<Store> {
  const { patience } = options;
  const connecting: ConnectionParts = { address: address(url), observe: options.observe, patience };
  const open = (): Promise<PostgresConnection> => PostgresConnection.open(connecting);
  const waiting: Patience = { clock, timers, patience };
  const { process, now, known } = await establish(open, waiting, options);
  const home = new Home({ known, look: () => atHome(open, options) });
  // By the clock that nobody sets: one that is set would move every time of the service until the next write.
  let ahead = now - clock.monotonic();
  const onTime = (server: number): void => {
    ahead = server - clock.monotonic();
  };
  const keeping = { allowed: true, often: new Often() };
  const silence = new Silence({ timers, patience, answers: () => answersAnew(open) });
  const pooled = async (): Promise<PostgresConnection> => {
    const connection = await PostgresConnection.open({ ...connecting, silence: SILENCE_MS, keeping });
    silence.watch(connection);
    return connection;
  };
  const places = new Places({ open: pooled, ...waiting });
  const readers = new Readers<Tables>({ places, home, ...waiting });
  const looks = new Looks<Tables>({ places, home, ...waiting });
  const beginning = () => readers.beginning();
  const writer = new Writer<Tables>({ open: pooled, log, troubles, process, home, onTime, beginning, ...waiting });
  const hints = new Hints({ open, timers, log, process });
  const statistics = new Statistics({
    ...{ timers, log },
    grown: async () =>
      (await readers.read((db) => sql.raw<{ name: string }>(GROWN).execute(db))).rows.map(({ name }) => name),
    run: (text) => once(open, waiting, (connection) => connection.script(text)),
  });
  return {
    far: true,
    crowded: () => writer.crowded,
    write: (work, options) => writer.write(work, options),
    read: (work, reading) => (reading?.atOnce === true ? looks.look(work) : readers.read(work)),
    clock: { now: () => Math.round(clock.monotonic() + ahead), monotonic: () => clock.monotonic() },
    onElsewhere: (run) => hints.listen(run),
    server: () => once(open, waiting, (connection) => serverState(connection, { clock, timers, open })),
    status: async () => ({ ...(await readers.read(contents)), bytes: await bytes(open) }),
    backup: async () => {
      throw refuse('STORE_EXTERNAL', { command: 'db backup', instead: 'pg_dump' });
    },
    close: async () => {
      await statistics.close();
      await Promise.all([writer.close(), places.close(), hints.close()]);
      silence.close();
    },
  };
}

/** Whether the service was never here: an empty schema. @throws ScimError STORE_* */
export async function isNewPostgres(url: string, { clock, timers }: StoreParts, patience: number): Promise<boolean> {
  const connecting: ConnectionParts = { address: address(url), observe: undefined, patience };
  return once(
    () => PostgresConnection.open(connecting),
    { clock, timers, patience },
    async (connection) => !(await hasSchema(connection)),
  );
}

/** Whether the server says anything to somebody new, be it that it takes nobody. */
async function answersAnew(open: () => Promise<PostgresConnection>): Promise<boolean> {
  try {
    await (await open()).close();
    return true;
  } catch (error) {
    return sqlState(error) !== undefined;
  }
}

/** The number of the tables that are there, where they are whole and this version knows them. @throws ScimError STORE_*, what the server says */
async function atHome(open: () => Promise<PostgresConnection>, { migrations }: Options): Promise<number> {
  const connection = await open();
  try {
    const home = await requireObjects(connection, objectsOf(migrations));
    const [found, known] = [await schemaVersion(connection), migrations.at(-1)?.id ?? 0];
    if (found < known)
      throw refuse('STORE_INCOMPLETE', { reason: `it has schema ${found}, this version needs ${known}` });
    return home;
  } finally {
    await connection.close();
  }
}

/** Looks at the server and makes the schema. @returns a name for this process that nobody else has, the server's time, and its tables */
async function establish(
  open: () => Promise<PostgresConnection>,
  waiting: Patience,
  { migrate: wanted, migrations }: Options,
): Promise<{ readonly process: string; readonly now: number; readonly known: number }> {
  return once(open, waiting, async (connection) => {
    const version = await requireServer(connection);
    const at = instant(waiting.clock);
    if (wanted) await migrate(connection, migrations, { at, version, patience: waiting.patience });
    else requireSchema(await schemaVersion(connection), migrations.at(-1)?.id ?? 0);
    const known = await requireObjects(connection, objectsOf(migrations));
    const [named] = await connection.script(
      `SELECT md5(pg_backend_pid()::text || clock_timestamp()::text || random()::text) AS process, ${NOW} AS now`,
    );
    return { ...(named?.rows[0] as { readonly process: string; readonly now: number }), known };
  });
}

async function once<T>(
  open: () => Promise<PostgresConnection>,
  waiting: Patience,
  work: (connection: PostgresConnection) => Promise<T>,
): Promise<T> {
  try {
    return await patiently(waiting, async () => {
      const connection = await open();
      try {
        return await work(connection);
      } finally {
        await connection.close();
      }
    });
  } catch (error) {
    throw error instanceof ScimError ? error : storeFailed(error);
  }
}

function problem(reason: string): never {
  throw refuse('STORE_SERVER', { reason });
}

/** A question inside a transaction, which a pooler may not allow. */
async function inTransaction(connection: PostgresConnection, sql: string): Promise<readonly QueryResult[]> {
  try {
    const [, results] = await Promise.all(['BEGIN READ ONLY', sql, 'ROLLBACK'].map((one) => connection.script(one)));
    return results!;
  } catch (error) {
    if (/statement pooling/.test(String(error)))
      problem('a pooler in statement mode stands before it; set pool_mode = transaction, or go past it');
    throw error;
  }
}

/**
 * Its `server_version_num`.
 * @throws ScimError STORE_SERVER where an acknowledged write could be lost or a comparison come out differently
 */
async function requireServer(connection: PostgresConnection): Promise<number> {
  const [result] = await inTransaction(
    connection,
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
      current_setting('fsync') AS fsync, pg_is_in_recovery() AS standby,
      EXISTS (SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu') AS icu, current_schema() AS home,
      current_setting('standard_conforming_strings') AS strings, current_setting('array_nulls') AS nulls,
      current_setting('session_replication_role') AS triggers`,
  );
  const { version, encoding, fsync, standby, icu, home, strings, nulls, triggers } = (result?.rows[0] ?? {}) as Record<
    string,
    string | number | null
  >;
  if (Number(version) < OLDEST) problem('it is older than 12');
  if (encoding !== 'UTF8') problem(`the encoding of the database is ${encoding}, not UTF8`);
  if (fsync !== 'on') problem('fsync is off: acknowledged changes could be lost');
  if (standby === 1) problem('it is a standby, which takes no writes');
  if (icu !== 1) problem('it was built without ICU, which names are compared by');
  if (home === null) problem('the search_path of the role names no schema that is there and that the role may use');
  if (strings !== 'on') problem('standard_conforming_strings is off, and texts would be read otherwise; turn it on');
  if (nulls !== 'on') problem('array_nulls is off, and what is empty would be stored as the word NULL; turn it on');
  if (triggers === 'replica') problem('session_replication_role is replica: no trigger and no foreign key would work');
  return Number(version);
}

async function bytes(open: () => Promise<PostgresConnection>): Promise<number> {
  const connection = await open();
  try {
    const [size] = await connection.script('SELECT pg_database_size(current_database()) AS bytes');
    return size?.rows[0]?.bytes as number;
  } finally {
    await connection.close();
  }
}
