import type { Kysely } from 'kysely';
import { refuse, ScimError } from '../../errors.ts';
import type { PostgresConnection } from './connection.ts';
import { isFatal, isLost, storeFailed } from './failure.ts';
import { type Patience, patiently } from './patience.ts';
import { session } from './session.ts';

interface ReaderParts extends Patience {
  readonly open: () => Promise<PostgresConnection>;
}

const CONNECTIONS = 8;
/** The snapshot is taken with the first statement, so there is one at once. */
const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1';

/** Reads on connections of their own: committed rows only, one snapshot for each callback. */
export class Readers<Tables> {
  readonly #parts: ReaderParts;
  readonly #free: PostgresConnection[] = [];
  /** Callbacks that hold a place, with a connection or on the way to one. */
  #taken = 0;
  #closed = false;
  readonly #waiting: (() => void)[] = [];
  #idle: (() => void)[] = [];

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  async read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    if (this.#closed) throw refuse('STORE_FAILED', { reason: 'it is closed' });
    await this.#place();
    let connection: PostgresConnection | undefined;
    try {
      connection = await patiently(this.#parts, () => this.#snapshot());
    } catch (error) {
      this.#leave();
      throw error instanceof ScimError ? error : storeFailed(error);
    }
    const { db, end } = session<Tables>(connection);
    try {
      return await Promise.race([work(db), connection.lost]);
    } catch (error) {
      throw isFatal(error) || isLost(error) ? storeFailed(error) : error;
    } finally {
      end();
      void this.#give(connection);
    }
  }

  /** Takes no more; resolves when the running reads are done. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#taken > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await Promise.all(this.#free.splice(0).map((connection) => connection.close()));
  }

  async #place(): Promise<void> {
    if (this.#taken === CONNECTIONS) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#taken += 1;
  }

  /** A connection in a transaction; one that broke while nobody used it is replaced. */
  async #snapshot(): Promise<PostgresConnection> {
    let connection = this.#free.pop();
    while (connection?.ended === true) connection = this.#free.pop();
    connection ??= await this.#parts.open();
    try {
      await connection.script(BEGIN);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #give(connection: PostgresConnection): Promise<void> {
    try {
      await connection.script('ROLLBACK');
      if (!connection.ended) this.#free.push(connection);
    } catch {
      await connection.close();
    }
    this.#leave();
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    this.#taken -= 1;
    if (this.#taken === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
