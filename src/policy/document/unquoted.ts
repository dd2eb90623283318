import type { PropertyPath } from './located.ts';

const TEXTS = new Set([
  'folder',
  'name',
  'group',
  'groups',
  'renamedFrom',
  'user',
  'principal',
  'grant',
  'extends',
  'from',
]);

/** Places where `{team}` stands without quotes, so that YAML reads a mapping with one empty key. */
export function findUnquoted(raw: unknown): { readonly path: PropertyPath; readonly capture: string }[] {
  return walk(raw, [], 0);
}

function walk(value: unknown, path: PropertyPath, depth: number): { path: PropertyPath; capture: string }[] {
  if (typeof value !== 'object' || value === null || depth > 12) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, [...path, index], depth + 1));
  const entries = Object.entries(value);
  const key = path.findLast((item) => typeof item === 'string');
  const [only] = entries;
  if (entries.length === 1 && only?.[1] === null && TEXTS.has(String(key))) return [{ path, capture: only[0] }];
  return entries.flatMap(([name, item]) => walk(item, [...path, name], depth + 1));
}
