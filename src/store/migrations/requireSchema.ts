import { refuse } from '../../errors.ts';

/** Refuses a schema that is not the one this version knows. @throws ScimError STORE_NEWER, STORE_OLDER */
export function requireSchema(found: number, known: number): void {
  if (found > known) throw refuse('STORE_NEWER', { found, known });
  if (found < known) throw refuse('STORE_OLDER', { found, known });
}

/**
 * Refuses a table of versions without a row: only a copy that did not get to its end leaves one (`copyStore`), or a dump.
 * @throws ScimError STORE_INCOMPLETE
 */
export function requireWhole(last: number | null | undefined): number {
  if (last === null || last === undefined)
    throw refuse('STORE_INCOMPLETE', { reason: 'a copy or a dump into it was interrupted, or is under way' });
  return last;
}
