import { breather } from '../../access/breather.ts';
import type { Log } from '../../access/ports/log.ts';
import type { Breathe, Transaction, WriteOptions } from '../../access/ports/store.ts';
import type { Timer } from '../../access/ports/timers.ts';
import { Trouble } from '../../access/trouble.ts';
import { refuse, type ScimError } from '../../errors.ts';
import { takeTurns } from '../lanes.ts';
import type { PostgresConnection } from './connection.ts';
import { busy, isBusy, isLost, isReadOnly, SILENT_SERVER, storeFailed } from './failure.ts';
import type { Home } from './home.ts';
import { Line } from './line.ts';
import { answered, backoff, type Patience, patiently, pause } from './patience.ts';
import { Running, type Waiting } from './running.ts';
import { sqlState } from './sqlState.ts';
import { type Begun, begin, commit, type Fate, fate, tell } from './transaction.ts';

interface WriterParts extends Patience {
  readonly open: () => Promise<PostgresConnection>;
  readonly log: Log;
  /** Where commits that fail are told beside the answers. */
  readonly troubles: Log;
  readonly home: Home;
  /** Told what time the server has. */
  readonly onTime: (now: number) => void;
  /** Snapshots of this process that were asked for and are not there yet; no later commit may be in them. */
  readonly beginning: () => Promise<unknown> | undefined;
  /** Name of this process, for the hint that goes with a commit. */
  readonly process: string;
}

interface Batch extends Begun {
  readonly connection: PostgresConnection;
}

/** Milliseconds in which the server says itself that the lock was not to be had. */
const GRACE = 1_000;
/** Milliseconds between two looks at those who wait behind a round that takes too long. */
const AGAIN = 250;
const BATCH = 256;
/** Milliseconds after which a batch takes no further write: other replicas wait for the lock. */
const SLICE = 50;

/**
 * Group commit as on SQLite: the writes that wait run one after another (`Line`) in one transaction, a savepoint each, under the lock
 * that makes writes of all replicas serial, and share its commit. Nothing waits for an answer that it does not need: BEGIN goes
 * with the first statement, COMMIT with the last. A lost connection is replaced as long as no statement of a write was answered;
 * after that nothing is done twice: what is not known to be committed is refused.
 */
