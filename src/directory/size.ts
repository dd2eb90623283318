import { refuse } from '../errors.ts';

/** Characters of all attributes of one resource as JSON, members and groups apart: a page of a thousand is read and answered at once. */
const MOST = 65_536;

/**
 * Each attribute has its limit, and two hundred and fifty long values in each of them make megabytes. What is larger already, since before
 * there was a limit, may stay so.
 */
export function isTooLarge(document: string, before = ''): boolean {
  return document.length > MOST && document.length > before.length;
}

/** @throws ScimError SCIM_VALUE */
export function requireSize(what: 'user' | 'group', document: string, before = ''): void {
  if (!isTooLarge(document, before)) return;
  throw refuse('SCIM_VALUE', {
    reason: `the attributes of one ${what} are longer than ${MOST} characters together`,
  });
}
