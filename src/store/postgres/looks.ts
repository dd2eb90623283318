import type { CompiledQuery, DatabaseConnection, Kysely, QueryResult } from 'kysely';
import { breather } from '../../access/breather.ts';
import type { Breathe } from '../../access/ports/store.ts';
import { ScimError } from '../../errors.ts';
import { isKept } from '../prepared.ts';
import type { PostgresConnection } from './connection.ts';
import { isFatal, isLost, isOutdated, SILENT_SERVER, storeFailed } from './failure.ts';
import { whenStill } from './flight.ts';
import type { Home } from './home.ts';
import { answered, type Patience, patiently } from './patience.ts';
import type { Places } from './places.ts';
import { session } from './session.ts';
import { beginReading } from './transaction.ts';

interface LooksParts extends Patience {
  readonly places: Places;
  readonly home: Home;
}

type Result = QueryResult<unknown>;

/** Groups that are on their way at once; who comes later waits for the first of them to be answered. */
const FLYING = 2;
const GROUP = 64;
/** Milliseconds in which the server says itself that a lock was not to be had. */
const GRACE = 1_000;

/**
 * Reads whose statements are all asked for before the first answer. Those that come together are one transaction, with its end in one
 * message, and whoever asks the same as another one shares the answer. An error of a statement is for its own read: the others are asked again.
 */
export class Looks<Tables> {
  readonly #parts: LooksParts;
  readonly #breathe: Breathe;
  #waiting: Look[] = [];
  #flying = 0;
  #called = false;

  constructor(parts: LooksParts) {
    this.#parts = parts;
    this.#breathe = breather(parts.timers);
  }

  async look<T>(work: (db: Kysely<Tables>, breathe: Breathe) => Promise<T>): Promise<T> {
    this.#parts.places.requireOpen();
    const look = new Look();
    const { db, end } = session<Tables>(look);
    this.#waiting.push(look);
    this.#call();
    try {
      return await work(db, this.#breathe);
    } finally {
      end();
    }
  }

  #call(): void {
    if (this.#called || this.#flying >= FLYING) return;
    this.#called = true;
    whenStill(() => {
      this.#called = false;
      if (this.#waiting.length === 0) return;
      this.#flying += 1;
      void this.#fly(this.#waiting.splice(0, GROUP)).finally(() => {
        this.#flying -= 1;
        if (this.#waiting.length > 0) this.#call();
      });
      if (this.#waiting.length > 0) this.#call();
    });
  }

  async #fly(group: readonly Look[]): Promise<void> {
    for (const look of group) look.close();
    let left: readonly Look[] = group.filter((look) => look.asks);
    if (left.length === 0) return;
    const { places } = this.#parts;
    try {
      await places.take();
    } catch (error) {
      for (const look of left) look.fail(error);
      return;
    }
    let connection: PostgresConnection | undefined;
    try {
      await patiently(this.#parts, async () => {
        while (left.length > 0) {
          connection = connection?.ended === false ? connection : await places.connection();
          try {
            left = await this.#round(connection, left);
          } catch (error) {
            // Whatever state it is in: what comes next begins on another one.
            connection.drop(SILENT_SERVER);
            connection = undefined;
            throw error;
          }
        }
      });
    } catch (error) {
      const failed = error instanceof ScimError ? error : storeFailed(error);
      for (const look of left) look.fail(failed);
    }
    if (connection === undefined) places.leave();
    else places.give(connection);
  }

  /** @returns who has to ask again. @throws what is about the server or the connection, and met all who have no answer */
  async #round(connection: PostgresConnection, looks: readonly Look[]): Promise<readonly Look[]> {
    const { home, timers, patience } = this.#parts;
    const known = new Map<object, Map<string, Promise<Result>>>();
    const ask = (query: CompiledQuery): Promise<Result> => {
      if (!isKept(query)) return connection.executeQuery(query);
      const same = known.get(query.query) ?? new Map<string, Promise<Result>>();
      known.set(query.query, same);
      const key = JSON.stringify(query.parameters);
      const answer = same.get(key) ?? connection.executeQuery(query);
      same.set(key, answer);
      return answer;
    };
    const begun = beginReading(connection, patience).then((found) => home.require(found));
    const asked = looks.map((look) => look.ask(ask, begun));
    const all = Promise.allSettled([begun, ...asked, connection.run('ROLLBACK')]);
    const settled = await answered(timers, { connection, milliseconds: patience + GRACE }, all);
    const bad = settled.findIndex(({ status }) => status === 'rejected');
    if (bad === -1) return [];
    const { reason } = settled[bad] as PromiseRejectedResult;
    const left = looks.filter((look) => !look.answered);
    if (isLost(reason)) throw reason;
    if (!connection.ended) await connection.run('ROLLBACK');
    if (isOutdated(reason)) return left;
    if (bad === 0 || isFatal(reason) || left.length === 0) {
      for (const look of left) look.fail(storeFailed(reason));
      return [];
    }
    left[0]!.fail(reason);
    return left.slice(1);
  }
}

interface Question {
  readonly query: CompiledQuery;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** One read: what it asks, until it is answered. */
class Look implements DatabaseConnection {
  #questions: Question[] = [];
  #closed = false;
  #answered = false;

  get asks(): boolean {
    return this.#questions.length > 0;
  }

  get answered(): boolean {
    return this.#answered;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#closed) return Promise.reject(new Error('a read that asks everything at once asked for more later'));
    return new Promise<Result>((resolve, reject) => {
      this.#questions.push({ query, resolve, reject });
    }) as Promise<QueryResult<R>>;
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  close(): void {
    this.#closed = true;
  }

  /** Resolves when all is answered, and was told; the answers count where `begun` resolves. */
  async ask(send: (query: CompiledQuery) => Promise<Result>, begun: Promise<void>): Promise<void> {
    const results = await Promise.all(this.#questions.map(({ query }) => send(query)));
    await begun;
    this.#answered = true;
    for (const [at, { resolve }] of this.#questions.entries())
      resolve({ ...results[at]!, rows: [...results[at]!.rows] });
  }

  fail(error: unknown): void {
    for (const { reject } of this.#questions) reject(error);
  }
}
