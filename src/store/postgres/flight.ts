import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { Field, Kept, KeptStatement } from './kept.ts';
import { sqlState } from './sqlState.ts';
import { type Bound, decode } from './text.ts';
import { Wire } from './wire.ts';

/** What the server answered to one statement. */
export interface Answer {
  readonly rows: Record<string, unknown>[];
  /** The first word of what it did; `ROLLBACK` to a COMMIT that it did not do. */
  readonly command: string;
  /** Rows that were read or changed; undefined where it is not about rows. */
  readonly count: number | undefined;
}

export interface How {
  /** Kept by the server where it can be, the first time already. */
  readonly keep?: boolean;
  /** Answered before what comes behind it in the same message. */
  readonly atOnce?: boolean;
}

interface Asked {
  readonly atOnce: boolean;
  readonly text: string;
  readonly values: readonly Bound[];
  /** Under which name the connection keeps it, where it does. */
  kept?: KeptStatement | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

const BOOLEAN = 16;
const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 1700]);
const number = (text: string): number => Number(text);
const boolean = (text: string): number => (text === 't' ? 1 : 0);

/** Values as SQLite gives them: numbers, texts, booleans as 0 and 1. */
export function parserOf(oid: number): (text: string) => unknown {
  return oid === BOOLEAN ? boolean : NUMBERS.has(oid) ? number : decode;
}

/** For a statement that the server did not run because one before it failed, in the server's own words for that. */
class Skipped extends Error {
  readonly code = '25P02';
  readonly severity = 'ERROR';

  constructor(first: unknown) {
    super('current transaction is aborted, commands ignored until end of transaction block', { cause: first });
  }
}

/** Runs when everything that can go on without an answer has gone on. */
export function whenStill(run: () => void): void {
  queueMicrotask(() => process.nextTick(run));
}

const wire = new Wire();

/**
 * Statements that travel in one message and are answered in one: the server wakes once for all of them, and so does the service. After
 * an error it runs none of those behind it. A statement that is kept is sent by its name, and the columns of its rows are known.
 */
export class Flight extends pg.Query {
  readonly #kept: Kept;
  readonly #asked: Asked[] = [];
  #at = 0;
  #over = false;
  #rows: Record<string, unknown>[] = [];
  #fields: readonly Field[] | undefined;

  constructor(kept: Kept) {
    super({ text: '' });
    this.#kept = kept;
  }

  /** Whether the last of its answers is there. */
  get isOver(): boolean {
    return this.#over;
  }

  get size(): number {
    return this.#asked.length;
  }

  ask(text: string, values: readonly Bound[], { keep = false, atOnce = false }: How): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ text, values, atOnce, resolve, reject, kept: this.#kept.find(text, keep) });
    });
  }

  override submit: (connection: unknown) => null = (connection) => {
    const taken = new Set<KeptStatement>();
    for (const asked of this.#asked) {
      // Another message takes it to the server just now and may fail: without a name it does no harm twice.
      if (asked.kept?.state === 'sent' && !taken.has(asked.kept)) asked.kept = undefined;
      const { text, values, kept } = asked;
      const statement = kept?.name ?? '';
      if (kept === undefined || kept.state === 'new') wire.parse(statement, text);
      if (kept?.state === 'new') {
        kept.state = 'sent';
        taken.add(kept);
      }
      wire.bind(statement, values);
      if (kept?.fields === undefined) wire.describe();
      wire.execute();
      if (asked.atOnce) wire.flush();
    }
    wire.sync();
    const { stream } = connection as { readonly stream: Duplex };
    const message = wire.take();
    if (stream.writable) stream.write(message);
    // `pg` takes anything else for an error.
    return null;
  };

  handleRowDescription({ fields }: { readonly fields: readonly { name: string; dataTypeID: number }[] }): void {
    this.#fields = fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }));
  }

  handleDataRow({ fields: cells }: { readonly fields: readonly (string | null)[] }): void {
    this.#fields ??= this.#asked[this.#at]?.kept?.fields ?? [];
    const fields = this.#fields;
    const row: Record<string, unknown> = {};
    for (let at = 0; at < fields.length; at++) {
      const cell = cells[at]!;
      row[fields[at]!.name] = cell === null ? null : fields[at]!.parse(cell);
    }
    this.#rows.push(row);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    const asked = this.#asked[this.#at++]!;
    if (asked.kept?.state === 'sent') {
      asked.kept.state = 'there';
      asked.kept.fields = this.#fields ?? [];
    }
    const rows = this.#rows;
    this.#rows = [];
    this.#fields = undefined;
    const space = text.indexOf(' ');
    const last = text.lastIndexOf(' ') + 1;
    const count = last > 0 ? Number(text.slice(last)) : Number.NaN;
    const command = space === -1 ? text : text.slice(0, space);
    asked.resolve({ rows, command, count: Number.isNaN(count) ? undefined : count });
  }

  handleError(error: unknown): void {
    const left = this.#asked.splice(this.#at);
    for (const { kept } of left) if (kept?.state === 'sent') this.#kept.forget(kept);
    this.#kept.met(error);
    // The server said nothing: what is behind may have been run all the same, a commit too.
    const unknown = sqlState(error) === undefined;
    left.shift()?.reject(error);
    // Who waits for the one that failed is told first.
    whenStill(() => {
      for (const { reject } of left) reject(unknown ? error : new Skipped(error));
    });
    this.#done();
  }

  handleReadyForQuery(): void {
    this.#done();
  }

  /** Stops the clock of `pg` that runs for each message. */
  #done(): void {
    this.#over = true;
    (this as unknown as { callback?: () => void }).callback?.();
  }
}
