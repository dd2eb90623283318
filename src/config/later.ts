import { refuse, type ScimError } from '../errors.ts';
import type { Locate } from './locate.ts';

interface Later {
  readonly path: readonly string[];
  readonly words: RegExp;
  readonly allowed: string;
}

/** What interfaces.md names and this version does not do: refused by name, never ignored. `*` is any key. */
const LATER: readonly Later[] = [
  { path: ['controllers', '*', 'driver'], words: /^rest$/, allowed: 'auto, script' },
  { path: ['controllers', '*', 'identity', 'group'], words: /^externalId$/, allowed: 'displayName' },
  { path: ['controllers', '*', 'grants'], words: /^(group|hybrid)$/, allowed: 'user' },
  {
    path: ['database'],
    words: /^(mysql|mariadb|mssql):/,
    allowed: 'sqlite:./path, { env: NAME } of a postgres:// URL',
  },
];

/** A finding of something that is planned but not there yet, with the path it stands at. */
interface LaterProblem {
  readonly path: readonly string[];
  readonly error: ScimError;
}

/** Finds what this version refuses by name. Values are shown without what follows a URL's scheme. */
export function findLater(raw: unknown, locate: Locate): LaterProblem[] {
  const found = LATER.flatMap((later) =>
    places(raw, later.path, []).flatMap(({ path, value }) => {
      if (typeof value !== 'string' || !later.words.test(value)) return [];
      const shown = value.replace(/:.*$/s, '');
      return [
        {
          path,
          error: refuse('CFG_LATER', { path: locate(path), key: path.join('.'), value: shown, allowed: later.allowed }),
        },
      ];
    }),
  );
  const notify = places(raw, ['notify'], []).filter(({ value }) => Array.isArray(value) && value.length > 0);
  return [
    ...found,
    ...notify.map(({ path }) => ({
      path,
      error: refuse('CFG_LATER', { path: locate(path), key: 'notify', value: 'webhooks', allowed: '[]' }),
    })),
  ];
}

function places(
  value: unknown,
  rest: readonly string[],
  path: readonly string[],
): { path: readonly string[]; value: unknown }[] {
  const [key, ...tail] = rest;
  if (key === undefined) return [{ path, value }];
  if (typeof value !== 'object' || value === null) return [];
  const keys = key === '*' ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : [];
  return keys.flatMap((name) => places((value as Record<string, unknown>)[name], tail, [...path, name]));
}
