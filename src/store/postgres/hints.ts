import type { Log } from '../../access/ports/log.ts';
import type { Timers } from '../../access/ports/timers.ts';
import type { PostgresConnection } from './connection.ts';
import { answered, backoff } from './patience.ts';
import { CHANNEL } from './transaction.ts';

interface HintsParts {
  readonly open: () => Promise<PostgresConnection>;
  readonly timers: Timers;
  readonly log: Log;
  /** Name of this process: its own commits are no news. */
  readonly process: string;
}

/** Milliseconds in which a hint that we sent ourselves must have come back. */
const ECHO_MS = 5_000;
/** Milliseconds between two questions whether the server is still there: one that is gone without a word says nothing either. */
const ASK_MS = 30_000;
/** Milliseconds in which it answers. */
const ANSWER_MS = 5_000;

/**
 * Tells from a connection of its own, which is closed again. What a connection tells itself, it hears even through a pooler that
 * lets nothing else through.
 */
export async function tellFrom(open: () => Promise<PostgresConnection>, payload: string): Promise<void> {
  const connection = await open();
  try {
    await connection.script(`NOTIFY ${CHANNEL}, '${payload}'`);
  } finally {
    await connection.close();
  }
}

/**
 * Hears of commits of other processes, as a hint: whoever listens looks at the tables and would find the same without it, later.
 * A pooler in transaction mode lets no hint through; that is found out by an echo, and said once.
 */
export class Hints {
  readonly #parts: HintsParts;
  readonly #listeners = new Set<() => void>();
  #connection: PostgresConnection | undefined;
  #started = false;
  #closed = false;

  constructor(parts: HintsParts) {
    this.#parts = parts;
  }

  /** @returns how to stop */
  listen(run: () => void): () => void {
    this.#listeners.add(run);
    if (!this.#started) {
      this.#started = true;
      void this.#connect(0);
    }
    return () => {
      this.#listeners.delete(run);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connection?.close();
  }

  async #connect(attempt: number): Promise<void> {
    if (this.#closed) return;
    let connection: PostgresConnection | undefined;
    try {
      connection = await this.#parts.open();
      this.#connection = connection;
      if (this.#closed) return await connection.close();
      const echo = this.#echo(connection);
      connection.onNotification((payload) => {
        if (payload === this.#parts.process) echo();
        else for (const run of this.#listeners) run();
      });
      connection.lost.catch(() => this.#again(0));
      await this.#ask(connection, `LISTEN ${CHANNEL}`);
      await tellFrom(this.#parts.open, this.#parts.process);
      if (attempt > 0) for (const run of this.#listeners) run();
      this.#watch(connection);
    } catch {
      // Of one that was there its end tells, and may have told already.
      if (connection === undefined) this.#again(attempt);
      else await connection.close();
    }
  }

  async #ask(connection: PostgresConnection, sql: string): Promise<void> {
    await answered(this.#parts.timers, { connection, milliseconds: ANSWER_MS }, connection.script(sql));
  }

  #watch(connection: PostgresConnection): void {
    this.#parts.timers.after(ASK_MS, async () => {
      if (this.#closed || this.#connection !== connection) return;
      try {
        await this.#ask(connection, 'SELECT 1');
        this.#watch(connection);
      } catch {
        await connection.close();
      }
    });
  }

  #again(attempt: number): void {
    this.#connection = undefined;
    if (!this.#closed) this.#parts.timers.after(backoff(attempt + 5), () => void this.#connect(attempt + 1));
  }

  #echo(connection: PostgresConnection): () => void {
    let heard = false;
    this.#parts.timers.after(ECHO_MS, () => {
      // One that was cut off meanwhile could not hear it.
      if (heard || this.#closed || this.#connection !== connection) return;
      this.#parts.log.warn('no hints come through: a pooler in transaction mode stands before PostgreSQL', {
        consequence: 'changes made through other replicas are seen by the timers only',
      });
    });
    return () => {
      heard = true;
    };
  }
}
