/** `bulkId:` and the id of an operation of the same request (RFC 7644 §3.7.2). */
const PREFIX = 'bulkId:';
const QUOTED = /"bulkId:([^"\\]*)"/g;

/** The bulkId that a text stands for. */
export function bulkIdOf(text: unknown): string | undefined {
  return typeof text === 'string' && text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;
}

/** The bulkIds that some data refers to. */
export interface References {
  readonly bulkIds: ReadonlySet<string>;
  /** How many values were looked at, for whoever has others waiting. */
  readonly effort: number;
}

/** The bulkIds that data refers to: in `value`s, managers, lists of plain ids and filters of PATCH paths. */
export function referencesIn(data: unknown): References {
  const bulkIds = new Set<string>();
  const note = (bulkId: string): undefined => {
    bulkIds.add(bulkId);
  };
  return { bulkIds, effort: collect(data, '', note) };
}

function collect(value: unknown, key: string, note: (bulkId: string) => undefined): number {
  if (typeof value === 'string') {
    if (value.includes(PREFIX) && isReference(key)) text(value, key, note);
    return 1;
  }
  if (value === null || typeof value !== 'object') return 1;
  let effort = 1;
  if (Array.isArray(value)) for (const item of value) effort += collect(item, key, note);
  else
    for (const name of Object.keys(value))
      effort += collect((value as Record<string, unknown>)[name], name.toLowerCase(), note);
  return effort;
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
