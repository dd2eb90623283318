import {
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { unwritten } from './failure.ts';

/**
 * Writes a file that is there whole or not at all: it gets its name when all of it is on the disk, and what was there before stays
 * until then. A device or a pipe is written as it is; a link stays one.
 * @throws ScimError CLI_FILE
 */
export function writeWhole(path: string, text: string, mode: number): void {
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) writeFileSync(path, text);
    else if (there === undefined) replace(path, text, { mode });
    else replace(realpathSync(path), text, there);
  } catch (error) {
    throw unwritten(path, error);
  }
}

/** Mode and owner of what was there: the service reads as its own account what an administrator replaces. */
function replace(path: string, text: string, { mode, uid, gid }: { mode: number; uid?: number; gid?: number }): void {
  const partial = `${path}.partial`;
  try {
    rmSync(partial, { force: true });
    const file = openSync(partial, 'wx', mode & 0o777);
    try {
      if (uid !== undefined && gid !== undefined && process.getuid?.() === 0) fchownSync(file, uid, gid);
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
