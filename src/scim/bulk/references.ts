import type { Steps } from '../../access/breather.ts';

/** `bulkId:` and the id of an operation of the same request (RFC 7644 §3.7.2). */
const PREFIX = 'bulkId:';
const QUOTED = /"bulkId:([^"\\]*)"/g;
/** Values that are looked at in one turn of the event loop: a few milliseconds. */
const A_TURN = 20_000;

/** Values that were looked at since the last stop, over any number of pieces of data. */
export interface Effort {
  spent: number;
}

type Change = (text: string, key: string) => string;

/** The bulkId that a text stands for. */
export function bulkIdOf(text: unknown): string | undefined {
  return typeof text === 'string' && text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;
}

/** The bulkIds that data refers to: in `value`s, managers, lists of plain ids and filters of PATCH paths. */
export function* referencesIn(data: unknown, effort: Effort): Steps<ReadonlySet<string>> {
  const bulkIds = new Set<string>();
  const note = (bulkId: string): undefined => {
    bulkIds.add(bulkId);
  };
  yield* steps(data, '', effort, (text, key) => {
    if (text.includes(PREFIX)) replaced(text, key, note);
    return text;
  });
  return bulkIds;
}

/** The data with ids in the place of references; what `idOf` does not know stays as it is. A copy where something changed. */
export function resolved(data: unknown, effort: Effort, idOf: (bulkId: string) => string | undefined): Steps<unknown> {
  return steps(data, '', effort, (text, key) => (text.includes(PREFIX) ? replaced(text, key, idOf) : text));
}

/** Data with its texts changed: the same data where none of them is another one. */
function* steps(value: unknown, key: string, effort: Effort, change: Change): Steps<unknown> {
  if (effort.spent > A_TURN) {
    effort.spent = 0;
    yield;
  }
  if (!isDeep(value)) return plain(value, key, effort, change);
  effort.spent += 1;
  const items: unknown[] = [];
  if (Array.isArray(value)) {
    for (const item of value) items.push(yield* steps(item, key, effort, change));
    return listOf(value, items);
  }
  for (const [name, item] of Object.entries(value)) items.push(yield* steps(item, name.toLowerCase(), effort, change));
  return objectOf(value, items);
}

/** Whether it has parts that have parts: of those there may be a hundred thousand. */
function isDeep(value: unknown): value is object {
  if (!isParted(value)) return false;
  return Array.isArray(value) ? value.some(isParted) : Object.values(value).some(isParted);
}

function isParted(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}

/** The same for what is not deep, in one go. */
function plain(value: unknown, key: string, effort: Effort, change: Change): unknown {
  effort.spent += 1;
  if (typeof value === 'string') return change(value, key);
  if (!isParted(value)) return value;
  if (Array.isArray(value)) {
    effort.spent += value.length;
    return listOf(
      value,
      value.map((item) => (typeof item === 'string' ? change(item, key) : item)),
    );
  }
  const items = Object.entries(value).map(([name, item]) =>
    typeof item === 'string' ? change(item, name.toLowerCase()) : item,
  );
  effort.spent += items.length;
  return objectOf(value, items);
}

function listOf(list: readonly unknown[], items: readonly unknown[]): readonly unknown[] {
  return items.every((item, at) => item === list[at]) ? list : items;
}

function objectOf(object: object, items: readonly unknown[]): object {
  const entries = Object.entries(object);
  if (entries.every(([, item], at) => item === items[at])) return object;
  return Object.fromEntries(entries.map(([name], at) => [name, items[at]]));
}

/** Keys under which ids of other resources stand; names of people and groups are never taken for references. */
function isReference(key: string): boolean {
  return key === 'value' || key === 'path' || key === 'members' || key === 'manager' || key.endsWith(':manager');
}

/** A text with its references replaced where one may stand. */
function replaced(text: string, key: string, idOf: (bulkId: string) => string | undefined): string {
  if (!isReference(key)) return text;
  if (key !== 'path') {
    const reference = bulkIdOf(text);
    return (reference === undefined ? undefined : idOf(reference)) ?? text;
  }
  return text.replace(QUOTED, (whole, reference: string) => {
    const id = idOf(reference);
    return id === undefined ? whole : JSON.stringify(id);
  });
}
