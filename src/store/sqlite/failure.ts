import { refuse, ScimError } from '../../errors.ts';

// Primary result codes of sqlite3.h.
const BUSY = 5;
const LOCKED = 6;
const NOMEM = 7;
const DAMAGED = new Set([11, 26]);
const FULL = 13;
/** Extended: the file beside the database by which connections share memory found no room. SQLite calls that an I/O error. */
const SHARED_MEMORY_SIZE = 4874;
const FATAL = new Map([
  [7, 'out of memory'],
  [8, 'the file, or what is beside it, is read-only'],
  [10, 'input or output error'],
  [11, 'the file is damaged'],
  [13, 'the disk is full'],
  [14, 'the file cannot be opened'],
  [26, 'the file is no database'],
]);

/** Primary result code of an error of `node:sqlite`; undefined for any other error. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode === SHARED_MEMORY_SIZE ? FULL : error.errcode & 0xff;
}

/** Whether another connection holds the lock: worth trying again. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED;
}

/** Whether it is about the file, not about the statement: nothing that shares the commit can be trusted. */
export function isFatal(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && FATAL.has(code);
}

/**
 * Whether a new connection may do better: one that was opened while the disk could only be read stays read-only, whatever the disk
 * can do by now. What lacks room or memory lacks it for every connection.
 */
export function isOfConnection(error: unknown): boolean {
  const code = resultCode(error);
  return isFatal(error) && code !== NOMEM && code !== FULL;
}

/** The error for whoever waited too long for a lock. */
export function busy(error?: unknown): ScimError {
  const look = 'look for a command that hangs, or another program that has the file open (on Linux `fuser FILE`)';
  return refuse('STORE_BUSY', { look }, error);
}

/** The error for everybody whose change did not become durable. */
export function storeFailed(error: unknown): ScimError {
  if (error instanceof ScimError) return error;
  const reason = FATAL.get(resultCode(error) ?? -1) ?? (error instanceof Error ? error.message : String(error));
  return refuse(DAMAGED.has(resultCode(error) ?? -1) ? 'STORE_DAMAGED' : 'STORE_FAILED', { reason }, error);
}
