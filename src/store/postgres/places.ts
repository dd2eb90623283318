import { refuse } from '../../errors.ts';
import type { PostgresConnection } from './connection.ts';
import type { Patience } from './patience.ts';

interface PlacesParts extends Patience {
  readonly open: () => Promise<PostgresConnection>;
}

const CONNECTIONS = 8;

/** The connections for reading: whoever reads holds one of so many places, with a connection or on the way to one. */
export class Places {
  readonly #parts: PlacesParts;
  readonly #free: PostgresConnection[] = [];
  #taken = 0;
  #closed = false;
  readonly #waiting: (() => void)[] = [];
  #idle: (() => void)[] = [];

  constructor(parts: PlacesParts) {
    this.#parts = parts;
  }

  /** @throws ScimError STORE_FAILED where none becomes free in time, or it is closed */
  async take(): Promise<void> {
    this.requireOpen();
    if (this.#taken < CONNECTIONS) {
      this.#taken += 1;
      return;
    }
    const { timers, patience } = this.#parts;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = timers.after(patience, () => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
      reject(refuse('STORE_FAILED', { reason: `all ${CONNECTIONS} connections for reading are busy` }));
    });
    this.#waiting.push(resolve);
    await promise.finally(() => timer.cancel());
  }

  /** @throws ScimError STORE_FAILED */
  requireOpen(): void {
    if (this.#closed) throw refuse('STORE_FAILED', { reason: 'it is closed' });
  }

  /** For who has a place: a connection that nobody uses, if there is one. */
  idle(): PostgresConnection | undefined {
    let connection = this.#free.pop();
    while (connection?.ended === true) connection = this.#free.pop();
    return connection;
  }

  /** For who has a place. Where the server gives no further connection, one that another read has given back does. */
  async connection(): Promise<PostgresConnection> {
    return this.idle() ?? (await this.#parts.open());
  }

  /** Whoever takes the connection next queues behind what was sent on it. */
  give(connection: PostgresConnection): void {
    if (!connection.ended) this.#free.push(connection);
    this.leave();
  }

  /** Gives the place back, without a connection. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    this.#taken -= 1;
    if (this.#taken === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Takes nobody any more; resolves when all places are free. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#taken > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await Promise.all(this.#free.splice(0).map((connection) => connection.close()));
  }
}
