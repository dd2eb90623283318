import { refuse } from '../errors.ts';
import type { IfMatch } from './directory.ts';

/** Checks If-Match against the stored version. @throws ScimError SCIM_VERSION */
export function requireVersion(version: number, ifMatch: IfMatch | undefined): void {
  if (ifMatch === undefined || ifMatch.includes('*') || ifMatch.includes(String(version))) return;
  throw refuse('SCIM_VERSION', { version });
}
