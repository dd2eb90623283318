import type { CompiledQuery, DatabaseConnection, Kysely, QueryResult } from 'kysely';
import { breather } from '../../access/breather.ts';
import type { Breathe } from '../../access/ports/store.ts';
import { ScimError } from '../../errors.ts';
import type { PostgresConnection } from './connection.ts';
import { firstMet, isFatal, isLost, SILENT_SERVER, storeFailed } from './failure.ts';
import { Gate } from './gate.ts';
import type { Home } from './home.ts';
import { answered, type Patience, patiently } from './patience.ts';
import type { Places } from './places.ts';
import { session } from './session.ts';
import { beginReading } from './transaction.ts';

interface ReaderParts extends Patience {
  readonly places: Places;
  readonly home: Home;
}

/**
 * Reads on connections of their own: committed rows only, one snapshot for each callback. The snapshot is asked for before the
 * callback runs and its first statement goes along with that; `beginning` is for who must not commit before it is there.
 */
export class Readers<Tables> {
  readonly #parts: ReaderParts;
  readonly #beginning = new Set<Promise<unknown>>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** Resolves when each snapshot that was asked for is taken; undefined where it is. */
  beginning(): Promise<unknown> | undefined {
    return this.#beginning.size === 0 ? undefined : Promise.allSettled(this.#beginning);
  }

  async read<T>(work: (db: Kysely<Tables>, breathe: Breathe) => Promise<T>): Promise<T> {
    const { places } = this.#parts;
    await places.take();
    const gate = new Gate();
    const connection = places.idle();
    const opening = this.#open(gate, connection);
    opening.catch(() => {});
    const { db, end } = session<Tables>(new Snapshot(gate));
    try {
      if (connection === undefined) await opening;
      return await Promise.race([work(db, breather(this.#parts.timers)), gate.lost]);
    } catch (met) {
      const error = firstMet(met);
      throw !(error instanceof ScimError) && (isFatal(error) || isLost(error)) ? storeFailed(error) : error;
    } finally {
      end();
      gate.close();
      opening.then(
        (used) => this.#give(used),
        () => places.leave(),
      );
    }
  }

  /** Puts the gate behind a snapshot; a connection that broke while nobody used it is replaced. @throws ScimError STORE_* */
  async #open(gate: Gate, first: PostgresConnection | undefined): Promise<PostgresConnection> {
    let idle = first;
    try {
      return await patiently(this.#parts, async () => {
        const connection = idle ?? (await this.#parts.places.connection());
        idle = undefined;
        const { home, timers, patience } = this.#parts;
        const taken = beginReading(connection, patience, true).then((found) => home.require(found));
        const begun = answered(timers, { connection, milliseconds: patience }, taken);
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
    const ended = answered(timers, { connection, milliseconds: patience }, connection.run('ROLLBACK'));
    ended.catch(() => connection.drop(SILENT_SERVER));
    this.#parts.places.give(connection);
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
