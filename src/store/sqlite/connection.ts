import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { fold } from '../../access/fold.ts';
import { writtenBy } from './changes.ts';
import { Noted } from './noted.ts';
import { plannedOnce } from './planned.ts';

/** Told of each statement before it runs; tests count with it. */
export type Observe = (sql: string) => void;

interface Prepared {
  readonly statement: StatementSync;
  readonly reads: boolean;
  /** Names of its columns. */
  names: readonly string[];
  /** The table it changes. */
  readonly writes: string | undefined;
}

const CACHED = 500;
const BUSY_TIMEOUT_MS = 5;

/** One SQLite connection with its prepared statements, as Kysely needs it. Everything is synchronous underneath. */
export class SqliteConnection extends Noted implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();
  readonly #observe: Observe | undefined;

  constructor(path: string, observe?: Observe) {
    super();
    this.#observe = observe;
    this.#database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    try {
      const folded = (text: unknown): SQLInputValue =>
        typeof text === 'string' ? fold(text) : (text as SQLInputValue);
      this.#database.function('fold', { deterministic: true, directOnly: true }, folded);
      this.#database.exec(
        'PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000',
      );
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Changes whenever another connection has committed; this connection's own commits do not count. */
  get version(): number {
    return this.rows<{ data_version: number }>('PRAGMA data_version')[0]!.data_version;
  }

  /** Runs statements that give no rows. */
  exec(sql: string): void {
    this.#guarded(() => this.#database.exec(sql));
  }

  /** Runs one statement that gives no rows, kept prepared: what begins and ends every transaction. */
  run(sql: string): void {
    this.#guarded(() => this.#prepare(sql).statement.run());
  }

  /** Rows of one statement. */
  rows<R>(sql: string, ...parameters: SQLInputValue[]): R[] {
    return this.#guarded(() => all<R>(this.#prepare(sql), parameters));
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const parameters = query.parameters.map(bindable);
    return this.#guarded(() => {
      this.#observe?.(query.sql);
      const prepared = this.#prepare(query.sql);
      this.noteWritten(prepared.writes);
      if (prepared.reads) {
        const rows = all<R>(prepared, parameters);
        return query.query.kind === 'SelectQueryNode' ? { rows } : { rows, numAffectedRows: BigInt(rows.length) };
      }
      const { changes, lastInsertRowid } = prepared.statement.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    });
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    this.#observe?.(query.sql);
    const statement = this.#database.prepare(query.sql);
    for (const row of statement.iterate(...query.parameters.map(bindable))) yield { rows: [row as R] };
  }

  /** For `backup` of `node:sqlite`. */
  get handle(): DatabaseSync {
    return this.#database;
  }

  close(): void {
    this.#prepared.clear();
    this.#database.close();
  }

  #guarded<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      this.noteFailure(error);
      throw error;
    }
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      const statement = this.#database.prepare(plannedOnce(sql));
      statement.setReturnArrays(true);
      const names = namesOf(statement);
      prepared = { statement, reads: names.length > 0, names, writes: writtenBy(sql) };
      if (this.#prepared.size >= CACHED) this.#prepared.delete(this.#prepared.keys().next().value!);
    } else if (this.#prepared.size < CACHED / 2) return prepared;
    else this.#prepared.delete(sql);
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

function namesOf(statement: StatementSync): string[] {
  return statement.columns().map(({ name }) => name);
}

/** The rows of a statement. `node:sqlite` makes its own objects as dictionaries, at twice the time and memory of these. */
function all<R>(prepared: Prepared, parameters: readonly SQLInputValue[]): R[] {
  const rows = prepared.statement.all(...parameters) as unknown as unknown[][];
  // Another process may have added a column since.
  if (rows.length > 0 && rows[0]!.length !== prepared.names.length) prepared.names = namesOf(prepared.statement);
  const { names } = prepared;
  return rows.map((row) => {
    const found: Record<string, unknown> = {};
    for (let at = 0; at < names.length; at++) found[names[at]!] = row[at];
    return found as R;
  });
}

/** A value as SQLite takes it. */
export function bindable(value: unknown): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : (value as SQLInputValue);
}
