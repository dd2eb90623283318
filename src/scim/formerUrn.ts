import type { Dialect } from './profiles/dialect.ts';
import { ENTERPRISE_USER } from './urns.ts';

/** The enterprise extension of SCIM 1.1 (core schema, §8) and of the drafts of 2.0; an attribute's name may follow. */
const FORMER = /^(urn:scim:schemas:extension:enterprise:[12]\.0(?::user)?)(?=$|[:.])/i;

/** What has to be known to read a former name. */
export type FormerReading = Pick<Dialect, 'formerUrns' | 'catalogue' | 'note'>;

/**
 * A name in attribute notation with the URN of today, where it has a former one, the dialect takes those, and no schema of the
 * configuration is called so; any other as it is. Linear in its length.
 */
export function currentName(name: string, { formerUrns, catalogue, note }: FormerReading): string {
  if (!formerUrns) return name;
  const former = FORMER.exec(name)?.[1];
  if (former === undefined || isConfigured(name, catalogue)) return name;
  note('former-urn');
  return ENTERPRISE_USER + name.slice(former.length);
}

function isConfigured(name: string, { types }: FormerReading['catalogue']): boolean {
  const lower = name.toLowerCase();
  return [...types.User.extensions, ...types.Group.extensions].some(({ urn }) => lower.startsWith(urn.toLowerCase()));
}
