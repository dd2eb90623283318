import { type Stats, statSync } from 'node:fs';
import { refuse, type ScimError } from '../errors.ts';

/**
 * Refuses a file that others can write: whoever can edit it decides who administers Jenkins.
 * A group of the owner's own (gid = uid) counts as the owner. Windows has no such modes.
 */
export function writableByOthers(path: string, stats: Stats = statSync(path)): ScimError | undefined {
  const mask = stats.gid === stats.uid ? 0o002 : 0o022;
  return problem(path, stats, mask, { what: 'written', change: 'go-w' });
}

/** Refuses a secret that others can read or write; its group may read it, as mounted secrets need. */
export function readableByOthers(path: string, stats: Stats = statSync(path)): ScimError | undefined {
  const mask = stats.gid === stats.uid ? 0o007 : 0o027;
  return problem(path, stats, mask, { what: 'read or written', change: '600' });
}

/** Refuses a folder in which others can replace files. */
export function replaceableByOthers(path: string, stats: Stats = statSync(path)): ScimError | undefined {
  const found = writableByOthers(path, stats);
  return found === undefined ? undefined : refuse('CFG_FOLDER_MODE', found.details);
}

/** @param words what others can do, and what `chmod` is told */
function problem(
  path: string,
  stats: Stats,
  mask: number,
  words: { readonly what: string; readonly change: string },
): ScimError | undefined {
  if (process.platform === 'win32' || (stats.mode & mask) === 0) return undefined;
  return refuse('CFG_FILE_MODE', { path, ...words, mode: (stats.mode & 0o777).toString(8).padStart(3, '0') });
}
