import { refuse } from '../../errors.ts';

/** Refuses a schema that is not the one this version knows. @throws ScimError STORE_NEWER, STORE_OLDER */
export function requireSchema(found: number, known: number): void {
  if (found > known) throw refuse('STORE_NEWER', { found, known });
  if (found < known) throw refuse('STORE_OLDER', { found, known });
}

/**
 * Refuses a table of versions without a row: only a copy that did not get to its end leaves one (`copyStore`).
 * @throws ScimError STORE_COPY
 */
export function requireWhole(last: number | null | undefined): number {
  if (last === null || last === undefined) throw refuse('STORE_COPY', { reason: 'a copy into it was interrupted' });
  return last;
}
