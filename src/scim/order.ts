import { compareText } from './filter/compare.ts';
import type { AttributePath } from './filter/filter.ts';
import { values } from './filter/matches.ts';
import { comparisonKey } from './fold.ts';
import { isPrimary } from './intake/primary.ts';
import type { Attributes } from './resource.ts';

type SortKey = string | number | boolean | undefined;

/**
 * What a rendered resource is sorted by (RFC 7644 §3.4.2.3): of several values the primary one, else the first;
 * undefined where there is none or the type does not have the attribute.
 */
export function sortKey(path: AttributePath | undefined, resource: Attributes): SortKey {
  if (path === undefined) return undefined;
  const { sub: _, ...whole } = path;
  const elements = values(path.sub === undefined ? path : whole, resource);
  const chosen = path.multiValued ? (elements.find(isPrimary) ?? elements[0]) : elements[0];
  const value = path.sub === undefined || chosen === undefined ? chosen : (chosen as Attributes)[path.sub];
  return typeof value === 'string' ? comparisonKey(value, path.caseExact) : (value as SortKey);
}

/** Ascending order; what is missing comes last. */
export function compareKeys(a: SortKey, b: SortKey): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return Number(a) - Number(b);
}
