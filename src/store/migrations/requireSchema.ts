import { refuse } from '../../errors.ts';

/** Refuses a schema that is not the one this version knows. @throws ScimError STORE_NEWER, STORE_OLDER */
export function requireSchema(found: number, known: number): void {
  if (found > known) throw refuse('STORE_NEWER', { found, known });
  if (found < known) throw refuse('STORE_OLDER', { found, known });
}
