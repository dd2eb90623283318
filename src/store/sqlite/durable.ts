import type { SqliteConnection } from './connection.ts';

/** Its first read makes it known to other processes as somebody who has the file open. */
export function strict(connection: SqliteConnection): void {
  connection.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA journal_size_limit = 67108864');
  connection.rows('SELECT 1 FROM sqlite_schema LIMIT 1');
}

/** A connection that writes: what it commits is on the disk, and its log is written into the file by others (docs/decisions/014). */
export function durable(connection: SqliteConnection): SqliteConnection {
  try {
    strict(connection);
    connection.exec('PRAGMA wal_autocheckpoint = 0');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
