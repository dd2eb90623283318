import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../store/open.ts';
import { NOBODY } from './server.ts';

/** A folder of files that the server reads: it takes a key of nobody else's, and does not run as root. */
export function serverFiles(t: TestContext): {
  readonly folder: string;
  /** Writes one. @returns its path */
  file(name: string, text: string): string;
} {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  return {
    folder,
    file(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      if (process.getuid?.() === 0) chownSync(path, NOBODY, NOBODY);
      return path;
    },
  };
}
