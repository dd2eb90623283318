import { canonical } from '../../access/canonical.ts';
import type { Attributes } from '../../scim/resource.ts';

/**
 * Whether a change of a person or a group only takes away: values go, `active` ends, nothing new comes. Such a change is stored
 * even where there is room for nothing else.
 */
export function onlyLessens(before: Attributes, after: Attributes, names: readonly string[]): boolean {
  return names.every((name) => (name === 'active' ? after.active !== true : isWithin(after[name], before[name])));
}

function isWithin(part: unknown, whole: unknown): boolean {
  if (part === undefined) return true;
  if (whole === undefined) return false;
  if (canonical(part) === canonical(whole)) return true;
  if (Array.isArray(part)) {
    const values = new Set(Array.isArray(whole) ? whole.map(canonical) : []);
    return part.every((value) => values.has(canonical(value)));
  }
  if (!isObject(part) || !isObject(whole)) return false;
  return Object.entries(part).every(([key, value]) => isWithin(value, whole[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
