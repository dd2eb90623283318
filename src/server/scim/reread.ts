import { ScimError } from '../../errors.ts';

/**
 * Reads a resource that was just changed once more, with what belongs to it. If somebody deleted it in between, the answer is what
 * was committed: a 404 would say that nothing had happened.
 */
export async function reread<T>(changed: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ScimError && error.code === 'SCIM_NOT_FOUND') return changed;
    throw error;
  }
}
