import { refuse } from '../../errors.ts';

/** At most one value is the primary one (RFC 7643 §2.4). @throws ScimError SCIM_VALUE */
export function onePrimary(name: string, list: readonly unknown[]): void {
  if (list.filter(isPrimary).length > 1)
    throw refuse('SCIM_VALUE', { reason: `${name} has more than one primary value` });
}

export function isPrimary(element: unknown): boolean {
  return typeof element === 'object' && element !== null && (element as { primary?: unknown }).primary === true;
}
