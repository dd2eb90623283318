import { isDeepStrictEqual } from 'node:util';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { isBlind } from '../blind.ts';
import { firstMet, isFatal } from './failure.ts';
import type { Gate } from './gate.ts';
import { sqlState } from './sqlState.ts';

/** What is set before a write of a batch: none of those before it is gone as long as it is not known whether their writes stand. */
export function savepoint(place: number): string {
  return `one_${place}`;
}

interface Done {
  readonly query: CompiledQuery;
  /** Absent for a statement whose answer nobody needs. */
  readonly result?: QueryResult<unknown>;
}

const NO_ANSWER = Object.freeze({ rows: [] });

/**
 * The statements of one write. PostgreSQL spoils a transaction with the first error; where a callback survives an error that
 * it expected, what it did before is done again from its savepoint before its next statement, and must come out the same.
 */
export class Attempt implements DatabaseConnection {
  readonly #gate: Gate;
  /** Of the savepoint before it. */
  place = 0;
  readonly #done: Done[] = [];
  readonly #checks: Promise<unknown>[] = [];
  #blind: Promise<unknown>[] = [];
  #blindError: { readonly error: unknown } | undefined;
  #spoiled = false;
  #failure: unknown;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** Whether it stands on something that was not waited for. */
  get isGiven(): boolean {
    return this.#checks.length > 0;
  }

  /** An error about the server or the connection that a statement met, even if its caller went on. */
  get failure(): unknown {
    return this.#failure;
  }

  /** What the first bad one met of the statements whose answers were not waited for. */
  get bad(): unknown {
    return this.#blindError?.error;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#spoiled) await this.recover();
    if (isBlind(query)) {
      this.#send(query);
      this.#done.push({ query });
      return NO_ANSWER as unknown as QueryResult<R>;
    }
    try {
      const result = await this.#gate.executeQuery<R>(query);
      if (query.query.kind !== 'SelectQueryNode') this.#done.push({ query, result });
      return result;
    } catch (error) {
      const cause = this.#blindError === undefined ? firstMet(error) : this.#blindError.error;
      this.#spoiled = true;
      if (isFatal(cause)) this.#failure ??= cause;
      throw cause;
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  /** The write stands only where this resolves. */
  given(check: Promise<unknown>): void {
    check.catch(() => {});
    this.#checks.push(check);
  }

  /** What a check says against it, once that is known of all of them; the server's own errors are none. */
  async refusal(): Promise<{ readonly error: unknown } | undefined> {
    const bad = (await Promise.allSettled(this.#checks)).filter((one) => one.status === 'rejected');
    const refused = bad.find(({ reason }) => sqlState(reason) === undefined && reason !== this.#failure);
    return refused === undefined ? undefined : { error: refused.reason };
  }

  /** Resolves when all it stands on holds, and each statement whose answer was not waited for has succeeded. @throws what refuses it */
  async confirmed(): Promise<void> {
    const refused = await this.refusal();
    if (refused !== undefined) throw refused.error;
    await Promise.allSettled(this.#blind);
    if (this.#failure !== undefined) throw this.#failure;
    await this.#answered();
    await Promise.all(this.#checks);
    if (this.#spoiled) throw new Error('a check went on after an error');
  }

  async #answered(): Promise<void> {
    await Promise.all(this.#blind);
    if (this.#blindError !== undefined) throw this.#blindError.error;
  }

  /** Brings the transaction back to what the callback believes. @throws Error where that cannot be done */
  async recover(): Promise<void> {
    if (!this.#spoiled) return;
    await this.#answered();
    await this.undo();
    this.#spoiled = false;
    this.#blind = [];
    for (const { query, result } of this.#done) {
      if (result === undefined) this.#send(query);
      else if (!isDeepStrictEqual(await this.#gate.executeQuery(query), result)) {
        this.#failure ??= new Error('a write that met an error could not be brought back to what it had read');
        throw this.#failure;
      }
    }
  }

  /** Takes back everything the write did. */
  async undo(): Promise<void> {
    await this.#gate.run(`ROLLBACK TO SAVEPOINT ${savepoint(this.place)}`);
  }

  #send(query: CompiledQuery): void {
    const answer = this.#gate.executeQuery(query);
    answer.catch((error: unknown) => {
      this.#blindError ??= { error };
      if (isFatal(error)) this.#failure ??= error;
    });
    this.#blind.push(answer);
  }
}
