import type { Kysely } from 'kysely';
import { breather } from '../../access/breather.ts';
import type { Breathe } from '../../access/ports/store.ts';
import { refuse, ScimError } from '../../errors.ts';
import type { SqliteConnection } from './connection.ts';
import { isFatal, storeFailed } from './failure.ts';
import { type Patience, patiently } from './patience.ts';
import { session } from './session.ts';

interface ReaderParts extends Patience {
  readonly open: () => SqliteConnection;
}

const CONNECTIONS = 4;

/** Reads on connections of their own: committed rows only, one snapshot for each callback. */
export class Readers<Tables> {
  readonly #parts: ReaderParts;
  readonly #free: SqliteConnection[] = [];
  #open = 0;
  #closed = false;
  /** Told of a connection, or that there is room for another one. */
  readonly #waiting: ((connection: SqliteConnection | undefined) => void)[] = [];
  #idle: (() => void)[] = [];

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  async read<T>(work: (db: Kysely<Tables>, breathe: Breathe) => Promise<T>): Promise<T> {
    if (this.#closed) throw refuse('STORE_FAILED', { reason: 'it is closed' });
    const connection = await this.#take();
    const { db, end } = session<Tables>(connection);
    try {
      await patiently(this.#parts, () => snapshot(connection));
      return await work(db, breather(this.#parts.timers));
    } catch (error) {
      throw isFatal(error) ? storeFailed(error) : error;
    } finally {
      end();
      if (connection.inTransaction) connection.run('ROLLBACK');
      this.#give(connection);
    }
  }

  /** Takes no more; resolves when the running reads are done. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#free.length < this.#open) await new Promise<void>((resolve) => this.#idle.push(resolve));
    for (const connection of this.#free.splice(0)) connection.close();
    this.#open = 0;
  }

  async #take(): Promise<SqliteConnection> {
    for (;;) {
      const free = this.#free.pop();
      if (free !== undefined) return free;
      if (this.#open < CONNECTIONS) return this.#another();
      const given = await new Promise<SqliteConnection | undefined>((resolve) => this.#waiting.push(resolve));
      if (given !== undefined) return given;
    }
  }

  async #another(): Promise<SqliteConnection> {
    this.#open += 1;
    try {
      return await patiently(this.#parts, () => {
        const connection = this.#parts.open();
        connection.exec('PRAGMA query_only = ON');
        return connection;
      });
    } catch (error) {
      this.#open -= 1;
      this.#waiting.shift()?.(undefined);
      if (this.#free.length === this.#open) for (const resolve of this.#idle.splice(0)) resolve();
      throw error instanceof ScimError ? error : storeFailed(error);
    }
  }

  #give(connection: SqliteConnection): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next(connection);
      return;
    }
    this.#free.push(connection);
    if (this.#free.length === this.#open) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** SQLite takes the snapshot with the first read of a transaction, so there is one at once. */
function snapshot(connection: SqliteConnection): void {
  if (!connection.inTransaction) connection.run('BEGIN');
  connection.rows('SELECT 1 FROM sqlite_schema LIMIT 1');
}
