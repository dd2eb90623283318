import { Worker } from 'node:worker_threads';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { writtenBy } from './changes.ts';
import { bindable, type Observe } from './connection.ts';
import type { Answer, Role, Told } from './elsewhereThread.ts';
import { Noted } from './noted.ts';

/** Megabytes. What JavaScript answers within a statement (`fold` of texts that are not ASCII) stays until the statement is over. */
const OLD: Readonly<Record<Role, number>> = { write: 32, read: 128 };

interface Asked {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** A connection whose statements, and commits, are computed in a thread of its own: for one long write, or for long reads. */
export class Elsewhere extends Noted implements DatabaseConnection {
  readonly #thread: Worker;
  readonly #observe: Observe | undefined;
  /** What is not answered yet, in its order. */
  readonly #asked: Asked[] = [];
  #quiet: (() => void)[] = [];
  #gone = false;
  readonly #exited: Promise<void>;

  constructor(path: string, observe?: Observe, role: Role = 'write') {
    super();
    this.#observe = observe;
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
    const file = new URL(`./elsewhereThread${extension}`, import.meta.url);
    const resourceLimits = { maxOldGenerationSizeMb: OLD[role], maxYoungGenerationSizeMb: 4, stackSizeMb: 1 };
    this.#thread = new Worker(file, { workerData: { path, role }, resourceLimits });
    this.#thread.on('message', (answer: Answer) => {
      this.#asked.shift()?.resolve(answer);
      this.#rest();
    });
    this.#thread.on('error', (error: Error) => this.#lost(error));
    this.#exited = new Promise((resolve) =>
      this.#thread.on('exit', () => {
        this.#lost(new Error('its thread ended'));
        resolve();
      }),
    );
  }

  /** The thread is not there any more, or never was. */
  get isGone(): boolean {
    return this.#gone;
  }

  /** Resolves when everything is answered; undefined where it is. */
  quiet(): Promise<void> | undefined {
    if (this.#asked.length === 0) return undefined;
    return new Promise((resolve) => this.#quiet.push(resolve));
  }

  /** Runs one statement that gives no rows. */
  async run(sql: string): Promise<void> {
    await this.#ask({ sql, parameters: [], kind: undefined });
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#observe?.(query.sql);
    this.noteWritten(writtenBy(query.sql));
    const { names, rows, ...rest } = await this.#ask({
      sql: query.sql,
      parameters: query.parameters.map(bindable),
      kind: query.query.kind,
    });
    return { ...rest, rows: rows.map((row) => named<R>(names, row)) };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  /** What is not committed is undone. */
  async close(): Promise<void> {
    if (!this.#gone) this.#thread.postMessage('close');
    await this.#exited;
  }

  async #ask(told: Told): Promise<Extract<Answer, { readonly rows: unknown }>> {
    if (this.#gone) throw new Error('its thread ended');
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#thread.postMessage(told);
    });
    if ('rows' in answer) return answer;
    const error = Object.assign(new Error(answer.message), { errcode: answer.errcode });
    this.noteFailure(error);
    throw error;
  }

  #lost(error: Error): void {
    this.#gone = true;
    if (this.#asked.length > 0) this.noteLoss(error);
    for (const one of this.#asked.splice(0)) one.reject(error);
    this.#rest();
  }

  #rest(): void {
    if (this.#asked.length === 0) for (const resolve of this.#quiet.splice(0)) resolve();
  }
}

function named<R>(names: readonly string[], row: readonly unknown[]): R {
  const found: Record<string, unknown> = {};
  for (let at = 0; at < names.length; at++) found[names[at]!] = row[at];
  return found as R;
}
