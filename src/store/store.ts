import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { StorePort, Transaction } from '../access/ports/store.ts';
import type { Timers } from '../access/ports/timers.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { openSqlite } from './sqlite/open.ts';
import type { Tables } from './tables.ts';

/** A running transaction over all tables. */
export type Tx = Transaction<Tables>;

export interface StoreStatus {
  /** The last migration that was applied. */
  readonly schema: number;
  readonly users: number;
  readonly groups: number;
  readonly members: number;
  /** Of the database file with what waits beside it. */
  readonly bytes: number;
}

/** The database of the product. */
export interface Store extends StorePort<Tables> {
  status(): Promise<StoreStatus>;
  /**
   * Writes a consistent copy while the service runs, mode 0600, durable when it resolves.
   * @throws ScimError STORE_FILE if the file exists or cannot be written
   */
  backup(file: string): Promise<void>;
}

export interface StoreParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export interface StoreOptions {
  /** False refuses an older schema instead of migrating it (STORE_OLDER). Default true. */
  readonly migrate?: boolean;
  readonly migrations?: readonly Migration[];
  /** Told of each query of a callback, with its SQL; for tests and tracing. */
  readonly observe?: (sql: string) => void;
}

/**
 * Opens the database named by the configuration, `sqlite:./path`; makes and migrates it where needed.
 * @throws ScimError STORE_LATER, STORE_NEWER, STORE_OLDER, STORE_BUSY, STORE_FAILED, CFG_FILE_MODE
 */
export async function openStore(url: string, parts: StoreParts, options: StoreOptions = {}): Promise<Store> {
  return openSqlite(url, parts, { migrate: true, migrations: MIGRATIONS, ...options });
}
