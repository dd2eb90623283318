import { refuse } from '../../errors.ts';
import type { Migration } from '../migrations/migration.ts';
import { requireWhole } from '../migrations/requireSchema.ts';
import type { SqliteConnection } from './connection.ts';

const TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)`;

/** The last migration that was applied; 0 for an empty database. @throws ScimError STORE_INCOMPLETE for half a copy */
export function schemaVersion(connection: SqliteConnection): number {
  const found = connection.rows(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'`);
  if (found.length === 0) return 0;
  return requireWhole(connection.rows<{ id: number | null }>('SELECT max(id) AS id FROM schema_migrations')[0]?.id);
}

/**
 * Applies what is missing, all of it or nothing. The lock is taken before the schema is looked at, so that of two processes
 * one migrates and the other finds it done. @throws ScimError STORE_NEWER; an error that `isBusy` where the lock is held
 */
export function migrate(connection: SqliteConnection, migrations: readonly Migration[], at: string): number {
  const known = migrations.at(-1)?.id ?? 0;
  if (schemaVersion(connection) === known) return known;
  connection.exec('BEGIN IMMEDIATE');
  try {
    const found = schemaVersion(connection);
    if (found > known) throw refuse('STORE_NEWER', { found, known });
    connection.exec(TABLE);
    for (const { id, name, up, sqlite } of migrations.filter((migration) => migration.id > found)) {
      for (const statement of [...(sqlite ?? []), ...up]) connection.exec(statement);
      connection.rows('INSERT INTO schema_migrations (id, name, applied_at) VALUES (?, ?, ?)', id, name, at);
    }
    connection.exec('COMMIT');
    return known;
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}
