import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { unwritten } from './failure.ts';

/**
 * A new file of mode 0600 for one secret, opened before the secret is made: one that nobody could read would still be valid. It is
 * removed again where nothing was kept in it.
 * @throws ScimError CLI_FILE where it is there already or cannot be written
 */
export async function secretFile<T>(path: string, make: (keep: (secret: string) => void) => Promise<T>): Promise<T> {
  const file = openedNew(path);
  let kept = false;
  try {
    return await make((secret) => {
      try {
        writeSync(file, `${secret}\n`);
        fsyncSync(file);
      } catch (error) {
        throw unwritten(path, error);
      }
      kept = true;
    });
  } finally {
    closeSync(file);
    if (!kept) rmSync(path, { force: true });
  }
}

function openedNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    throw unwritten(path, error);
  }
}
