import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { StorePort, Transaction } from '../access/ports/store.ts';
import type { Timers } from '../access/ports/timers.ts';
import type { Migration } from './migrations/migration.ts';
import type { ServerState } from './serverState.ts';
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

export interface StoreParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** Where writes that fail are told beside the answer; `log` where nothing is said. */
  readonly troubles?: Log;
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
