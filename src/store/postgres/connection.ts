import type { Socket } from 'node:net';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import pg from 'pg';
import { isBlind } from '../blind.ts';
import { isKept } from '../prepared.ts';
import type { Address } from './address.ts';
import { type Answer, Flight, type How, parserOf, whenStill } from './flight.ts';
import { type Keeping, Kept } from './kept.ts';
import { bound } from './text.ts';

/** Told of each statement before it runs; tests count with it. */
type Observe = (sql: string) => void;

export interface ConnectionParts {
  readonly address: Address;
  readonly observe: Observe | undefined;
  /** Milliseconds a new connection may take. */
  readonly patience: number;
  /** Milliseconds after which a server that leaves a statement without an answer is taken for gone; without, it is waited for. */
  readonly silence?: number;
  /** Where statements may be kept prepared; without, none are. */
  readonly keeping?: Keeping;
}

const types = { getTypeParser: parserOf } as unknown as NonNullable<pg.ClientConfig['types']>;
// Not looked for in a password file then: `pg` does so with a warning of its own, and will not for long.
pg.defaults.password = '';
/** Statements of one message at most: the server begins with them while the others are made. */
const AT_ONCE = 64;

/**
 * One connection as Kysely needs it. Statements that are asked for in one go travel together. Behind a pooler it keeps nothing on the
 * server between transactions.
 */
export class PostgresConnection implements DatabaseConnection {
  readonly #client: pg.Client;
  readonly #observe: Observe | undefined;
  #ended = false;
  #changed = false;
  #streams = 0;
  #reason: Error | undefined;
  readonly #kept: Kept;
  /** What is asked for and not sent. */
  #flight: Flight | undefined;
  /** What was sent last: answers come in order. */
  #sent: Flight | undefined;
  #scripts = 0;
  readonly #lost: Promise<never>;
  readonly #listeners = new Set<(reason: Error) => void>();

  private constructor({ address, observe, patience, silence, keeping }: ConnectionParts) {
    this.#observe = observe;
    this.#kept = new Kept(keeping ?? { allowed: false });
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
        const reason = this.#reason ?? new Error('connection terminated');
        reject(reason);
        for (const tell of this.#listeners) tell(reason);
        this.#listeners.clear();
      });
    });
    this.#lost.catch(() => {});
  }

  /** @throws what the network or the server says */
  static async open(parts: ConnectionParts): Promise<PostgresConnection> {
    const connection = new PostgresConnection(parts);
    try {
      await connection.#client.connect();
      if (parts.keeping?.allowed === true) connection.#greet();
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Whether something was sent that is not answered to its end. */
  get waiting(): boolean {
    return this.#scripts > 0 || this.#sent?.isOver === false;
  }

  /** Bytes that came from the server. */
  get heard(): number {
    return (this.#client.connection.stream as Socket).bytesRead;
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

  /**
   * Tells when the connection ends, until it is called off: what waits for `lost` is kept as long as the connection, which is for ever.
   * @returns calls it off
   */
  onLost(tell: (reason: Error) => void): () => void {
    if (this.#ended) {
      this.#lost.catch(tell);
      return () => {};
    }
    this.#listeners.add(tell);
    return () => void this.#listeners.delete(tell);
  }

  /** Whether the process that answers is the one that greeted, which a pooler makes up. */
  #greet(): void {
    const { processID: greeted } = this.#client as unknown as { readonly processID: number };
    this.#ask('SELECT pg_backend_pid() AS pid', []).then(
      ({ rows }) => {
        if (rows[0]?.pid === greeted) this.#kept.begin();
      },
      () => {},
    );
    this.part();
  }

  /** Statements without parameters, one after another in one message; the rows of each. */
  async script(sql: string): Promise<readonly pg.QueryResult[]> {
    // Between the error that ends a connection and its end, `pg` takes nothing more, and no longer says why.
    if (this.#reason !== undefined) throw this.#reason;
    this.part();
    this.#scripts += 1;
    try {
      const results = (await this.#client.query(sql)) as unknown as pg.QueryResult | pg.QueryResult[];
      return Array.isArray(results) ? results : [results];
    } finally {
      this.#scripts -= 1;
    }
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#observe?.(query.sql);
    if (isBlind(query)) this.#changed = true;
    const { rows, command, count } = await this.#ask(query.sql, query.parameters, { keep: isKept(query) });
    if (command !== 'SELECT' && (count ?? 1) > 0) this.#changed = true;
    const found = rows as R[];
    return query.query.kind === 'SelectQueryNode'
      ? { rows: found }
      : { rows: found, numAffectedRows: BigInt(count ?? 0) };
  }

  /** A statement of the store itself, whose words are always the same; `atOnce` where its answer is not to wait for those behind it. */
  run(sql: string, values: readonly unknown[] = [], atOnce = false): Promise<Answer> {
    return this.#ask(sql, values, { keep: true, atOnce });
  }

  /** What was asked for so far is sent; what comes after it goes in another message, and is no part of its transaction unless there was a BEGIN. */
  part(): void {
    const flight = this.#flight;
    this.#flight = undefined;
    if (flight === undefined) return;
    this.#sent = flight;
    this.#client.query(flight);
  }

  #ask(sql: string, values: readonly unknown[], how: How = {}): Promise<Answer> {
    if (this.#flight === undefined) {
      const flight = new Flight(this.#kept);
      this.#flight = flight;
      whenStill(() => {
        if (this.#flight === flight) this.part();
      });
    }
    const flight = this.#flight;
    const answer = flight.ask(sql, values.map(bound), how);
    if (flight.size >= AT_ONCE) this.part();
    return answer;
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
