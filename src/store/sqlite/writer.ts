import type { Log } from '../../access/ports/log.ts';
import type { Transaction, WriteOptions } from '../../access/ports/store.ts';
import { Trouble } from '../../access/trouble.ts';
import { refuse } from '../../errors.ts';
import { Callbacks, type Outcome } from './callbacks.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { SqliteConnection } from './connection.ts';
import type { Elsewhere } from './elsewhere.ts';
import { isBusy, isOfConnection, storeFailed } from './failure.ts';
import type { Patience } from './patience.ts';
import { pause } from './pause.ts';
import { Stamps } from './stamps.ts';
import { type Waiting, WaitingWrites } from './waitingWrites.ts';

interface WriterParts extends Patience {
  /** Its first connection. */
  readonly connection: SqliteConnection;
  /** Another one, after a failure. */
  readonly open: () => SqliteConnection;
  /** Told before a connection is given up. */
  readonly leaving: () => void;
  /** A connection in a thread, for one long write; without it everything is done here. */
  readonly elsewhere?: () => Elsewhere;
  /** Throws where the file is not the one that was opened. */
  readonly same: () => void;
  readonly log: Log;
  /** Where commits that fail are told beside the answers. */
  readonly troubles: Log;
  readonly checkpointer: Pick<Checkpointer, 'committed' | 'flush' | 'flushed'>;
}

const BATCH = 256;
/** Milliseconds after which a batch takes no further write: requests and timers want their turn, too. */
const SLICE = 20;

/**
 * Group commit (docs/decisions/002): the writes that wait in one turn of the event loop run one after another in one transaction,
 * a savepoint each but the first, and share its commit. A callback has to finish within the turn; one that waits for the outside
 * world is undone.
 */
