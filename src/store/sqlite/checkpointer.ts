import { Worker } from 'node:worker_threads';
import type { Clock } from '../../access/ports/clock.ts';
import type { Answered, Asked } from './checkpointThread.ts';
import type { SqliteConnection } from './connection.ts';

/** Pages that may wait in the log before it is written into the file, as SQLite has it. */
export const PAGES = 1_000;
/** Pages from which on the writer waits for a thread that falls behind, and does without one that is gone: the log has an end. */
const MOST_PAGES = 40_000;
/** Pages that the writer writes by itself between two commits: a few milliseconds on a slow disk, 100 for a thousand. */
export const OWN = 64;
/** Times in a row that the thread is asked for what was committed while it was at work. */
const ROUNDS = 8;
/** Milliseconds before the thread is asked again after a try that got nowhere: a reader may hold the log. */
const AGAIN = 100;
/** Megabytes. */
const THREAD = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };

/**
 * Writes the log of a database into its file beside the event loop. A commit that did it by itself, as SQLite would have it, held
 * every request for 0.3 s after 100,000 rows (docs/decisions/014). The thread does nearly all of it; the writer does the rest
 * between two commits, so that the log begins anew.
 */
export class Checkpointer {
  readonly #path: string;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #thread: Worker | undefined;
  #running: Answered | undefined;
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
    if (long && this.#running === 'checkpoint') await this.#still();
    if (this.#through && waiting > OWN && waiting < PAGES && !long && this.#rounds < ROUNDS) {
      if (this.#running === undefined) this.#askFor(waiting, this.#rounds + 1);
      return;
    }
    if (waiting < PAGES ? this.#through : long && (this.#through || this.#failed)) {
      this.#through = false;
      pagesOf(connection, 'PASSIVE');
      return;
    }
    if (waiting < PAGES || this.#running !== undefined || this.#clock.monotonic() < this.#notBefore) return;
    if (this.#through && waiting >= this.#waiting) this.#notBefore = this.#clock.monotonic() + AGAIN;
    this.#askFor(waiting, 0);
  }

  #askFor(waiting: number, rounds: number): void {
    this.#through = false;
    this.#waiting = waiting;
    this.#rounds = rounds;
    this.#ask('checkpoint');
  }

  /** In the midst of a long write: what of it is in the log is flushed, so that its commit has little left to wait for. */
  flush(): void {
    if (this.#running === undefined && !this.#closed) this.#ask('flush');
  }

  /** The same for all of it, before its commit: two flushes of one file would wait for each other, and everybody for both. */
  async flushed(): Promise<void> {
    if (this.#thread === undefined || this.#closed) return;
    await this.#still();
    this.flush();
    await this.#still();
  }

  /** Resolves when the thread has done what it was told, or is gone. */
  #still(): Promise<void> {
    if (this.#running === undefined) return Promise.resolve();
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

  #ask(what: Answered): void {
    this.#running = what;
    this.#thread ??= this.#start();
    this.#thread.postMessage(what satisfies Asked);
  }

  #stop(): void {
    this.#thread?.unref();
    this.#running = undefined;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #start(): Worker {
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
    const file = new URL(`./checkpointThread${extension}`, import.meta.url);
    const thread = new Worker(file, { workerData: this.#path, resourceLimits: THREAD });
    thread.unref();
    thread.on('message', (answered: Answered) => {
      this.#stop();
      this.#failed = false;
      if (answered === 'checkpoint') this.#through = true;
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
