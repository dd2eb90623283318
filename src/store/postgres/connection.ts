import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import pg from 'pg';
import { isBlind } from '../blind.ts';
import type { Address } from './address.ts';
import { decode, encode } from './text.ts';

/** Told of each statement before it runs; tests count with it. */
export type Observe = (sql: string) => void;

export interface ConnectionParts {
  readonly address: Address;
  readonly observe: Observe | undefined;
  /** Milliseconds a new connection may take. */
  readonly patience: number;
  /** Milliseconds after which a server that leaves a statement without an answer is taken for gone; without, it is waited for. */
  readonly silence?: number;
}

const BOOLEAN = 16;
const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 1700]);
const number = (text: string): number => Number(text);
const boolean = (text: string): number => (text === 't' ? 1 : 0);
/** Values as SQLite gives them: numbers, texts, booleans as 0 and 1. */
const types = {
  getTypeParser: (oid: number) => (oid === BOOLEAN ? boolean : NUMBERS.has(oid) ? number : decode),
} as unknown as NonNullable<pg.ClientConfig['types']>;

/** One connection as Kysely needs it. It keeps nothing on the server between transactions, so a pooler may stand before it. */
export class PostgresConnection implements DatabaseConnection {
  readonly #client: pg.Client;
  readonly #observe: Observe | undefined;
  #ended = false;
  #changed = false;
  #streams = 0;
  #reason: Error | undefined;
  readonly #lost: Promise<never>;

  private constructor({ address, observe, patience, silence }: ConnectionParts) {
    this.#observe = observe;
    this.#client = new pg.Client({
      ...address,
      application_name: 'jenkins-scim',
      connectionTimeoutMillis: patience,
      keepAlive: true,
      pipeline: true,
      ...(silence === undefined ? {} : { query_timeout: silence }),
      types,
    });
    this.#lost = new Promise((_, reject) => {
      this.#client.on('error', (error) => {
        this.#reason ??= error;
      });
      this.#client.on('end', () => {
        this.#ended = true;
        reject(this.#reason ?? new Error('connection terminated'));
      });
    });
    this.#lost.catch(() => {});
  }

  /** @throws what the network or the server says */
  static async open(parts: ConnectionParts): Promise<PostgresConnection> {
    const connection = new PostgresConnection(parts);
    try {
      await connection.#client.connect();
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Whether a statement of the transaction changed a row; forgotten with each call. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Rejects when the connection ends. */
  get lost(): Promise<never> {
    return this.#lost;
  }

  /** Statements without parameters, one after another in one message; the rows of each. */
  async script(sql: string): Promise<readonly pg.QueryResult[]> {
    const results = (await this.#client.query(sql)) as unknown as pg.QueryResult | pg.QueryResult[];
    return Array.isArray(results) ? results : [results];
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#observe?.(query.sql);
    if (isBlind(query)) this.#changed = true;
    const values = query.parameters.map(bindable);
    const { rows, rowCount, command } = await this.#client.query({ text: query.sql, values });
    if (command !== 'SELECT' && (rowCount ?? 1) > 0) this.#changed = true;
    return query.query.kind === 'SelectQueryNode' ? { rows } : { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  }

  /** By a cursor where the query has no parameters, which the server does not take there. */
  async *streamQuery<R>(query: CompiledQuery, chunk = 1_000): AsyncIterableIterator<QueryResult<R>> {
    if (query.parameters.length > 0) return yield await this.executeQuery<R>(query);
    this.#observe?.(query.sql);
    const name = `stream_${++this.#streams}`;
    await this.script(`DECLARE ${name} NO SCROLL CURSOR FOR ${query.sql}`);
    for (;;) {
      const [fetched] = await this.script(`FETCH ${chunk} FROM ${name}`);
      const rows = (fetched?.rows ?? []) as R[];
      if (rows.length > 0) yield { rows };
      if (rows.length < chunk) break;
    }
    await this.script(`CLOSE ${name}`);
  }

  /** Told of each NOTIFY on the channels that were listened to. */
  onNotification(run: (payload: string) => void): void {
    this.#client.on('notification', ({ payload }) => run(payload ?? ''));
  }

  /** Breaks it off without a word: who waits for answers on it is told that it is lost. */
  drop(reason: string): void {
    this.#reason ??= new Error(reason);
    this.#client.connection.stream.destroy(this.#reason);
  }

  /** Says goodbye; at once where it is broken. */
  async close(): Promise<void> {
    if (this.#ended) return;
    const { stream } = this.#client.connection;
    // What it says to a goodbye is not waited for: it may be gone.
    stream.once('finish', () => stream.destroy());
    await this.#client.end().catch(() => {});
  }
}

function bindable(value: unknown): unknown {
  if (typeof value === 'string') return encode(value);
  if (Array.isArray(value)) return value.map(bindable);
  return typeof value === 'boolean' ? Number(value) : value;
}
