import { refuse } from '../../errors.ts';
import type { Migration } from '../migrations/migration.ts';
import { requireWhole } from '../migrations/requireSchema.ts';
import type { PostgresConnection } from './connection.ts';
import { isForbidden } from './failure.ts';
import { normalizedBy, normalizing } from './nfkc.ts';
import { encode } from './text.ts';
import { WRITER_LOCK } from './transaction.ts';
import { translated } from './translate.ts';

const TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  id BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)`;

const NO_TABLES = 'the user may make no tables in this database; let it own the database, or use a user who does';

/** Whether the service was ever here, if only with half a copy. */
export async function hasSchema(connection: PostgresConnection): Promise<boolean> {
  const [there] = await connection.script(`SELECT to_regclass('schema_migrations') IS NOT NULL AS there`);
  return there?.rows[0]?.there === 1;
}

/** The last migration that was applied; 0 for an empty database. @throws ScimError STORE_INCOMPLETE for half a copy */
export async function schemaVersion(connection: PostgresConnection): Promise<number> {
  if (!(await hasSchema(connection))) return 0;
  const [found] = await connection.script('SELECT max(id) AS id FROM schema_migrations');
  return requireWhole(found?.rows[0]?.id as number | null);
}

interface Migrating {
  /** The instant that is stored as theirs. */
  readonly at: string;
  /** `server_version_num`. */
  readonly version: number;
  /** Milliseconds for the lock of writers. */
  readonly patience: number;
}

/**
 * Applies what is missing, all of it or nothing, under the lock of writers: of several replicas one migrates and the others find
 * it done, and nobody writes meanwhile. @throws ScimError STORE_NEWER; an error that `isBusy` where the lock is held too long
 */
export async function migrate(
  connection: PostgresConnection,
  migrations: readonly Migration[],
  { at, version, patience }: Migrating,
): Promise<number> {
  const known = migrations.at(-1)?.id ?? 0;
  let found = await schemaVersion(connection);
  if (found === known) return known;
  try {
    await connection.script(
      `BEGIN; SELECT set_config('lock_timeout', '${Math.max(1, Math.ceil(patience))}', true);
      SELECT pg_advisory_xact_lock(${WRITER_LOCK})`,
    );
    found = await schemaVersion(connection);
    if (found > known) throw refuse('STORE_NEWER', { found, known });
    for (const statement of [TABLE, ...normalizing(version)]) await connection.script(statement);
    for (const { id, name, up, postgres } of migrations.filter((migration) => migration.id > found)) {
      const own = (postgres ?? []).map((statement) => normalizedBy(statement, version));
      for (const statement of [...own, ...up.map(translated)]) await connection.script(statement);
      const row = `${id}, '${encode(name).replaceAll("'", "''")}', '${at}'`;
      await connection.script(`INSERT INTO schema_migrations (id, name, applied_at) VALUES (${row})`);
    }
    await connection.script('COMMIT');
    return known;
  } catch (error) {
    if (!connection.ended) await connection.script('ROLLBACK').catch(() => {});
    if (!isForbidden(error)) throw error;
    throw found === 0
      ? refuse('STORE_SERVER', { reason: NO_TABLES }, error)
      : refuse('STORE_OLDER', { found, known }, error);
  }
}
