import type { PropertyPath } from './located.ts';

interface Later {
  readonly path: readonly string[];
  readonly name: string;
}

/** What policy.md names and this version does not do: refused by name, never ignored. `*` is any key. */
const LATER: readonly Later[] = [
  { path: ['roles', '*', 'scope', 'pattern'], name: 'A scope with a pattern' },
  { path: ['roles', '*', 'scope', 'agents'], name: 'A scope of agents' },
  { path: ['roles', '*', 'template'], name: 'A role template' },
  { path: ['templates'], name: '`templates`' },
  { path: ['rules', '*', 'where'], name: '`where`' },
  { path: ['never'], name: '`never`' },
];

/** Where the document uses what is planned but not there yet. */
export function findLater(raw: unknown): { readonly path: PropertyPath; readonly name: string }[] {
  return LATER.flatMap(({ path, name }) => places(raw, path, []).map((found) => ({ path: found, name })));
}

function places(value: unknown, rest: readonly string[], path: PropertyPath): PropertyPath[] {
  const [key, ...tail] = rest;
  if (key === undefined) return [path];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value))
    return key === '*' ? value.flatMap((item, index) => places(item, tail, [...path, index])) : [];
  const keys = key === '*' ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : [];
  return keys.flatMap((name) => places((value as Record<string, unknown>)[name], tail, [...path, name]));
}
