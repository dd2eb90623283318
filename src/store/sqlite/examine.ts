import { SqliteConnection } from './connection.ts';
import { isFatal, storeFailed } from './failure.ts';
import { databasePath } from './file.ts';
import { existing } from './sameFile.ts';

const MOST = 10;

/**
 * Reads every page of an embedded database, also while the service uses it; seconds for a large one.
 * @returns what is damaged, empty where nothing is; errors that are not about the file are thrown as they are
 */
export function examineSqlite(url: string): readonly string[] {
  let connection: SqliteConnection | undefined;
  try {
    connection = new SqliteConnection(existing(databasePath(url)));
    const rows = connection.rows<{ quick_check: string }>(`PRAGMA quick_check(${MOST})`);
    return rows.map(({ quick_check }) => quick_check).filter((line) => line !== 'ok');
  } catch (error) {
    if (!isFatal(error)) throw error;
    return [storeFailed(error).details.reason as string];
  } finally {
    connection?.close();
  }
}
