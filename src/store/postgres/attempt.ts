import { isDeepStrictEqual } from 'node:util';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { PostgresConnection } from './connection.ts';
import { isFatal } from './failure.ts';

/** Set before each write of a batch. */
export const SAVEPOINT = 'one';

interface Done {
  readonly query: CompiledQuery;
  readonly result: QueryResult<unknown>;
}

/**
 * The statements of one write. PostgreSQL spoils a transaction with the first error; where a callback survives an error that
 * it expected, what it did before is done again from its savepoint before its next statement, and must come out the same.
 */
export class Attempt implements DatabaseConnection {
  readonly #connection: PostgresConnection;
  readonly #done: Done[] = [];
  #spoiled = false;
  #failure: unknown;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  /** An error about the server or the connection that a statement met, even if its caller went on. */
  get failure(): unknown {
    return this.#failure;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    await this.recover();
    try {
      const result = await this.#connection.executeQuery<R>(query);
      if (query.query.kind !== 'SelectQueryNode') this.#done.push({ query, result });
      return result;
    } catch (error) {
      this.#spoiled = true;
      if (isFatal(error)) this.#failure ??= error;
      throw error;
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  /** Brings the transaction back to what the callback believes. @throws Error where that cannot be done */
  async recover(): Promise<void> {
    if (!this.#spoiled) return;
    await this.undo();
    this.#spoiled = false;
    for (const { query, result } of this.#done) {
      const again = await this.#connection.executeQuery(query);
      if (!isDeepStrictEqual(again, result)) {
        this.#failure ??= new Error('a write that met an error could not be brought back to what it had read');
        throw this.#failure;
      }
    }
  }

  /** Takes back everything the write did. */
  async undo(): Promise<void> {
    await this.#connection.script(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
  }
}
