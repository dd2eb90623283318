import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { refuse } from '../../errors.ts';

/** The path as SQLite opens it without making a new file: after a failure an empty database must not take the place of the real one. */
export function existing(path: string): string {
  return `${pathToFileURL(path).href}?mode=rw`;
}

/**
 * Remembers which file the path names. What is called later fails while the path names another file or none: what is committed to
 * a file that was taken away is gone with the process. @throws ScimError STORE_FAILED
 */
export function sameFile(path: string): () => void {
  const first = statSync(path, { bigint: true });
  return () => {
    const now = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (now === undefined) throw refuse('STORE_FAILED', { reason: 'the file is gone' });
    if (now.ino !== first.ino || now.dev !== first.dev)
      throw refuse('STORE_FAILED', { reason: 'another file has taken its place; restart the service' });
  };
}
