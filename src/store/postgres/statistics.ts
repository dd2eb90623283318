import type { Log } from '../../access/ports/log.ts';
import type { Timer, Timers } from '../../access/ports/timers.ts';

/** Milliseconds between two looks; one is a small statement. */
export const LOOK_EVERY = 5_000;
/** Rows from which on it matters how a statement goes about a table. */
const FEW = 500;

/**
 * Tables that have twice the rows that the planner knows of, and more; those alone that this role may have looked at: as their owner, or
 * by MAINTAIN, which there is from PostgreSQL 17 on. A server would log a warning for each of the others.
 */
export const GROWN = `SELECT quote_ident(relname) AS name FROM pg_stat_user_tables JOIN pg_class USING (relname)
  WHERE pg_class.oid = relid AND schemaname = current_schema() AND n_mod_since_analyze > ${FEW} + greatest(reltuples, 0)
    AND CASE WHEN pg_has_role(relowner, 'USAGE') THEN true
      WHEN current_setting('server_version_num')::int >= 170000 THEN has_table_privilege(relid, 'MAINTAIN') ELSE false END`;

interface StatisticsParts {
  readonly timers: Pick<Timers, 'after'>;
  readonly log: Log;
  /** Names of tables that have grown, quoted. */
  readonly grown: () => Promise<readonly string[]>;
  /** Runs one statement, in a transaction of its own. */
  readonly run: (sql: string) => Promise<unknown>;
}

/**
 * Has the server look at tables that have doubled. A statement that was planned while a table was empty is kept as it is until then,
 * and any index seems good for no rows: in a new database, thousands of people would be gone through for each who is created. The
 * server's own autovacuum looks once a minute, or never where it is off.
 */
export class Statistics {
  readonly #parts: StatisticsParts;
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: StatisticsParts) {
    this.#parts = parts;
    this.#schedule();
  }

  /** Resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#looking;
  }

  #schedule(): void {
    this.#timer = this.#parts.timers.after(LOOK_EVERY, () => {
      this.#looking = this.#look();
    });
  }

  async #look(): Promise<void> {
    const { grown, run, log } = this.#parts;
    try {
      const names = await grown();
      // Another replica may be at it already.
      if (names.length > 0 && !this.#closed) await run(`ANALYZE (SKIP_LOCKED) ${names.join(', ')}`);
    } catch (error) {
      // Whoever needs the server finds out by themselves; without statistics it is slower and not wrong.
      log.debug('the statistics of tables were not brought up to date', { reason: (error as Error).message });
    }
    if (!this.#closed) this.#schedule();
  }
}
