import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outside } from '../../sync/orders/headOutside.ts';
import { writeWhole } from '../wholeFile.ts';

/** Beside the keys, which no backup of the database has either. */
const FILE = 'last-head.json';

/** The file of the head that was signed last, in the folder of the keys. */
export function lastHead(folder: string): Outside {
  const path = join(folder, FILE);
  return {
    read() {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write: (text) => writeWhole(path, text, 0o600),
  };
}
