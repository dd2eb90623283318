import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { replaceableByOthers, writableByOthers } from '../config/files.ts';
import { systemReason } from '../errors/systemReason.ts';
import { refuse } from '../errors.ts';
import { MAX_BYTES } from './parse.ts';
import type { PolicyFile } from './policy.ts';

const MAX_FILES = 500;
const MAX_DEPTH = 5;

/**
 * Reads a policy: a file, or all `*.yaml` and `*.yml` of a folder, those below included and `*.test.yaml` left out. Paths in the result
 * are relative to the folder, so that neither digest nor reasons depend on where it lies. A linked folder is read where the one it leads to
 * is hidden (Kubernetes mounts `teams` as a link into `..data`), any other where it is.
 * @throws ScimError POL_NOT_FOUND; CFG_FILE_MODE, CFG_FOLDER_MODE (others can write it); POL_LINK (a link leads out of the folder);
 * POL_TOO_LARGE, POL_TOO_DEEP, POL_UNREADABLE
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
    : listed(path, realpathSync(path), path, 0);
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

function listed(folder: string, root: string, base: string, depth: number): Found[] {
  const mode = replaceableByOthers(folder);
  if (mode !== undefined) throw mode;
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): Found[] => {
      if (entry.name.startsWith('.')) return [];
      const at = join(folder, entry.name);
      const isFolder = entry.isSymbolicLink() ? isHiddenFolder(realPath(at, root), root) : entry.isDirectory();
      if (isFolder && depth >= MAX_DEPTH) throw refuse('POL_TOO_DEEP', { path: at, folders: MAX_DEPTH });
      if (isFolder) return listed(at, root, base, depth + 1);
      if (!/\.ya?ml$/.test(entry.name) || /\.test\.ya?ml$/.test(entry.name)) return [];
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
