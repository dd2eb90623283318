import type { SqliteConnection } from './connection.ts';

/** Its first read makes it known to other processes as somebody who has the file open. */
export function strict(connection: SqliteConnection): void {
  connection.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA journal_size_limit = 67108864');
  connection.rows('SELECT 1 FROM sqlite_schema LIMIT 1');
}

/** A connection in a thread that writes: what it commits is on the disk, its log is written into the file by others (docs/decisions/014). */
export function durable(connection: SqliteConnection): SqliteConnection {
  return writing(connection, '');
}

/** A connection that writes in the thread of the event loop: its log is flushed by others, too, after each commit (docs/decisions/016). */
export function toBeFlushed(connection: SqliteConnection): SqliteConnection {
  return writing(connection, 'PRAGMA synchronous = NORMAL;');
}

function writing(connection: SqliteConnection, further: string): SqliteConnection {
  try {
    strict(connection);
    connection.exec(`${further} PRAGMA wal_autocheckpoint = 0`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
