import { existsSync } from 'node:fs';
import type { Kysely } from 'kysely';
import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { StorePort, Transaction } from '../access/ports/store.ts';
import type { Timers } from '../access/ports/timers.ts';
import { refuse } from '../errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { isPostgres } from './postgres/address.ts';
import type { ServerState } from './serverState.ts';
import { databasePath } from './sqlite/file.ts';
import { openSqlite } from './sqlite/open.ts';
import { restoreSqlite } from './sqlite/restore.ts';
import type { Tables } from './tables.ts';

/** A running transaction over all tables. */
export type Tx = Transaction<Tables>;

export interface StoreStatus {
  /** The last migration that was applied. */
  readonly schema: number;
  readonly users: number;
  readonly groups: number;
  readonly members: number;
  /** Of the database file with what waits beside it, or of the database on the server. */
  readonly bytes: number;
}

/** The database of the product: a file, or a PostgreSQL server. */
export interface Store extends StorePort<Tables> {
  /** What time it is (semantics §6): on PostgreSQL the server's, which all replicas share; on SQLite the clock that was given. */
  readonly clock: Clock;
  status(): Promise<StoreStatus>;
  /** What the server is like, for the doctor; undefined for a file. @throws ScimError STORE_* */
  server(): Promise<ServerState | undefined>;
  /**
   * Told, as a hint, that another process has committed something; never on SQLite. Who listens must find out the same without
   * it. @returns how to stop
   */
  onElsewhere(run: () => void): () => void;
  /**
   * Writes a consistent copy while the service runs, mode 0600, durable when it resolves.
   * @throws ScimError STORE_FILE if the file exists or cannot be written, STORE_EXTERNAL on PostgreSQL
   */
  backup(file: string): Promise<void>;
}

const PATIENCE_MS = 5_000;

export interface StoreParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export interface StoreOptions {
  /** False refuses an older schema instead of migrating it (STORE_OLDER). Default true. */
  readonly migrate?: boolean;
  readonly migrations?: readonly Migration[];
  /** Milliseconds a lock of another process is waited for before STORE_BUSY. Default 5,000. */
  readonly patience?: number;
  /** Told of each query of a callback, with its SQL; for tests and tracing. */
  readonly observe?: (sql: string) => void;
}

/**
 * Opens the database named by the configuration, `sqlite:./path` or `postgres://…`; makes and migrates it where needed.
 * @throws ScimError STORE_LATER, STORE_NEWER, STORE_OLDER, STORE_BUSY, STORE_FAILED, STORE_ADDRESS, STORE_SERVER, CFG_FILE_MODE
 */
export async function openStore(url: string, parts: StoreParts, options: StoreOptions = {}): Promise<Store> {
  // A service over a file does not pay for the client of a server.
  const open = isPostgres(url) ? (await import('./postgres/open.ts')).openPostgres : openSqlite;
  return open(url, parts, { migrate: true, migrations: MIGRATIONS, patience: PATIENCE_MS, ...options });
}

/** Whether the service was never here: no file yet, or an empty schema. @throws ScimError STORE_* */
export async function isNewStore(url: string, parts: StoreParts): Promise<boolean> {
  if (isPostgres(url)) return (await import('./postgres/open.ts')).isNewPostgres(url, parts, PATIENCE_MS);
  return url === 'sqlite::memory:' || !existsSync(databasePath(url));
}

/**
 * Puts a backup in the place of the database; what was there is kept as `….before-restore`. The caller puts every controller on
 * hold afterwards (semantics §3). `require` looks into the backup first, whatever its schema, and may refuse it.
 * @throws ScimError STORE_BUSY while any process has the database open, STORE_FILE, STORE_NEWER, STORE_EXTERNAL on PostgreSQL,
 * whatever `require` throws
 */
export async function restoreStore(
  url: string,
  file: string,
  require?: (db: Kysely<Tables>) => Promise<void>,
): Promise<void> {
  if (isPostgres(url)) throw refuse('STORE_EXTERNAL', { command: 'db restore', instead: 'pg_restore' });
  await restoreSqlite(url, file, MIGRATIONS, require);
}
