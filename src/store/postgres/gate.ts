import type { CompiledQuery, QueryResult } from 'kysely';
import type { PostgresConnection } from './connection.ts';

interface Offer {
  readonly connection: PostgresConnection;
  /** Resolves when what stands before the statements on this connection has succeeded. */
  readonly ready: Promise<unknown>;
}

/**
 * Lets the statements of a callback follow what has to succeed before them, e.g. a BEGIN, without waiting for its answer: they
 * travel together. Their answers count only then; where it failed they had no effect, and are sent again with the next offer.
 */
export class Gate {
  #offer: Offer | undefined;
  #open: PostgresConnection | undefined;
  #next = Promise.withResolvers<void>();
  #failed = Promise.withResolvers<never>();
  #callOff: (() => void) | undefined;
  #closed = false;

  constructor() {
    this.#failed.promise.catch(() => {});
    this.#next.promise.catch(() => {});
  }

  /** Rejects when the statements cannot be answered any more. */
  get lost(): Promise<never> {
    return this.#failed.promise;
  }

  offer(connection: PostgresConnection, ready: Promise<unknown>): void {
    const offer = { connection, ready };
    this.#offer = offer;
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers<void>();
    this.#next.promise.catch(() => {});
    resolve();
    ready.then(
      () => {
        if (this.#offer !== offer) return;
        this.#open = connection;
        if (!this.#closed) this.#callOff = connection.onLost(this.#failed.reject);
      },
      () => {
        if (this.#offer === offer) this.withdraw();
      },
    );
  }

  /** What is asked from now on is not sent before the next offer; what was sent has no effect, and is sent again with it. */
  withdraw(): void {
    if (this.#open === undefined) this.#offer = undefined;
  }

  /** Nobody waits for `lost` any more: the connection, which lives on, forgets this gate. */
  close(): void {
    this.#closed = true;
    this.#callOff?.();
    this.#callOff = undefined;
  }

  /** There is no further offer. */
  fail(error: unknown): void {
    this.#failed.reject(error);
    this.#next.reject(error);
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#open === undefined ? this.#withOffer(query) : this.#open.executeQuery<R>(query);
  }

  async #withOffer<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    for (;;) {
      if (this.#open !== undefined) return this.#open.executeQuery<R>(query);
      const next = this.#next.promise;
      if (this.#offer !== undefined) {
        const { connection, ready } = this.#offer;
        const answer = connection.executeQuery<R>(query);
        answer.catch(() => {});
        if (await succeeds(ready)) return answer;
      }
      await next;
    }
  }

  /** Behind the statements so far, once the gate is open; in a message of its own, so that it is run where one of them fails. */
  run(sql: string): Promise<unknown> {
    if (this.#open === undefined) throw new Error('there is no transaction yet');
    this.#open.part();
    return this.#open.run(sql);
  }

  /** For a cursor, once the gate is open. */
  async connection(): Promise<PostgresConnection> {
    for (;;) {
      if (this.#open !== undefined) return this.#open;
      const next = this.#next.promise;
      if (this.#offer !== undefined && (await succeeds(this.#offer.ready))) return this.#offer.connection;
      await next;
    }
  }
}

async function succeeds(promise: Promise<unknown>): Promise<boolean> {
  try {
    await promise;
    return true;
  } catch {
    return false;
  }
}
