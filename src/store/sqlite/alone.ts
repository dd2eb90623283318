import { refuse } from '../../errors.ts';
import { SqliteConnection } from './connection.ts';
import { isBusy, isFatal } from './failure.ts';

/** A database that no other process can open. */
export interface Alone {
  /** Absent where it is too damaged to be asked. */
  readonly connection?: SqliteConnection;
  /** Gives it back. */
  release(): void;
}

/**
 * Takes a database for this process alone: only who is alone can leave the write-ahead log. One that is too damaged to be asked is
 * nobody's. @throws ScimError STORE_OPEN while any process has it open
 */
export function exclusively(path: string): Alone {
  let connection: SqliteConnection | undefined;
  try {
    connection = new SqliteConnection(path);
    const [mode] = connection.rows<{ journal_mode: string }>('PRAGMA journal_mode = DELETE');
    if (mode?.journal_mode !== 'delete') throw refuse('STORE_OPEN');
    connection.exec('BEGIN EXCLUSIVE');
    const alone = connection;
    return { connection: alone, release: () => alone.close() };
  } catch (error) {
    connection?.close();
    if (isBusy(error)) throw refuse('STORE_OPEN', {}, error);
    if (!isFatal(error)) throw error;
    return { release() {} };
  }
}
