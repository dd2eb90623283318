import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
    else
      replace(there === undefined ? path : realpathSync(path), text, there === undefined ? mode : there.mode & 0o777);
  } catch (error) {
    throw unwritten(path, error);
  }
}

function replace(path: string, text: string, mode: number): void {
  const partial = `${path}.partial`;
  try {
    rmSync(partial, { force: true });
    const file = openSync(partial, 'wx', mode);
    try {
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
