import { isStoreFailure, ScimError } from '../../errors.ts';

/** A connection that broke is another one the second time. */
const READS = 2;

/**
 * Reads a resource that was just changed once more, with what belongs to it. If somebody deleted it in between, or the database cannot
 * be read any more, the answer is what was committed: a 404 or a 503 would say that nothing had happened.
 */
export async function reread<T>(changed: T, read: () => Promise<T>): Promise<T> {
  for (let times = 0; times < READS; times++)
    try {
      return await read();
    } catch (error) {
      if (error instanceof ScimError && error.code === 'SCIM_NOT_FOUND') return changed;
      if (!isStoreFailure(error)) throw error;
    }
  return changed;
}