export class Writer<Tables> {
  readonly #parts: WriterParts;
  readonly #callbacks: Callbacks<Tables>;
  readonly #trouble: Trouble;
  #connection: SqliteConnection | undefined;
  readonly #waiting: WaitingWrites<Tables>;
  #running = false;
  #closed = false;
  #idle: (() => void)[] = [];
  readonly #stamps: Stamps;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#waiting = new WaitingWrites(parts.clock, parts.patience);
    this.#callbacks = new Callbacks(parts);
    this.#stamps = new Stamps(parts.timers);
    this.#trouble = new Trouble({
      ...parts,
      log: parts.troubles,
      message: 'a commit failed',
      over: 'commits work again',
    });
    this.#connection = parts.connection;
  }

  write<T>(work: (tx: Transaction<Tables>) => Promise<T>, options: WriteOptions = {}): Promise<T> {
    if (this.#closed) return Promise.reject(refuse('STORE_FAILED', { reason: 'it is closed' }));
    const done = this.#waiting.add(work, options);
    this.#schedule();
    return done;
  }

  /** Takes no more; resolves when what waits is done. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
    const connection = this.#connection;
    this.#connection = undefined;
    try {
      connection?.close();
    } catch {
      // It is gone either way; the next attempt tells what is wrong.
    }
  }

  #schedule(): void {
    if (this.#running) return;
    this.#running = true;
    this.#parts.timers.nextTurn(() => void this.#turn(0));
  }

  async #turn(attempt: number): Promise<void> {
    const wait = await this.#attempt(attempt);
    if (wait > 0) {
      await pause(this.#parts.timers, wait);
      return this.#turn(attempt + 1);
    }
    this.#running = false;
    if (!this.#waiting.isEmpty) this.#schedule();
    else for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** As `stamp` of the port. */
  stamp(tables: readonly string[]): string | undefined {
    return this.#stamps.of(this.#connection, tables);
  }

  #another(): SqliteConnection {
    this.#stamps.anotherConnection();
    return this.#parts.open();
  }

  /** Milliseconds to wait before the next one; 0 where none is needed. */
  async #attempt(attempt: number): Promise<number> {
    const { next } = this.#waiting;
    if (next?.long === true) return this.#elsewhere(next);
    try {
      this.#parts.same();
      this.#connection ??= this.#another();
      this.#connection.run('BEGIN IMMEDIATE');
    } catch (error) {
      this.#connection?.takeFailure();
      if (isBusy(error)) return this.#waiting.outwait(error, attempt);
      if (isOfConnection(error)) this.#giveUp();
      this.#fail(this.#waiting.takeAll(), error);
      return 0;
    }
    await this.#batch(this.#connection, this.#waiting.take(BATCH));
    return 0;
  }

  async #batch(connection: SqliteConnection, batch: readonly Waiting<Tables>[]): Promise<void> {
    const settle: (() => void)[] = [];
    try {
      const end = this.#parts.clock.monotonic() + SLICE;
      for (const one of batch) {
        if (settle.length > 0 && (one.alone || this.#parts.clock.monotonic() > end)) break;
        settle.push(await this.#one(connection, one, settle.length === 0));
        if (one.alone) await this.#parts.checkpointer.flushed();
        if (one.alone || !connection.inTransaction) break;
      }
      if (connection.inTransaction) connection.run('COMMIT');
      this.#stamps.committed(connection.takeWritten());
      this.#waiting.giveBack(batch.slice(settle.length));
    } catch (failure) {
      this.#leave(connection, failure);
      this.#fail(batch, failure);
      return;
    }
    this.#trouble.well();
    for (const tell of settle) tell();
    await this.#checkpoint(connection);
  }

  /**
   * Runs the first that waits, a long one, in a thread: the event loop has its turns while statements and the commit are computed, which
   * for 100,000 rows is one call of more than 100 ms (docs/decisions/014). Milliseconds to wait before the next attempt.
   */
  async #elsewhere(one: Waiting<Tables>): Promise<number> {
    const thread = this.#thread();
    if (thread === undefined) {
      one.long = false;
      return 0;
    }
    try {
      this.#parts.same();
      const wait = await this.#begun(one, thread);
      if (wait !== undefined) return wait;
      this.#waiting.takeOne(one);
      await this.#inThread(one, thread);
    } catch (error) {
      this.#waiting.takeOne(one);
      this.#fail([one], error);
    } finally {
      await thread.close();
    }
    if (this.#connection !== undefined) await this.#checkpoint(this.#connection);
    return 0;
  }

  /** Undefined where there is none to be had. */
  #thread(): Elsewhere | undefined {
    try {
      return this.#parts.elsewhere?.();
    } catch {
      return undefined;
    }
  }

  /** Begins its transaction; otherwise the milliseconds to wait before the next attempt. @throws what SQLite does */
  async #begun(one: Waiting<Tables>, thread: Elsewhere): Promise<number | undefined> {
    for (let attempt = 0; ; attempt++) {
      try {
        await thread.run('BEGIN IMMEDIATE');
        return undefined;
      } catch (error) {
        if (thread.isGone) {
          // A thread that does not come up is no reason to refuse: it is done here, in parts.
          one.long = false;
          return 0;
        }
        if (!isBusy(error)) throw error;
        const wait = this.#waiting.outwait(error, attempt);
        if (!this.#waiting.has(one)) return wait;
        await pause(this.#parts.timers, wait);
      }
    }
  }

  /** @throws what makes it worthless */
  async #inThread(one: Waiting<Tables>, thread: Elsewhere): Promise<void> {
    const outcome = await this.#callbacks.inThread(thread, one.work);
    const failure = thread.takeFailure();
    if (failure !== undefined) throw failure;
    await thread.run('error' in outcome ? 'ROLLBACK' : 'COMMIT');
    this.#stamps.committed(thread.takeWritten());
    this.#stamps.forget();
    this.#trouble.well();
    this.#tell(one, outcome);
  }

  #tell(one: Waiting<Tables>, outcome: Outcome): void {
    if ('error' in outcome) {
      one.reject(outcome.error);
      return;
    }
    for (const hook of outcome.hooks) this.#hook(hook);
    one.resolve(outcome.value);
  }

  async #checkpoint(connection: SqliteConnection): Promise<void> {
    try {
      await this.#parts.checkpointer.committed(connection);
    } catch (failure) {
      // What was committed is safe; the next commit tells what is wrong with the disk.
      this.#leave(connection, connection.takeFailure() ?? failure);
    }
  }

  #fail(batch: readonly Waiting<Tables>[], failure: unknown): void {
    const error = storeFailed(failure);
    this.#trouble.met({ writes: batch.length, reason: error.message });
    for (const one of batch) one.reject(error);
  }

  /**
   * Runs one write; how to tell its caller once all is durable. What fails first ends the transaction: SQLite keeps what a
   * savepoint may have to bring back, page by page, and the first one needs none. @throws what makes the whole batch worthless
   */
  async #one(connection: SqliteConnection, one: Waiting<Tables>, first: boolean): Promise<() => void> {
    if (!first) connection.run('SAVEPOINT one');
    const outcome = await this.#callbacks.here(connection, one.work);
    const failure = connection.takeFailure();
    if (failure !== undefined) throw failure;
    if ('error' in outcome) connection.run(first ? 'ROLLBACK' : 'ROLLBACK TO one');
    if (!first) connection.run('RELEASE one');
    return () => this.#tell(one, outcome);
  }

  /** Leaves a failed transaction; a connection that is stuck in it, or may be why it failed, is given up. */
  #leave(connection: SqliteConnection, failure: unknown): void {
    connection.takeFailure();
    try {
      if (connection.inTransaction) connection.run('ROLLBACK');
      if (isOfConnection(failure)) this.#giveUp();
    } catch {
      this.#giveUp();
    }
  }

  #giveUp(): void {
    this.#parts.leaving();
    this.#connection?.close();
    this.#connection = undefined;
  }

  #hook(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.#parts.log.error('a hook after a commit failed', { reason: String(error) });
    }
  }
}
