import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup as copy } from 'node:sqlite';
import { whyNotWritten } from '../../errors/systemReason.ts';
import { refuse } from '../../errors.ts';
import { SqliteConnection } from './connection.ts';
import { type Patience, patiently } from './patience.ts';

const ALL_PAGES = 0x7fffffff;

/**
 * Copies one snapshot in a single step on a thread of its own: writers go on meanwhile, and the copy never starts over.
 * @throws ScimError STORE_FILE if the file exists or cannot be written
 */
export async function backup(open: () => SqliteConnection, file: string, waiting: Patience): Promise<void> {
  if (existsSync(file)) throw refuse('STORE_FILE', { path: file, reason: 'there is a file already' });
  const partial = `${file}.partial`;
  const connection = open();
  try {
    remove(partial);
    closeSync(openSync(partial, 'wx', 0o600));
    await patiently(waiting, () => connection.rows('SELECT 1 FROM sqlite_schema LIMIT 1'));
    await copy(connection.handle, partial, { rate: ALL_PAGES });
    selfContained(partial);
    flush(partial);
    renameSync(partial, file);
    flush(dirname(file));
  } catch (error) {
    remove(partial);
    throw refuse('STORE_FILE', { path: file, reason: whyNotWritten(error) }, error);
  } finally {
    connection.close();
  }
}

/** Removes a database with what SQLite leaves beside it where it could not end what it had begun. */
export function remove(path: string): void {
  for (const name of [path, `${path}-journal`, `${path}-wal`, `${path}-shm`]) rmSync(name, { force: true });
}

/** Without a write-ahead log: the copy is this one file and can be read from a medium that cannot be written. */
export function selfContained(path: string): void {
  const connection = new SqliteConnection(path);
  try {
    connection.exec('PRAGMA journal_mode = DELETE');
  } finally {
    connection.close();
  }
}

/** Makes a file, or the names in a folder, durable. */
export function flush(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
