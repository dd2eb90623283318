import type { Timers } from '../../access/ports/timers.ts';
import { Changes } from './changes.ts';
import type { SqliteConnection } from './connection.ts';

/**
 * Tells by a text whether tables may have changed (`stamp` of the port): by what this process committed, and by what a connection sees of
 * others. Other processes are asked about once in a turn of the event loop, however many requests it brings.
 */
export class Stamps {
  readonly #timers: Pick<Timers, 'nextTurn'>;
  readonly #changes = new Changes();
  /** How many connections there were: each counts versions anew. */
  #connections = 1;
  /** What other processes have committed, as seen in this turn. */
  #version: number | undefined;

  constructor(timers: Pick<Timers, 'nextTurn'>) {
    this.#timers = timers;
  }

  /** Undefined where that cannot be told. */
  of(connection: SqliteConnection | undefined, tables: readonly string[]): string | undefined {
    try {
      if (this.#version === undefined) {
        if (connection === undefined) return undefined;
        this.#version = connection.version;
        this.#timers.nextTurn(() => this.forget());
      }
      return `${this.#connections} ${this.#version} ${this.#changes.of(tables)}`;
    } catch {
      connection?.takeFailure();
      return undefined;
    }
  }

  committed(tables: Iterable<string>): void {
    this.#changes.committed(tables);
  }

  /** What others have committed is to be asked for again. */
  forget(): void {
    this.#version = undefined;
  }

  anotherConnection(): void {
    this.#connections += 1;
    this.forget();
  }
}
