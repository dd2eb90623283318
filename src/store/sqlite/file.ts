import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readableByOthers } from '../../config/files.ts';
import { databaseScheme } from '../../config/scheme.ts';
import { reasonOfCode, systemReason } from '../../errors/systemReason.ts';
import { refuse } from '../../errors.ts';

/** The path in `sqlite:./data/jenkins-scim.db`. @throws ScimError STORE_LATER for another kind of database */
export function databasePath(url: string): string {
  const [, path] = /^sqlite:(?!:)(.+)$/s.exec(url) ?? [];
  if (path === undefined) throw refuse('STORE_LATER', { kind: databaseScheme(url) });
  return resolve(path);
}

/**
 * Makes folder and file for the owner only; SQLite gives `-wal` and `-shm` the mode of the file.
 * @throws ScimError CFG_FILE_MODE where others can read or write a file that is already there, STORE_FILE where none can be made
 */
export function prepareFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw refuse('STORE_FILE', { path, reason: whyNotMade(error) }, error);
  }
  const stats = statSync(path);
  if (!stats.isFile())
    throw refuse('STORE_FILE', { path, reason: stats.isDirectory() ? 'it is a folder' : 'it is no file' });
  const problem = readableByOthers(path, stats);
  if (problem !== undefined) throw problem;
}

/** Folders on the way are made, so a file stands in the place of one, or a link that leads to none. */
function whyNotMade(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return reasonOfCode('ENOTDIR');
  if (code === 'ENOENT') return 'it is a link to a place that is not there';
  return systemReason(error) ?? (error as Error).message;
}
