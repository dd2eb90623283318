import type { Log } from '../../access/ports/log.ts';
import type { Transaction } from '../../access/ports/store.ts';
import { refuse } from '../../errors.ts';
import { Attempt } from './attempt.ts';
import type { PostgresConnection } from './connection.ts';
import { isBusy, isLost, sqlState, storeFailed } from './failure.ts';
import { backoff, type Patience, patiently, pause } from './patience.ts';
import { session } from './session.ts';
import { type Begun, begin, commit, type Fate, fate, next, tell } from './transaction.ts';

interface Waiting<Tables> {
  readonly work: (tx: Transaction<Tables>) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Monotonic; STORE_BUSY or STORE_FAILED from then on. */
  readonly deadline: number;
}

interface WriterParts extends Patience {
  readonly open: () => Promise<PostgresConnection>;
  readonly log: Log;
  /** Told what time the server has. */
  readonly onTime: (now: number) => void;
  /** Name of this process, for the hint that goes with a commit. */
  readonly process: string;
}

type Outcome = { readonly value: unknown; readonly hooks: readonly (() => void)[] } | { readonly error: unknown };

const BATCH = 256;
/** Milliseconds after which a batch takes no further write: other replicas wait for the lock. */
const SLICE = 50;

/**
 * Group commit as on SQLite: the writes that wait run one after another in one transaction, a savepoint each, under the lock
 * that makes writes of all replicas serial, and share its commit. Before the first statement a lost connection is replaced;
 * after it nothing is done twice: what is not known to be committed is refused.
 */
export class Writer<Tables> {
  readonly #parts: WriterParts;
  #connection: PostgresConnection | undefined;
  #waiting: Waiting<Tables>[] = [];
  #running = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  write<T>(work: (tx: Transaction<Tables>) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(refuse('STORE_FAILED', { reason: 'it is closed' }));
    return new Promise<T>((resolve, reject) => {
      const deadline = this.#parts.clock.monotonic() + this.#parts.patience;
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject, deadline });
      this.#schedule();
    });
  }

  /** Takes no more; resolves when what waits is done. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#connection?.close();
    this.#connection = undefined;
  }

  #schedule(): void {
    if (this.#running) return;
    this.#running = true;
    this.#parts.timers.nextTurn(() => void this.#run());
  }

  async #run(): Promise<void> {
    for (let attempt = 0; this.#waiting.length > 0; ) {
      if (await this.#round()) attempt = 0;
      else await pause(this.#parts.timers, backoff(attempt++));
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** One batch. False where it could not begin and is to be tried again. */
  async #round(): Promise<boolean> {
    let begun: Begun;
    try {
      if (this.#connection?.ended === true) this.#connection = undefined;
      this.#connection ??= await this.#parts.open();
      const first = this.#waiting[0]?.deadline ?? 0;
      begun = await begin(this.#connection, first - this.#parts.clock.monotonic());
      this.#parts.onTime(begun.now);
    } catch (error) {
      await this.#leave();
      return this.#outwait(error);
    }
    await this.#batch(this.#connection, begun.id, this.#waiting.splice(0, BATCH));
    return true;
  }

  /** Another process holds the lock, or the server is away: refuses whoever waited too long. True where nobody waits any more. */
  #outwait(error: unknown): boolean {
    const again = isBusy(error) || isLost(error);
    const now = this.#parts.clock.monotonic();
    const late = this.#waiting.filter((one) => !again || one.deadline <= now);
    this.#waiting = this.#waiting.filter((one) => !late.includes(one));
    for (const one of late) one.reject(isBusy(error) ? refuse('STORE_BUSY', {}, error) : storeFailed(error));
    return this.#waiting.length === 0;
  }

  async #batch(connection: PostgresConnection, id: number, batch: readonly Waiting<Tables>[]): Promise<void> {
    const settle: (() => void)[] = [];
    try {
      const end = this.#parts.clock.monotonic() + SLICE;
      for (const one of batch) {
        if (settle.length > 0) {
          if (this.#parts.clock.monotonic() > end) break;
          await next(connection);
        }
        settle.push(await this.#savepoint(connection, one));
      }
      await this.#commit(connection, id);
      this.#waiting.unshift(...batch.slice(settle.length));
    } catch (failure) {
      await this.#leave();
      const error = storeFailed(failure);
      this.#parts.log.error('a commit failed', { writes: batch.length, reason: error.message });
      for (const one of batch) one.reject(failure instanceof Lost ? refuse('STORE_UNKNOWN', {}, failure) : error);
      return;
    }
    for (const tell of settle) tell();
  }

  /** @throws Lost where nobody can say what became of it, another error where nothing was made durable */
  async #commit(connection: PostgresConnection, id: number): Promise<void> {
    try {
      const committed = commit(connection);
      if (connection.takeChanged()) tell(connection, this.#parts.process);
      await committed;
    } catch (error) {
      if (sqlState(error) !== undefined && !isLost(error)) throw error;
      this.#parts.log.warn('the connection was lost during a commit; asking what became of it', {});
      await this.#leave();
      const found = await this.#fate(id);
      if (found === 'aborted') throw error;
      if (found !== 'committed') throw new Lost('the fate of a commit is unknown', { cause: error });
    }
  }

  /** Asks until the server has an answer, at most as long as a write may wait. */
  async #fate(id: number): Promise<Fate> {
    const { clock, timers, patience } = this.#parts;
    const deadline = clock.monotonic() + patience;
    try {
      for (let attempt = 0; ; attempt++) {
        const found = await patiently(this.#parts, async () => {
          if (this.#connection?.ended === true) this.#connection = undefined;
          this.#connection ??= await this.#parts.open();
          return fate(this.#connection, id);
        });
        if (found !== 'in progress' || clock.monotonic() >= deadline) return found;
        await pause(timers, backoff(attempt));
      }
    } catch {
      return 'unknown';
    }
  }

  /** Runs one write; how to tell its caller once all is durable. @throws what makes the whole batch worthless */
  async #savepoint(connection: PostgresConnection, one: Waiting<Tables>): Promise<() => void> {
    const attempt = new Attempt(connection);
    const outcome = await this.#outcome(connection, attempt, one.work);
    if (attempt.failure !== undefined) throw attempt.failure;
    if (connection.ended) await connection.lost;
    if ('error' in outcome) {
      await attempt.undo();
      return () => one.reject(outcome.error);
    }
    await attempt.recover();
    return () => {
      for (const hook of outcome.hooks) this.#hook(hook);
      one.resolve(outcome.value);
    };
  }

  async #outcome(connection: PostgresConnection, attempt: Attempt, work: Waiting<Tables>['work']): Promise<Outcome> {
    const { db, end } = session<Tables>(attempt);
    const hooks: (() => void)[] = [];
    const afterCommit = (run: () => void): void => {
      hooks.push(run);
    };
    try {
      return { value: await Promise.race([work({ db, afterCommit }), connection.lost]), hooks };
    } catch (error) {
      return { error };
    } finally {
      end();
    }
  }

  /** Leaves a failed transaction; a connection that cannot is given up. */
  async #leave(): Promise<void> {
    const connection = this.#connection;
    try {
      if (connection?.ended === false) await connection.script('ROLLBACK');
      else this.#connection = undefined;
    } catch {
      this.#connection = undefined;
      await connection?.close();
    }
  }

  #hook(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.#parts.log.error('a hook after a commit failed', { reason: String(error) });
    }
  }
}

/** A commit of which nobody can say whether it took effect. */
class Lost extends Error {}
