import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { replaceableByOthers, writableByOthers } from '../config/files.ts';
import { systemReason } from '../errors/systemReason.ts';
import { refuse } from '../errors.ts';
import { MAX_BYTES } from './parse.ts';
import type { PolicyFile } from './policy.ts';

const MAX_FILES = 500;
const MAX_DEPTH = 5;
/** Files, folders and links that are looked at: links from folder to folder make a few hundred of them as many as one likes. */
const MOST = 2000;

/**
 * Reads a policy: a file, or all `*.yaml` and `*.yml` of a folder, those below included and `*.test.yaml` left out. Paths in the result
 * are relative to the folder, so that neither digest nor reasons depend on where it lies. A linked folder is read where the one it leads to
 * is hidden (Kubernetes mounts `teams` as a link into `..data`), any other where it is.
 * @throws ScimError POL_NOT_FOUND; CFG_FILE_MODE, CFG_FOLDER_MODE (others can write it); POL_LINK (a link leads out of the folder);
 * POL_TOO_LARGE, POL_TOO_MANY, POL_TOO_DEEP, POL_UNREADABLE
 */
export function readPolicy(path: string): PolicyFile[] {
  try {
    return filesAt(path);
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    throw refuse('POL_UNREADABLE', { path: (error as NodeJS.ErrnoException).path ?? path, reason }, error);
  }
}

function filesAt(path: string): PolicyFile[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !(stats.isFile() || stats.isDirectory())) throw refuse('POL_NOT_FOUND', { path });
  const files = stats.isFile()
    ? [{ path: basename(path), at: path, stats }]
    : listed(path, { root: realpathSync(path), base: path, looked: 0 }, 0);
  if (files.length === 0) throw refuse('POL_NOT_FOUND', { path });
  const bytes = files.reduce((sum, file) => sum + file.stats.size, 0);
  if (bytes > MAX_BYTES || files.length > MAX_FILES)
    throw refuse('POL_TOO_LARGE', { path, bytes, files: files.length });
  return files.map((file) => {
    const mode = writableByOthers(file.at, file.stats);
    if (mode !== undefined) throw mode;
    return { path: file.path, text: readFileSync(file.at, 'utf8') };
  });
}

interface Found {
  readonly path: string;
  readonly at: string;
  readonly stats: Stats;
}

/** One reading of a folder. */
interface Walk {
  /** Where the folder really lies. */
  readonly root: string;
  /** How it was named. */
  readonly base: string;
  /** Files, folders and links so far. */
  looked: number;
}

function listed(folder: string, walk: Walk, depth: number): Found[] {
  const { root, base } = walk;
  const mode = replaceableByOthers(folder);
  if (mode !== undefined) throw mode;
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): Found[] => {
      if (entry.name.startsWith('.')) return [];
      const isRead = /\.ya?ml$/.test(entry.name) && !/\.test\.ya?ml$/.test(entry.name);
      if (entry.isFile() && !isRead) return [];
      if (++walk.looked > MOST) throw refuse('POL_TOO_MANY', { path: base, count: MOST });
      const at = join(folder, entry.name);
      const isFolder = entry.isSymbolicLink() ? isHiddenFolder(realPath(at, root), root) : entry.isDirectory();
      if (isFolder) return listed(at, walk, depth + 1);
      if (!isRead) return [];
      if (depth > MAX_DEPTH) throw refuse('POL_TOO_DEEP', { path: folder, folders: MAX_DEPTH });
      const stats = statSync(at, { throwIfNoEntry: false });
      if (stats === undefined) throw refuse('POL_NOT_FOUND', { path: at });
      return stats.isFile() ? [{ path: relative(base, at).split(sep).join('/'), at, stats }] : [];
    });
}

/** Where a link leads, inside the folder of the policy. @throws ScimError POL_NOT_FOUND, POL_LINK */
function realPath(path: string, root: string): string {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (error) {
    throw refuse('POL_NOT_FOUND', { path }, error);
  }
  if (!real.startsWith(`${root}${sep}`)) throw refuse('POL_LINK', { path });
  return real;
}

function isHiddenFolder(real: string, root: string): boolean {
  const isHidden = relative(root, real)
    .split(sep)
    .some((name) => name.startsWith('.'));
  return isHidden && statSync(real, { throwIfNoEntry: false })?.isDirectory() === true;
}
