import type { Dialect } from './profiles/dialect.ts';
import type { AttributeDefinition } from './schemas/attribute.ts';
import { findSub } from './schemas/catalogue.ts';
import { ENTERPRISE_USER } from './urns.ts';

/** The enterprise extension of SCIM 1.1 (core schema, §8) and of the drafts of 2.0; an attribute's name may follow. */
const FORMER = /^(urn:scim:schemas:extension:enterprise:[12]\.0(?::user)?)(?=$|[:.])/i;

/** What has to be known to read a former name. */
type FormerReading = Pick<Dialect, 'formerUrns' | 'catalogue' | 'note'>;

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

/** The sub-attribute that had this name in SCIM 1.1, where the dialect takes such names. */
export function formerSub(
  { subAttributes }: AttributeDefinition,
  name: string,
  { formerUrns, note }: Omit<FormerReading, 'catalogue'>,
): AttributeDefinition | undefined {
  const wanted = name.toLowerCase();
  const sub = formerUrns ? subAttributes?.find(({ rules }) => rules.formerly?.toLowerCase() === wanted) : undefined;
  if (sub !== undefined) note('former-urn');
  return sub;
}

/** How a path or a filter names sub-attributes: as they are called today, else as they were. */
export function namingSubs(reading: Omit<FormerReading, 'catalogue'>): typeof findSub {
  return (definition, name) => findSub(definition, name) ?? formerSub(definition, name, reading);
}

function isConfigured(name: string, { types }: FormerReading['catalogue']): boolean {
  const lower = name.toLowerCase();
  return [...types.User.extensions, ...types.Group.extensions].some(({ urn }) => lower.startsWith(urn.toLowerCase()));
}
