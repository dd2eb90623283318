import { chownSync, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Kysely } from 'kysely';
import { systemReason } from '../../errors/systemReason.ts';
import { refuse, ScimError } from '../../errors.ts';
import type { Migration } from '../migrations/migration.ts';
import type { Tables } from '../tables.ts';
import { type Alone, exclusively } from './alone.ts';
import { flush, remove, selfContained } from './backup.ts';
import { SqliteConnection } from './connection.ts';
import { databasePath, prepareFile } from './file.ts';
import { schemaVersion } from './migrate.ts';
import { session } from './session.ts';

/** What is asked of a backup before it takes the place of the database. */
export interface Restoring {
  /** Looks into it, and into what it takes the place of, where that can be read, whatever their schema; may refuse it. */
  readonly require?: (db: Kysely<Tables>, former: Kysely<Tables> | undefined) => Promise<void>;
  /** Makes the copy that a URL names ready; what it changes is there with it, for whoever opens the database then. */
  readonly prepare?: (url: string) => Promise<void>;
}

/**
 * Puts a backup in the place of the database; what was there is kept beside it as `….before-restore`.
 * @returns the schema of the backup, which `prepare` or the next `openStore` migrates
 * @throws ScimError STORE_OPEN while any process has the database open, STORE_FILE where the backup is missing or damaged,
 * STORE_NEWER, whatever `require` and `prepare` throw; nothing has changed then
 */
export async function restoreSqlite(
  url: string,
  file: string,
  migrations: readonly Migration[],
  { require = async () => {}, prepare = async () => {} }: Restoring = {},
): Promise<number> {
  const path = databasePath(url);
  const copy = `${path}.restoring`;
  let alone: Alone | undefined;
  try {
    alone = existsSync(path) ? exclusively(path) : undefined;
    const former = alone?.connection === undefined ? undefined : session<Tables>(alone.connection).db;
    remove(copy);
    prepareFile(copy);
    copyFileSync(file, copy);
    const schema = await examined(copy, file, migrations.at(-1)?.id ?? 0, (db) => require(db, former));
    await prepare(`sqlite:${copy}`);
    selfContained(copy);
    giveTo(path, copy);
    flush(copy);
    replace(path, copy);
    return schema;
  } catch (error) {
    throw error instanceof ScimError ? error : unusable(file, error);
  } finally {
    remove(copy);
    alone?.release();
  }
}

/** Reads all of the copy once. */
async function examined(
  copy: string,
  file: string,
  known: number,
  require: (db: Kysely<Tables>) => Promise<void>,
): Promise<number> {
  const connection = new SqliteConnection(copy);
  try {
    connection.exec('PRAGMA journal_mode = DELETE');
    const [verdict] = connection.rows<{ quick_check: string }>('PRAGMA quick_check(1)');
    if (verdict?.quick_check !== 'ok') throw refuse('STORE_FILE', { path: file, reason: 'it is damaged' });
    const found = schemaVersion(connection);
    if (found === 0) throw refuse('STORE_FILE', { path: file, reason: 'it is no backup of this service' });
    if (found > known) throw refuse('STORE_NEWER', { found, known });
    await require(session<Tables>(connection).db);
    return found;
  } finally {
    connection.close();
  }
}

/** The service opens as its own account what an administrator of the machine restores. */
function giveTo(path: string, copy: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined && process.getuid?.() === 0) chownSync(copy, there.uid, there.gid);
}

/** The name always stands for a whole database: for the old one until the new one takes its place in one step. */
function replace(path: string, copy: string): void {
  const kept = `${path}.before-restore`;
  for (const name of [kept, `${kept}-wal`, `${path}-shm`]) rmSync(name, { force: true });
  if (existsSync(path)) linkSync(path, kept);
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${kept}-wal`);
  renameSync(copy, path);
  flush(dirname(path));
}

function unusable(file: string, error: unknown): ScimError {
  return refuse(
    'STORE_FILE',
    { path: file, reason: systemReason(error) ?? (error instanceof Error ? error.message : String(error)) },
    error,
  );
}
