import { refuse, type ScimError } from '../../errors.ts';
import { notReached, refusedEntry } from './entrance.ts';
import { Moved } from './home.ts';
import { sqlState } from './sqlState.ts';

const LOCK_NOT_AVAILABLE = '55P03';
const READ_ONLY = '25006';
const NO_RIGHT = '42501';
/** Statements that nobody answers: the server is there no more, or not for us. */
export const SILENT_SERVER = 'the server does not answer';
const SERIALIZATION = new Set(['40001', '40P01']);
/** Classes of SQLSTATE after which nothing that shares the commit can be trusted. */
const FATAL_CLASSES = new Set(['08', '40', '53', '57', '58', 'F0', 'XX']);
const REASONS = new Map([
  ['53100', 'the disk of the server is full'],
  ['57P01', 'the server is shutting down, or somebody ended the connection there'],
  ['57P02', 'the server crashed'],
  ['53200', 'the server is out of memory'],
  ['25006', 'the server takes no writes: it is a standby, or default_transaction_read_only is on'],
  [
    '57014',
    'the server ended a statement: let statement_timeout of the role and the database be 60 s or more, or 0; or somebody cancelled it',
  ],
  ['25P03', 'a transaction waited for something else than its own queries; it was undone'],
  ['25P04', 'the server ended a transaction: let transaction_timeout of the role and the database be 0'],
  ['42501', 'the role may not do this; run the statements of docs/postgresql.md, section Rights, again'],
]);

/** A table, an index that is needed for ON CONFLICT, a function, a schema: not there. */
const GONE = new Set(['42P01', '42P10', '42883', '3F000']);

const SKIPPED = '25P02';

/** What the first of several statements met, for whoever waited for one behind it, which the server did not run. */
export function firstMet(error: unknown): unknown {
  return sqlState(error) === SKIPPED ? ((error as Error).cause ?? error) : error;
}

const NO_SUCH_STATEMENT = '26000';
const SAME_STATEMENT = '42P05';
const NOT_SUPPORTED = '0A000';

/** Whether a statement is kept by a name that means something else on the server: a pooler lent the connection to somebody. */
export function isMistaken(error: unknown): boolean {
  const state = sqlState(error);
  return state === NO_SUCH_STATEMENT || state === SAME_STATEMENT;
}

/** Whether the tables changed under a statement that was kept: sent anew it works. */
export function isOutdated(error: unknown): boolean {
  return sqlState(error) === NOT_SUPPORTED && /cached plan/.test((error as Error).message);
}

/** Whether another process holds what was waited for: worth trying again while nothing was done yet. */
export function isBusy(error: unknown): boolean {
  const state = sqlState(error);
  return state === LOCK_NOT_AVAILABLE || (state !== undefined && SERIALIZATION.has(state));
}

/** Whether tables, or what belongs to them, are not there: somebody takes them away, and may put others in their place. */
function isGone(error: unknown): boolean {
  return error instanceof Moved || GONE.has(sqlState(error) ?? '');
}

/** Whether the server did not answer, or is just going or coming, or its tables are: worth trying anew while nothing was done yet. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlState(error);
  if (isMistaken(error) || isGone(error)) return true;
  if (state !== undefined) return state.startsWith('08') || /^57P0[1235]$/.test(state) || state === '53300';
  return isNetwork(error);
}

const LOST = 'the connection to the server was lost';
/** How it is said that there was no answer. */
const SILENT = /timeout expired|read timeout|does not answer/i;
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

function isNetwork(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string' && NETWORK.has(error.code)) return true;
  return /connection terminated|connection ended|not queryable|timeout expired|read timeout|connection error|does not answer/i.test(
    error.message,
  );
}

/** Whether the server takes no writes now; the name of it may lead to another one that does. */
export function isReadOnly(error: unknown): boolean {
  return sqlState(error) === READ_ONLY;
}

/** Whether the role may not do what was asked. */
export function isForbidden(error: unknown): boolean {
  return sqlState(error) === NO_RIGHT;
}

const FATAL = new Set(['25P03', '25P04', READ_ONLY, LOCK_NOT_AVAILABLE, NO_RIGHT]);

/** Whether it is about the server or the connection, not about the statement: whoever comes next would meet it too. */
export function isFatal(met: unknown): boolean {
  const error = firstMet(met);
  if (refusedEntry(error) !== undefined) return true;
  const state = sqlState(error);
  return state === undefined || isMistaken(error) || isGone(error)
    ? isLost(error)
    : FATAL_CLASSES.has(state.slice(0, 2)) || FATAL.has(state);
}

/** Whether the client, not the system, says that there is no connection any more. */
function isCut(error: unknown): boolean {
  return error instanceof Error && !('code' in error) && isNetwork(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error for whoever waited too long for a lock, or for the writes before their own. */
export function busy(error?: unknown): ScimError {
  const look =
    'look at the server for a session that keeps a transaction open (`pg_stat_activity`, `pg_blocking_pids`), a command that hangs, and a pooler';
  return refuse('STORE_BUSY', { look }, error);
}

/** The error for everybody whose change did not become durable. Messages of the server name no values; its details do. */
export function storeFailed(met: unknown): ScimError {
  const error = firstMet(met);
  if (error instanceof Error && SILENT.test(error.message))
    return refuse('STORE_UNREACHABLE', { reason: SILENT_SERVER }, error);
  if (sqlState(error) === LOCK_NOT_AVAILABLE) return busy(error);
  if (error instanceof Moved && error.refusal !== undefined) return error.refusal;
  if (isGone(error)) return refuse('STORE_INCOMPLETE', { reason: messageOf(error) }, error);
  const outside = refusedEntry(error) ?? notReached(error);
  if (outside !== undefined) return outside;
  const reason = REASONS.get(sqlState(error) ?? '') ?? (isCut(error) ? LOST : messageOf(error));
  return refuse('STORE_FAILED', { reason }, error);
}
