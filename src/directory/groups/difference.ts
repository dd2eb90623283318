import { canonical } from '../../access/canonical.ts';
import type { Attributes } from '../../scim/resource.ts';

/** Names of the attributes that differ, sorted; empty where nothing does. */
export function difference(before: Attributes, after: Attributes): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => text(before, name) !== text(after, name)).sort();
}

function text(attributes: Attributes, name: string): string {
  return Object.hasOwn(attributes, name) && attributes[name] !== undefined ? canonical(attributes[name]) : '';
}