export class Writer<Tables> {
  readonly #parts: WriterParts;
  readonly #breathe: Breathe;
  readonly #trouble: Trouble;
  #connection: PostgresConnection | undefined;
  #waiting: Waiting<Tables>[] = [];
  /** Of those that waited, the ones that share the running round and have not begun. */
  #joining: Waiting<Tables>[] = [];
  #running = false;
  #closed = false;
  /** Writes that are not answered. */
  #open = 0;
  #idle: (() => void)[] = [];

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#breathe = breather(parts.timers);
    this.#trouble = new Trouble({
      ...parts,
      log: parts.troubles,
      message: 'a commit failed',
      over: 'commits work again',
    });
  }

  /** Whether one that comes now is likely to share a transaction. */
  get crowded(): boolean {
    return this.#open > 1;
  }

  write<T>(work: (tx: Transaction<Tables>) => Promise<T>, { lane }: WriteOptions = {}): Promise<T> {
    if (this.#closed) return Promise.reject(refuse('STORE_FAILED', { reason: 'it is closed' }));
    this.#open += 1;
    const answered = new Promise<T>((resolve, reject) => {
      const deadline = this.#parts.clock.monotonic() + this.#parts.patience;
      this.#waiting.push({
        work,
        resolve: resolve as (value: unknown) => void,
        reject,
        deadline,
        ...(lane === undefined ? {} : { lane }),
      });
      this.#schedule();
    });
    return answered.finally(() => {
      this.#open -= 1;
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
    for (;;) {
      const [first] = takeTurns(this.#waiting, 1);
      if (first === undefined) break;
      const watch = this.#watch();
      await this.#round(new Running(first, this.#breathe));
      watch.cancel();
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Whoever waits behind a round that does not come to its end is told so in time. */
  #watch(): Timer {
    const { clock, timers, patience } = this.#parts;
    let timer: Timer;
    const look = (): void => {
      const now = clock.monotonic();
      const late = (one: Waiting<Tables>): boolean => one.deadline <= now;
      for (const one of [...this.#joining, ...this.#waiting].filter(late)) one.reject(busy());
      this.#joining = this.#joining.filter((one) => !late(one));
      this.#waiting = this.#waiting.filter((one) => !late(one));
      timer = timers.after(AGAIN, look);
    };
    timer = timers.after(patience, look);
    return { cancel: () => timer.cancel() };
  }

  /** Begins a transaction and runs what waits by then, the first of them at once. */
  async #round(first: Running<Tables>): Promise<void> {
    const opening = this.#begin(first);
    first.start();
    const batch = await opening;
    if (batch === undefined) return;
    const ran: Running<Tables>[] = [first];
    this.#joining = takeTurns(this.#waiting, BATCH - 1);
    try {
      await this.#all(batch, ran);
      await this.#commit(batch, ran);
      this.#waiting.unshift(...this.#joining.splice(0));
    } catch (failure) {
      await this.#leave(failure);
      const others = this.#joining.splice(0);
      const own = ran.length + others.length === 1 && failure !== undefined && first.isOwn(failure);
      const error = own
        ? failure
        : failure instanceof Lost
          ? refuse('STORE_UNKNOWN', {}, failure)
          : storeFailed(failure);
      const writes = ran.length + others.length;
      if (!own) this.#trouble.met({ writes, reason: storeFailed(failure).message });
      for (const one of [...ran, ...others]) one.reject(error);
      return;
    }
    this.#trouble.well();
    for (const one of ran)
      one.tell((error) => this.#parts.log.error('a hook after a commit failed', { reason: String(error) }));
  }

  /** Runs the first write and those that join it. @throws what makes the whole batch worthless */
  async #all({ connection }: Batch, ran: Running<Tables>[]): Promise<void> {
    const end = this.#parts.clock.monotonic() + SLICE;
    const line = new Line<Tables>(connection, ran[0]!);
    for (;;) {
      await line.over();
      const waiting = this.#parts.clock.monotonic() <= end ? this.#joining.shift() : undefined;
      if (waiting === undefined) break;
      const next = new Running(waiting, this.#breathe);
      ran.push(next);
      line.add(next);
    }
    if (ran.length + this.#joining.length > 1 || ran[0]!.isUnsure) await line.settle();
  }

  /** Until it has begun; undefined where the first write has waited too long and is refused. */
  async #begin(first: Running<Tables>): Promise<Batch | undefined> {
    const { clock, timers } = this.#parts;
    for (let attempt = 0; ; attempt++) {
      try {
        if (this.#connection?.ended === true) this.#connection = undefined;
        this.#connection ??= await this.#parts.open();
        const connection = this.#connection;
        const left = first.deadline - clock.monotonic();
        const milliseconds = Math.max(0, left) + GRACE;
        const begun = answered(timers, { connection, milliseconds }, this.#begun(connection, left));
        first.gate.offer(connection, begun);
        const made = await begun;
        this.#parts.onTime(made.now);
        return { ...made, connection };
      } catch (error) {
        await this.#leave(error);
        const refusal = this.#outwait(error, first.deadline);
        if (refusal !== undefined) {
          first.gate.fail(refusal);
          first.reject(refusal);
          return undefined;
        }
      }
      await pause(timers, backoff(attempt));
    }
  }

  async #begun(connection: PostgresConnection, patience: number): Promise<Begun> {
    const begun = await begin(connection, patience);
    await this.#parts.home.require(begun.home);
    return begun;
  }

  /** Another process holds the lock, or the server is away: refuses whoever waited too long. */
  #outwait(error: unknown, deadline: number): ScimError | undefined {
    const again = isBusy(error) || isLost(error);
    const now = this.#parts.clock.monotonic();
    const late = this.#waiting.filter((one) => !again || one.deadline <= now);
    this.#waiting = this.#waiting.filter((one) => !late.includes(one));
    const refusal = (): ScimError => (isBusy(error) ? busy(error) : storeFailed(error));
    for (const one of late) one.reject(refusal());
    return again && deadline > now ? undefined : refusal();
  }

  /**
   * Sent together with the last statements of a batch of one. @throws Lost where nobody can say what became of it, another error
   * where nothing was made durable
   */
  async #commit(batch: Batch, ran: readonly Running<Tables>[]): Promise<void> {
    const { connection } = batch;
    const beginning = this.#parts.beginning();
    if (beginning !== undefined) await beginning;
    const committed = commit(connection);
    if (connection.takeChanged()) tell(connection, this.#parts.process);
    try {
      await committed;
    } catch (error) {
      if (!connection.ended && !isLost(error)) {
        await ran.at(-1)?.confirmed();
        throw error;
      }
      if (sqlState(error) !== undefined && !isLost(error)) throw error;
      this.#parts.log.warn('the connection was lost during a commit; asking what became of it', {});
      await this.#leave();
      const found = await this.#fate(batch);
      if (found === 'aborted') throw error;
      if (found !== 'committed') throw new Lost('the fate of a commit is unknown', { cause: error });
    }
  }

  /** Asks until the server has an answer, at most as long as a write may wait. */
  async #fate(begun: Begun): Promise<Fate> {
    const { clock, timers, patience } = this.#parts;
    const deadline = clock.monotonic() + patience;
    try {
      for (let attempt = 0; ; attempt++) {
        const found = await patiently(this.#parts, async () => {
          if (this.#connection?.ended === true) this.#connection = undefined;
          this.#connection ??= await this.#parts.open();
          return fate(this.#connection, begun);
        });
        if (found !== 'in progress' || clock.monotonic() >= deadline) return found;
        await pause(timers, backoff(attempt));
      }
    } catch {
      return 'unknown';
    }
  }

  /** Leaves a failed transaction; a connection that cannot is given up, and one to a server that takes no writes. */
  async #leave(failure?: unknown): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined || connection.ended) return;
    const { timers, patience } = this.#parts;
    try {
      await answered(timers, { connection, milliseconds: patience }, connection.script('ROLLBACK'));
      if (isReadOnly(failure)) await connection.close();
      else this.#connection = connection;
    } catch {
      connection.drop(SILENT_SERVER);
    }
  }
}

/** A commit of which nobody can say whether it took effect. */
class Lost extends Error {}
