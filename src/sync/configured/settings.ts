import { canonical } from '../../access/canonical.ts';

/** One setting that is not what it was; absent where there was none, or is none. */
export interface Setting {
  /** Its path, e.g. `losses.revokeGrants.count`. */
  readonly setting: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What differs between two values of a section, in the order of their paths. Lists are one setting. Pure. */
export function settingsOf(before: object | undefined, after: object): readonly Setting[] {
  const old = new Map(leaves(before ?? {}, ''));
  const now = new Map(leaves(after, ''));
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths.flatMap((setting) => {
    const [was, is] = [old.get(setting), now.get(setting)];
    if (old.has(setting) && now.has(setting) && canonical(was) === canonical(is)) return [];
    return [{ setting, ...(old.has(setting) ? { before: was } : {}), ...(now.has(setting) ? { after: is } : {}) }];
  });
}

function leaves(value: object, at: string): [string, unknown][] {
  return Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const path = at === '' ? key : `${at}.${key}`;
    return typeof item === 'object' && item !== null && !Array.isArray(item) ? leaves(item, path) : [[path, item]];
  });
}
