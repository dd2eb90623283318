import { refuse } from '../errors.ts';
import type { Condition } from './directory.ts';

/** Checks conditions against the stored version. @throws ScimError SCIM_VERSION */
export function requireVersion(version: number, condition: Condition | undefined): void {
  const named = (tags: readonly string[]): boolean => tags.includes('*') || tags.includes(String(version));
  const { match, noneMatch } = condition ?? {};
  if ((match === undefined || named(match)) && (noneMatch === undefined || !named(noneMatch))) return;
  throw refuse('SCIM_VERSION', { version });
}
