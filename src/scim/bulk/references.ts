/** `bulkId:` and the id of an operation of the same request (RFC 7644 §3.7.2). */
const PREFIX = 'bulkId:';
const QUOTED = /"bulkId:([^"\\]*)"/g;

/** The bulkId that a text stands for. */
export function bulkIdOf(text: unknown): string | undefined {
  return typeof text === 'string' && text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;
}

/** The bulkIds that data refers to: in `value`s, managers, lists of plain ids and filters of PATCH paths. */
export function referencesIn(data: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  walk(data, '', (reference) => {
    found.add(reference);
    return undefined;
  });
  return found;
}

/** The data with ids in the place of references; what `idOf` does not know stays as it is. A copy where something changed. */
export function resolved(data: unknown, idOf: (bulkId: string) => string | undefined): unknown {
  return walk(data, '', idOf);
}

function walk(value: unknown, key: string, idOf: (bulkId: string) => string | undefined): unknown {
  if (typeof value === 'string') return isReference(key) ? text(value, key, idOf) : value;
  if (Array.isArray(value)) return changed(value, (item) => walk(item, key, idOf));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const next = changed(entries, (entry) => {
    const item = walk(entry[1], entry[0].toLowerCase(), idOf);
    return item === entry[1] ? entry : ([entry[0], item] as [string, unknown]);
  });
  return next === entries ? value : Object.fromEntries(next);
}

function changed<T>(list: readonly T[], change: (item: T) => T): readonly T[] {
  let copy: T[] | undefined;
  for (const [index, item] of list.entries()) {
    const next = change(item);
    if (next === item) continue;
    copy ??= [...list];
    copy[index] = next;
  }
  return copy ?? list;
}

/** Keys under which ids of other resources stand; names of people and groups are never taken for references. */
function isReference(key: string): boolean {
  return key === 'value' || key === 'path' || key === 'members' || key === 'manager' || key.endsWith(':manager');
}

function text(value: string, key: string, idOf: (bulkId: string) => string | undefined): string {
  if (key !== 'path') {
    const reference = bulkIdOf(value);
    return (reference === undefined ? undefined : idOf(reference)) ?? value;
  }
  return value.replace(QUOTED, (whole, reference: string) => {
    const id = idOf(reference);
    return id === undefined ? whole : JSON.stringify(id);
  });
}
