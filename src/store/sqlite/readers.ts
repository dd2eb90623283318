import type { Kysely } from 'kysely';
import { breather } from '../../access/breather.ts';
import type { Breathe, ReadOptions } from '../../access/ports/store.ts';
import { refuse, ScimError } from '../../errors.ts';
import type { SqliteConnection } from './connection.ts';
import { isFatal, storeFailed } from './failure.ts';
import { type Patience, patiently } from './patience.ts';
import { session } from './session.ts';

interface ReaderParts extends Patience {
  readonly open: () => SqliteConnection;
}

/** What is read. */
interface Snapshot<Tables> {
  readonly connection: SqliteConnection;
  readonly db: Kysely<Tables>;
  readonly end: () => void;
  /** How many look at it. */
  reads: number;
}

/** Short reads that wait for the end of their turn. */
interface Gathering<Tables> {
  reads: number;
  readonly begun: Promise<Snapshot<Tables>>;
}

const CONNECTIONS = 4;
/** Kilobytes of pages that a connection beside the first one keeps: the first, which short reads use, has as many as a writer. */
const BESIDE_KB = 4_000;

/**
 * Reads on connections of their own: committed rows only, one snapshot for each callback. Short ones that are asked for in one turn of
 * the event loop begin when it is over and share a snapshot (docs/decisions/015).
 */
export class Readers<Tables> {
  readonly #parts: ReaderParts;
  /** The first one last: it is taken first. */
  readonly #free: SqliteConnection[] = [];
  #first: SqliteConnection | undefined;
  #open = 0;
  #closed = false;
  /** Told of a connection, or that there is room for another one. */
  readonly #waiting: ((connection: SqliteConnection | undefined) => void)[] = [];
  #idle: (() => void)[] = [];
  readonly #breathe: Breathe;
  #gathering: Gathering<Tables> | undefined;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#breathe = breather(parts.timers);
  }

  async read<T>(
    work: (db: Kysely<Tables>, breathe: Breathe) => Promise<T>,
    { atOnce = false }: ReadOptions = {},
  ): Promise<T> {
    if (this.#closed) throw refuse('STORE_FAILED', { reason: 'it is closed' });
    const seen = await (atOnce ? this.#together() : this.#begin(1));
    try {
      return await work(seen.db, this.#breathe);
    } catch (error) {
      throw isFatal(error) ? storeFailed(error) : error;
    } finally {
      seen.reads -= 1;
      if (seen.reads === 0) this.#end(seen);
    }
  }

  /** Takes no more; resolves when the running reads are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#gathering?.begun.catch(() => {});
    if (this.#free.length < this.#open) await new Promise<void>((resolve) => this.#idle.push(resolve));
    for (const connection of this.#free.splice(0)) connection.close();
    this.#open = 0;
  }

  #together(): Promise<Snapshot<Tables>> {
    this.#gathering ??= this.#gather();
    this.#gathering.reads += 1;
    return this.#gathering.begun;
  }

  #gather(): Gathering<Tables> {
    const begun = this.#breathe().then(() => {
      const { reads } = gathering;
      this.#gathering = undefined;
      return this.#begin(reads);
    });
    const gathering: Gathering<Tables> = { reads: 0, begun };
    return gathering;
  }

  async #begin(reads: number): Promise<Snapshot<Tables>> {
    const connection = await this.#take();
    const begun = { connection, ...session<Tables>(connection), reads };
    try {
      await patiently(this.#parts, () => snapshot(connection));
    } catch (error) {
      this.#end(begun);
      throw isFatal(error) ? storeFailed(error) : error;
    }
    return begun;
  }

  #end({ connection, end }: Snapshot<Tables>): void {
    end();
    if (connection.inTransaction) connection.run('ROLLBACK');
    this.#give(connection);
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
        if (this.#first === undefined) this.#first = connection;
        else connection.exec(`PRAGMA cache_size = -${BESIDE_KB}`);
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
    if (connection === this.#first) this.#free.push(connection);
    else this.#free.unshift(connection);
    if (this.#free.length === this.#open) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** SQLite takes the snapshot with the first read of a transaction, so there is one at once. */
function snapshot(connection: SqliteConnection): void {
  if (!connection.inTransaction) connection.run('BEGIN');
  connection.rows('SELECT 1 FROM sqlite_schema LIMIT 1');
}
