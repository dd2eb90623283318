import { Worker } from 'node:worker_threads';
import type { Clock } from '../../access/ports/clock.ts';
import type { Asked } from './checkpointThread.ts';
import type { SqliteConnection } from './connection.ts';

/** Pages that may wait in the log before it is written into the file, as SQLite has it. */
export const PAGES = 1_000;
/** Pages from which on the writer waits for a thread that falls behind, and does without one that is gone: the log has an end. */
const MOST_PAGES = 40_000;
/** Pages that the next commit waits for: a few milliseconds on a slow disk, 100 for a thousand. */
export const LAST = 64;
/** Times in a row that the thread is asked for what was committed while it was at work. */
const ROUNDS = 8;
/** Milliseconds before the thread is asked again after a try that got nowhere: a reader may hold the log. */
const AGAIN = 100;
/** Megabytes. */
const THREAD = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };

/**
 * Writes the log of a database into its file beside the event loop. A commit that did it by itself, as SQLite would have it, held
 * every request for 0.3 s after 100,000 rows (docs/decisions/014). For the last pages the next commit waits, so that the log begins
 * anew.
 */
export class Checkpointer {
  readonly #path: string;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #thread: Worker | undefined;
  #running = false;
  /** The thread has been through the log, up to what came meanwhile. */
  #through = false;
  #waiting = 0;
  #rounds = 0;
  #notBefore = 0;
  #idle: (() => void)[] = [];
  #failed = false;
  #closed = false;

  constructor(path: string, clock: Pick<Clock, 'monotonic'>) {
    this.#path = path;
    this.#clock = clock;
  }

  /** To be called after each commit, outside of a transaction; the next one is to wait for it. */
  async committed(connection: SqliteConnection): Promise<void> {
    if (this.#closed) return;
    const { log, waiting } = pagesOf(connection, 'NOOP');
    const long = log >= MOST_PAGES;
    if (long) await this.still();
    if (waiting < PAGES) {
      if (this.#through) await this.#last(waiting, long);
      return;
    }
    if (long && (this.#through || this.#failed)) {
      this.#through = false;
      pagesOf(connection, 'PASSIVE');
      return;
    }
    if (this.#running || this.#clock.monotonic() < this.#notBefore) return;
    if (this.#through && waiting >= this.#waiting) this.#notBefore = this.#clock.monotonic() + AGAIN;
    this.#ask(waiting, 0);
  }

  /** What was committed while the thread was at work; once that is little, everybody waits for it. */
  async #last(waiting: number, long: boolean): Promise<void> {
    const little = waiting <= LAST || long || this.#rounds >= ROUNDS;
    if (this.#running) return;
    this.#ask(waiting, this.#rounds + 1);
    if (!little) return;
    await this.still();
    this.#through = false;
  }

  #ask(waiting: number, rounds: number): void {
    this.#through = false;
    this.#waiting = waiting;
    this.#rounds = rounds;
    this.#running = true;
    this.#thread ??= this.#start();
    this.#thread.postMessage('checkpoint' satisfies Asked);
  }

  /** Resolves when the thread has done what it was told, or is gone. */
  still(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    // Whoever waits for the thread must not be left behind by a process that has nothing else to do.
    this.#thread?.ref();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread === undefined) return;
    thread.ref();
    const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    thread.postMessage('close' satisfies Asked);
    await gone;
    this.#stop();
  }

  #stop(): void {
    this.#thread?.unref();
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #start(): Worker {
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
    const file = new URL(`./checkpointThread${extension}`, import.meta.url);
    const thread = new Worker(file, { workerData: this.#path, resourceLimits: THREAD });
    thread.unref();
    thread.on('message', () => {
      this.#stop();
      this.#failed = false;
      this.#through = true;
    });
    // Without it the writer does everything by itself once the log is long; another one is started then.
    const gone = (): void => {
      if (this.#thread !== thread) return;
      this.#failed = true;
      this.#thread = undefined;
      this.#stop();
      this.#notBefore = this.#clock.monotonic() + AGAIN;
    };
    thread.on('error', gone);
    thread.on('exit', gone);
    return thread;
  }
}

/** Pages in the log, and how many of them are not in the file; `PASSIVE` writes those that nobody holds. */
function pagesOf(connection: SqliteConnection, mode: 'NOOP' | 'PASSIVE'): { log: number; waiting: number } {
  const [row] = connection.rows<{ log: number; checkpointed: number }>(`PRAGMA wal_checkpoint(${mode})`);
  const { log, checkpointed } = row!;
  return { log, waiting: log - checkpointed };
}
