import { savepoint } from './attempt.ts';
import type { PostgresConnection } from './connection.ts';

/**
 * Key of the advisory lock that whoever writes holds until its commit, in every process: writes are serial over all replicas, as
 * they are over all processes of a SQLite file. No write can fail for what another one did at the same time, sequences count in
 * the order of commits, and a reader that has seen number n has seen all before it.
 */
export const WRITER_LOCK = 7_310_223_511;

/** Told of every commit; the payload is the name of the process that made it. */
export const CHANNEL = 'jenkins_scim';

/** Milliseconds since the epoch. */
export const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/**
 * Milliseconds a statement under the writers' lock waits for somebody's lock on a table; the patience of who waits is for the
 * writers' lock alone, and little of it may be left.
 */
const TABLE_LOCK_MS = 5_000;

/** A callback that runs no statement for so long has hung; the server ends its transaction, and others may write. */
const IDLE_MS = 10_000;

export interface Begun {
  /** For `fate`. */
  readonly id: number;
  /** Milliseconds since the epoch by the server's clock. */
  readonly now: number;
  /** When the server was started, by itself. */
  readonly up: string;
  /** For `Home`. */
  readonly home: number;
}

/**
 * How the server plans what a transaction asks. What is kept is planned once, maybe while its table is empty, or believed to be: tables that
 * work waits in are, again and again. Read whole was the cheapest then; with thousands of rows each of thousands of statements reads
 * them all. So a table is read whole only where no index answers. Compiling a plan takes longer than any statement here.
 */
const PLANS = `set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`;

/** Another one after a restart, and on a server that took the place of another. */
const UP = 'pg_postmaster_start_time()::text';

/** By which the server knows our tables from others of their names (`Home`). */
const HOME = `to_regclass('schema_migrations')::oid::bigint AS home`;

const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';
/** What stands in a row is done from left to right. */
const TAKE = `SELECT set_config('lock_timeout', $1, true),
    set_config('idle_in_transaction_session_timeout', '${IDLE_MS}', true),
    set_config('synchronous_commit', replace(replace(current_setting('synchronous_commit'), 'off', 'on'), 'local', 'on'), true),
    ${PLANS}, pg_advisory_xact_lock(${WRITER_LOCK}), set_config('lock_timeout', '${TABLE_LOCK_MS}', true),
    txid_current() AS id, ${NOW} AS now, ${UP} AS up, ${HOME}`;

/** Begins the transaction of a batch when nobody else writes. */
export async function begin(connection: PostgresConnection, patience: number): Promise<Begun> {
  const [, taken] = await Promise.all([
    connection.run(BEGIN),
    connection.run(TAKE, [Math.max(1, Math.ceil(patience))]),
    connection.run(`SAVEPOINT ${savepoint(0)}`, [], true),
  ]);
  return taken.rows[0] as unknown as Begun;
}

/** A read may compute for long between two statements, whatever the role says; one that froze lets go of its snapshot some time. */
const IDLE_READING_MS = 60_000;

const BEGIN_READING = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
/**
 * Somebody's lock on a table is waited for so long. The snapshot is taken with it. A table that was made after the snapshot is empty in it:
 * none is, as long as one of the old ones is touched, for a dump makes none before all of those are dropped. A write sees what was committed
 * before each of its statements, and touches nothing before it has its turn.
 */
const WAIT = `SELECT set_config('lock_timeout', $1, true),
    set_config('idle_in_transaction_session_timeout', '${IDLE_READING_MS}', true), ${PLANS}, EXISTS (SELECT FROM schema_migrations) AS touched, ${HOME}`;

/** Begins a snapshot, and resolves when it is there, with the number of its tables; `at once` where its answer comes before those behind it. */
export async function beginReading(connection: PostgresConnection, patience: number, atOnce = false): Promise<number> {
  const waiting = connection.run(BEGIN_READING);
  const taken = connection.run(WAIT, [Math.max(1, Math.ceil(patience))], atOnce);
  const [, { rows }] = await Promise.all([waiting, taken]);
  return rows[0]?.home as number;
}

/** Makes ready for the write at a place of a batch; at the first, what those before it did is kept. */
export async function mark(connection: PostgresConnection, place: number): Promise<void> {
  const kept = place === 0 ? connection.run(`RELEASE SAVEPOINT ${savepoint(0)}`) : undefined;
  await Promise.all([kept, connection.run(`SAVEPOINT ${savepoint(place)}`)]);
}

/** Makes the batch durable. @throws Error where the server undid it instead */
export async function commit(connection: PostgresConnection): Promise<void> {
  const { command } = await connection.run('COMMIT');
  if (command !== 'COMMIT') throw new Error('the server undid the transaction');
}

/**
 * Tells the others that something was committed, after it was: a commit that notifies takes a lock of the whole server with it
 * while it waits for its disk. A hint that does not get out is none.
 */
export function tell(connection: PostgresConnection, process: string): void {
  connection.part();
  connection.run(`NOTIFY ${CHANNEL}, '${process}'`).catch(() => {});
  connection.part();
}

export type Fate = 'committed' | 'aborted' | 'in progress' | 'unknown';

/**
 * What became of a transaction whose commit was not answered, asked on another connection. A server that crashed gives numbers that
 * did not reach its disk once more, so that one may be of somebody else who committed since. A crash ends all sessions: where one of
 * this user is older than the transaction, there was none. Where nobody can testify, it is unknown.
 */
export async function fate(connection: PostgresConnection, { id, now, up }: Begun): Promise<Fate> {
  const [result] = await connection.script(`SELECT CASE WHEN ${UP} = '${up}' AND EXISTS (
      SELECT 1 FROM pg_stat_activity WHERE usename = current_user AND backend_start < to_timestamp(${now} / 1000.0)
    ) THEN txid_status(${id}) END AS fate`);
  return (result?.rows[0]?.fate as Fate | null) ?? 'unknown';
}
