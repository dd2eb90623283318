import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { unwritten } from './failure.ts';

/**
 * A new file of mode 0600 for one secret, opened before the secret is made: one that nobody could read would still be valid. It is
 * removed again where nothing was kept in it.
 * @throws NodeJS.ErrnoException where it is there already or cannot be opened; `keep` ScimError CLI_FILE
 */
export async function secretFile<T>(path: string, make: (keep: (secret: string) => void) => Promise<T>): Promise<T> {
  const file = openSync(path, 'wx', 0o600);
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
