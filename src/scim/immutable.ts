import { canonical } from '../access/canonical.ts';
import { refuse } from '../errors.ts';
import { comparisonKey } from './fold.ts';
import type { Attributes, ResourceType } from './resource.ts';
import type { AttributeDefinition } from './schemas/attribute.ts';
import type { Catalogue } from './schemas/catalogue.ts';

/**
 * Holds new attributes against what is stored: a value of an immutable attribute (RFC 7643 §7) that is set stays; the same value sent
 * again is no change, however it is spelled. A PUT may leave it out (`whole`), a PATCH may not take it away. Changes `next`.
 * @throws ScimError SCIM_MUTABILITY
 */
export function keepImmutable(
  type: ResourceType,
  current: Attributes,
  next: Attributes,
  { types }: Catalogue,
  whole: boolean,
): void {
  const { core, extensions } = types[type];
  keepIn(core.attributes, current, next, whole);
  for (const { urn, attributes } of extensions) {
    const stored = current[urn] as Attributes | undefined;
    if (stored === undefined) continue;
    const home = (next[urn] as Attributes | undefined) ?? {};
    keepIn(attributes, stored, home, whole);
    if (Object.keys(home).length > 0) next[urn] = home;
  }
}

function keepIn(definitions: readonly AttributeDefinition[], current: Attributes, next: Attributes, whole: boolean) {
  for (const definition of definitions) {
    const { name, mutability, multiValued, subAttributes } = definition;
    const stored = current[name];
    if (stored === undefined) continue;
    if (mutability === 'immutable') {
      if (next[name] === undefined ? !whole : keyOf(definition, next[name]) !== keyOf(definition, stored))
        throw refuse('SCIM_MUTABILITY', { reason: `${name} is immutable and has another value already` });
      next[name] = stored;
    } else if (!multiValued && subAttributes !== undefined && next[name] !== undefined)
      keepIn(subAttributes, stored as Attributes, next[name] as Attributes, whole);
  }
}

/** Holds an element of a multi-valued attribute against what it was: its immutable parts stay. @throws ScimError SCIM_MUTABILITY */
export function requireImmutableParts(definition: AttributeDefinition, before: Attributes, after: Attributes): void {
  for (const sub of definition.subAttributes ?? [])
    if (sub.mutability === 'immutable' && before[sub.name] !== undefined)
      if (keyOf(sub, after[sub.name]) !== keyOf(sub, before[sub.name]))
        throw refuse('SCIM_MUTABILITY', {
          reason: `${definition.name}.${sub.name} is immutable and has another value`,
        });
}

/** Equal for what counts as one value: texts folded unless case-exact, lists in any order, each value once (RFC 7643 §2.4). */
function keyOf(definition: AttributeDefinition, value: unknown): string {
  if (Array.isArray(value)) return canonical([...new Set(value.map((item) => keyOf(definition, item)))].sort());
  if (typeof value === 'string') return comparisonKey(value, definition.caseExact);
  if (value === null || typeof value !== 'object') return canonical(value);
  const parts = Object.entries(value).map(([name, part]) => {
    const sub = definition.subAttributes?.find((item) => item.name === name);
    return [name, sub === undefined ? canonical(part) : keyOf(sub, part)] as const;
  });
  return canonical(Object.fromEntries(parts));
}
