import type { Kysely } from 'kysely';
import { breather } from '../../access/breather.ts';
import type { Breathe } from '../../access/ports/store.ts';
import type { Timer } from '../../access/ports/timers.ts';
import { refuse } from '../../errors.ts';
import type { Elsewhere } from './elsewhere.ts';
import { isFatal, storeFailed } from './failure.ts';
import { type Patience, patiently } from './patience.ts';
import { session } from './session.ts';

/** Milliseconds without a long read after which the thread ends: to start one takes 50. */
export const KEPT = 10_000;
/** Threads that one read is tried in. */
const THREADS = 2;

type Work<Tables, T> = (db: Kysely<Tables>, breathe: Breathe) => Promise<T>;

interface LongReaderParts extends Patience {
  /** A connection in a thread, for reading. @throws where there is none to be had */
  readonly elsewhere: () => Elsewhere;
}

/**
 * Reads that look through very much (docs/decisions/014): SQLite computes their statements in a thread, and the event loop has its turns
 * meanwhile. One after another: for the processor they would be in each other's way.
 */
export class LongReaders<Tables> {
  readonly #parts: LongReaderParts;
  readonly #breathe: Breathe;
  #thread: Elsewhere | undefined;
  /** Resolves when those that were asked for are done. */
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #rest: Timer | undefined;
  #closed = false;

  constructor(parts: LongReaderParts) {
    this.#parts = parts;
    this.#breathe = breather(parts.timers);
  }

  /**
   * As `read` of the port; where the thread is lost, `work` is run anew in another one. In this one it would hold everybody up, and what
   * took one thread's memory would take ours. @throws ScimError STORE_THREAD where that is lost, too, or none is to be had
   */
  async read<T>(work: Work<Tables, T>): Promise<T> {
    if (this.#closed) throw refuse('STORE_FAILED', { reason: 'it is closed' });
    this.#rest?.cancel();
    this.#waiting += 1;
    const reading = this.#last.then(() => this.#one(work));
    this.#last = reading.then(
      () => this.#done(),
      () => this.#done(),
    );
    return reading;
  }

  /** Takes no more; resolves when those that were asked for are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    this.#rest?.cancel();
    await this.#end();
  }

  #done(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#rest = this.#parts.timers.after(KEPT, () => void this.#end());
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.close();
  }

  async #one<T>(work: Work<Tables, T>): Promise<T> {
    for (let attempt = 1; attempt <= THREADS; attempt++) {
      const thread = await this.#begun();
      if (thread === undefined) continue;
      const { db, end } = session<Tables>(thread);
      try {
        return await work(db, this.#breathe);
      } catch (error) {
        if (!thread.isGone) throw isFatal(error) ? storeFailed(error) : error;
      } finally {
        end();
        await this.#over(thread);
      }
    }
    throw refuse('STORE_THREAD');
  }

  /** The thread with a snapshot that is begun; undefined where there is none to be had. @throws ScimError STORE_BUSY, STORE_FAILED */
  async #begun(): Promise<Elsewhere | undefined> {
    let thread: Elsewhere;
    try {
      thread = this.#thread ??= this.#parts.elsewhere();
    } catch {
      return undefined;
    }
    try {
      await patiently(this.#parts, () => snapshot(thread));
      return thread;
    } catch (error) {
      const lost = thread.isGone;
      await this.#end();
      if (lost) return undefined;
      throw storeFailed(error);
    }
  }

  /** Ends the snapshot; a thread that met trouble with the file makes room for another one. */
  async #over(thread: Elsewhere): Promise<void> {
    try {
      if (thread.takeFailure() === undefined) return await thread.run('ROLLBACK');
    } catch {
      // It is lost, or ends: the next read has another one.
    }
    await this.#end();
  }
}

/** SQLite takes the snapshot with the first read of a transaction, so there is one at once. */
async function snapshot(thread: Elsewhere): Promise<void> {
  await thread.run('BEGIN');
  try {
    await thread.run('SELECT 1 FROM sqlite_schema LIMIT 1');
  } catch (error) {
    await thread.run('ROLLBACK');
    throw error;
  }
}
