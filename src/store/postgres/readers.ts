import type { CompiledQuery, DatabaseConnection, Kysely, QueryResult } from 'kysely';
import { breather } from '../../access/breather.ts';
import type { Breathe } from '../../access/ports/store.ts';
import { refuse, ScimError } from '../../errors.ts';
import type { PostgresConnection } from './connection.ts';
import { isFatal, isLost, SILENT_SERVER, storeFailed } from './failure.ts';
import { Gate } from './gate.ts';
import { answered, type Patience, patiently } from './patience.ts';
import { session } from './session.ts';

interface ReaderParts extends Patience {
  readonly open: () => Promise<PostgresConnection>;
}

const CONNECTIONS = 8;

/** The snapshot is taken with the first statement, so there is one at once. Somebody's lock on a table is waited for so long. */
const begin = (patience: number): string =>
  `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT set_config('lock_timeout', '${Math.max(1, Math.ceil(patience))}', true)`;

/**
 * Reads on connections of their own: committed rows only, one snapshot for each callback. The snapshot is asked for before the
 * callback runs and its first statement goes along with that; `beginning` is for who must not commit before it is there.
 */
export class Readers<Tables> {
  readonly #parts: ReaderParts;
  readonly #free: PostgresConnection[] = [];
  readonly #beginning = new Set<Promise<unknown>>();
  /** Callbacks that hold a place, with a connection or on the way to one. */
  #taken = 0;
  #closed = false;
  readonly #waiting: (() => void)[] = [];
  #idle: (() => void)[] = [];

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** Resolves when each snapshot that was asked for is taken; undefined where it is. */
  beginning(): Promise<unknown> | undefined {
    return this.#beginning.size === 0 ? undefined : Promise.allSettled(this.#beginning);
  }

  async read<T>(work: (db: Kysely<Tables>, breathe: Breathe) => Promise<T>): Promise<T> {
    if (this.#closed) throw refuse('STORE_FAILED', { reason: 'it is closed' });
    await this.#place();
    const gate = new Gate();
    const connection = this.#idleOne();
    const opening = this.#open(gate, connection);
    opening.catch(() => {});
    const { db, end } = session<Tables>(new Snapshot(gate));
    try {
      if (connection === undefined) await opening;
      return await Promise.race([work(db, breather(this.#parts.timers)), gate.lost]);
    } catch (error) {
      throw !(error instanceof ScimError) && (isFatal(error) || isLost(error)) ? storeFailed(error) : error;
    } finally {
      end();
      opening.then(
        (used) => this.#give(used),
        () => this.#leave(),
      );
    }
  }

  /** Takes no more; resolves when the running reads are done. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#taken > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await Promise.all(this.#free.splice(0).map((connection) => connection.close()));
  }

  /** @throws ScimError STORE_FAILED where none becomes free in time */
  async #place(): Promise<void> {
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

  #idleOne(): PostgresConnection | undefined {
    let connection = this.#free.pop();
    while (connection?.ended === true) connection = this.#free.pop();
    return connection;
  }

  /** Puts the gate behind a snapshot; a connection that broke while nobody used it is replaced. @throws ScimError STORE_* */
  async #open(gate: Gate, first: PostgresConnection | undefined): Promise<PostgresConnection> {
    let idle = first;
    try {
      return await patiently(this.#parts, async () => {
        // Where the server gives no further connection, one that another read has given back does.
        const connection = idle ?? this.#idleOne() ?? (await this.#parts.open());
        idle = undefined;
        const { timers, patience } = this.#parts;
        const begun = answered(timers, { connection, milliseconds: patience }, connection.script(begin(patience)));
        this.#beginning.add(begun);
        gate.offer(connection, begun);
        try {
          await begun;
        } catch (error) {
          connection.drop(SILENT_SERVER);
          throw error;
        } finally {
          this.#beginning.delete(begun);
        }
        return connection;
      });
    } catch (error) {
      const failed = error instanceof ScimError ? error : storeFailed(error);
      gate.fail(failed);
      throw failed;
    }
  }

  /** Whoever takes it next queues behind the ROLLBACK. */
  #give(connection: PostgresConnection): void {
    const { timers, patience } = this.#parts;
    const ended = answered(timers, { connection, milliseconds: patience }, connection.script('ROLLBACK'));
    ended.catch(() => connection.drop(SILENT_SERVER));
    if (!connection.ended) this.#free.push(connection);
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

/** What a read sees of its connection. */
class Snapshot implements DatabaseConnection {
  readonly #gate: Gate;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#gate.executeQuery<R>(query);
  }

  async *streamQuery<R>(query: CompiledQuery, chunk?: number): AsyncIterableIterator<QueryResult<R>> {
    yield* (await this.#gate.connection()).streamQuery<R>(query, chunk);
  }
}
