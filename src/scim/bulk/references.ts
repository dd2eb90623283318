import type { Steps } from '../../access/breather.ts';
import { MOST_KEYS } from '../json.ts';
import { bulkIdOf, PREFIX } from './bulkId.ts';
import { MESSAGE, type Place, type PlaceReading, placesIn, RESOURCE } from './place.ts';
import type { BulkOperation } from './request.ts';

const QUOTED = /"bulkId:([^"\\]*)"/g;
/** Values that are looked at in one turn of the event loop: a few milliseconds. */
const A_TURN = 20_000;

/** An operation whose data may refer to others. */
export type Referring = Pick<BulkOperation, 'method' | 'type' | 'id' | 'data'>;

/** What a walk through data needs. */
export interface Walk {
  readonly reading: Omit<PlaceReading, 'type'>;
  /** Values that were looked at since the last stop, over any number of operations. */
  readonly effort: { spent: number };
}

type IdOf = (bulkId: string) => string | undefined;

interface Way {
  readonly reading: PlaceReading;
  readonly effort: Walk['effort'];
  readonly idOf: IdOf;
}

/** The bulkIds that an operation refers to: in its path, in members, managers and filters of PATCH paths that select those. */
export function* referencesIn(operation: Referring, walk: Walk): Steps<ReadonlySet<string>> {
  const own = bulkIdOf(operation.id);
  const bulkIds = new Set(own === undefined ? [] : [own]);
  yield* resolved(operation, walk, (bulkId) => {
    bulkIds.add(bulkId);
    return undefined;
  });
  return bulkIds;
}

/** Its data with ids in the place of references; what `idOf` does not know stays as it is. A copy where something changed. */
export function resolved({ method, type, data }: Referring, { reading, effort }: Walk, idOf: IdOf): Steps<unknown> {
  const way: Way = { effort, idOf, reading: { ...reading, type } };
  return steps(data, method === 'PATCH' ? MESSAGE : RESOURCE, way);
}

/** What stands in a place, with its references replaced: the same where there are none. */
function* steps(value: unknown, place: Place, way: Way): Steps<unknown> {
  if (!isParted(value)) return replaced(value, place, way);
  const { effort } = way;
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  // Refused by whoever reads it.
  if (place.kind === 'body' && entries.length > MOST_KEYS) return value;
  const placeOf = Array.isArray(value) ? () => place : placesIn(value, place, way.reading);
  const items: unknown[] = [];
  for (const [key, item] of entries) {
    effort.spent += 1;
    if (effort.spent > A_TURN) {
      effort.spent = 0;
      yield;
    }
    const inner = placeOf(String(key));
    if (inner === undefined) items.push(item);
    else items.push(isParted(item) ? yield* steps(item, inner, way) : replaced(item, inner, way));
  }
  if (entries.every(([, item], at) => item === items[at])) return value;
  return Array.isArray(value) ? items : Object.fromEntries(entries.map(([name], at) => [name, items[at]]));
}

function isParted(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}

/** A text with its references replaced where one may stand: an id, also in the place of the value it is of, or a path. */
function replaced(value: unknown, { kind }: Place, { idOf }: Way): unknown {
  if (typeof value !== 'string' || !value.includes(PREFIX)) return value;
  if (kind === 'path')
    return value.replace(QUOTED, (whole, reference: string) => {
      const id = idOf(reference);
      return id === undefined ? whole : JSON.stringify(id);
    });
  const reference = kind === 'id' || kind === 'values' ? bulkIdOf(value) : undefined;
  return (reference === undefined ? undefined : idOf(reference)) ?? value;
}
