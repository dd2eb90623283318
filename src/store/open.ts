import { existsSync } from 'node:fs';
import { refuse } from '../errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { isPostgres } from './postgres/address.ts';
import { databasePath } from './sqlite/file.ts';
import { openSqlite } from './sqlite/open.ts';
import { type Restoring, restoreSqlite } from './sqlite/restore.ts';
import type { Store, StoreOptions, StoreParts } from './store.ts';

const PATIENCE_MS = 5_000;

/**
 * Opens the database named by the configuration, `sqlite:./path` or `postgres://…`; makes and migrates it where needed.
 * @throws ScimError STORE_LATER, STORE_NEWER, STORE_OLDER, STORE_BUSY, STORE_FAILED, STORE_ADDRESS, STORE_SERVER, CFG_FILE_MODE
 */
export async function openStore(url: string, parts: StoreParts, options: StoreOptions = {}): Promise<Store> {
  // A service over a file does not pay for the client of a server.
  const open = isPostgres(url) ? (await import('./postgres/open.ts')).openPostgres : openSqlite;
  return open(
    url,
    { troubles: parts.log, ...parts },
    { migrate: true, migrations: MIGRATIONS, patience: PATIENCE_MS, ...options },
  );
}

/** Whether the service was never here: no file yet, or an empty schema. @throws ScimError STORE_* */
export async function isNewStore(url: string, parts: StoreParts): Promise<boolean> {
  if (isPostgres(url)) return (await import('./postgres/open.ts')).isNewPostgres(url, parts, PATIENCE_MS);
  return url === 'sqlite::memory:' || !existsSync(databasePath(url));
}

/**
 * Puts a backup in the place of the database; what was there is kept as `….before-restore`. The caller puts every controller on
 * hold in it before (`prepare`; semantics §3): from one moment to the next the name stands for a directory that is older.
 * @throws ScimError STORE_OPEN while any process has the database open, STORE_FILE, STORE_NEWER, STORE_EXTERNAL on PostgreSQL,
 * whatever `require` and `prepare` throw
 */
export async function restoreStore(url: string, file: string, restoring?: Restoring): Promise<void> {
  if (isPostgres(url)) throw refuse('STORE_EXTERNAL', { command: 'db restore', instead: 'pg_restore' });
  await restoreSqlite(url, file, MIGRATIONS, restoring);
}
