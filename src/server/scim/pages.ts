import type { FastifyRequest } from 'fastify';
import { effortOf } from '../../directory/search/effort.ts';
import { refuse } from '../../errors.ts';
import { type Bound, openCursor, type Progress, sealCursor } from '../../scim/cursor/cursor.ts';
import { compareKeys } from '../../scim/order.ts';
import type { Page, Place, Query } from '../../scim/query.ts';
import type { GroupResource, ResourceType, UserResource } from '../../scim/resource.ts';
import type { Search, TypedSearch } from '../../scim/search.ts';
import { identify } from '../access.ts';
import type { ScimDeps } from './deps.ts';
import type { Shown } from './texts.ts';

/** A search read against one of the types it goes over. */
export interface Typed extends TypedSearch {
  readonly type: ResourceType;
}

/** Resources that are looked through or given, and members that are read, which count as one further request. */
const LOOKED_A_REQUEST = 250;

type Parts = Pick<ScimDeps, 'directory' | 'timers'>;

/** The directory's page of one type: in its turn and charged, unless an index gives the few that it can hold. @throws ScimError SCIM_RATE */
export async function readPage(
  request: FastifyRequest,
  { directory, timers }: Parts,
  type: ResourceType,
  query: Query,
): Promise<Page<UserResource | GroupResource>> {
  const { connection } = identify(request);
  const read = (): Promise<Page<UserResource | GroupResource>> =>
    type === 'User' ? directory.users(connection, query) : directory.groups(connection, query);
  const isSmall = query.filter !== undefined && effortOf(type, query) === 'few' && !(type === 'Group' && query.related);
  return isSmall ? read() : request.costly(charged(request, timers, read, sizeOf));
}

function sizeOf({ resources, looked = 0 }: Page<UserResource | GroupResource>): number {
  return resources.reduce((sum, resource) => sum + membersOf(resource), Math.max(looked, resources.length));
}

function membersOf(resource: UserResource | GroupResource): number {
  return resource.type === 'Group' ? (resource.members?.length ?? 0) : 0;
}

/**
 * A group with its members: in its turn and charged by their number, as a search is. Many that are asked for at once would otherwise be read in one
 * turn of the event loop, before the first of them has cost anything. @throws ScimError SCIM_RATE
 */
export async function readMembers(
  request: FastifyRequest,
  deps: Pick<ScimDeps, 'timers'>,
  read: () => Promise<GroupResource>,
): Promise<GroupResource> {
  return request.costly(charged(request, deps.timers, read, membersOf));
}

/** The same of a group that was just changed: nothing is refused. */
export async function readChangedMembers(
  request: FastifyRequest,
  deps: Pick<ScimDeps, 'timers'>,
  read: () => Promise<GroupResource>,
): Promise<GroupResource> {
  return request.finish(charged(request, deps.timers, read, membersOf));
}

/** A read in a turn of the event loop of its own, charged by how much it gave. */
function charged<T>(
  request: FastifyRequest,
  timers: Parts['timers'],
  read: () => Promise<T>,
  size: (found: T) => number,
): () => Promise<T> {
  return async () => {
    await new Promise<void>((resolve) => timers.nextTurn(() => resolve()));
    const found = await read();
    const units = Math.floor(size(found) / LOOKED_A_REQUEST);
    if (units > 0) request.charge(units);
    return found;
  };
}

interface Placed extends Shown {
  readonly type: ResourceType;
  readonly place: Place;
}

interface Read {
  readonly typed: Typed;
  readonly items: readonly Placed[];
  readonly more: boolean;
  readonly total: number;
}

/**
 * A page by cursor over one type or several (RFC 9865): behind the places that the cursor remembers, people before groups unless
 * something is sorted by. What others create or delete meanwhile neither repeats nor hides anything.
 * @throws ScimError SCIM_CURSOR, SCIM_CURSOR_EXPIRED, SCIM_CURSOR_COUNT
 */
export async function pageByCursor(
  request: FastifyRequest,
  types: readonly Typed[],
  search: Search,
  deps: ScimDeps,
): Promise<{ readonly total: number; readonly items: readonly Shown[]; readonly next: string | undefined }> {
  const { connection, credential } = identify(request);
  const { cursorKey: key, random } = deps;
  const now = deps.clock.now();
  const bound: Bound = { connection, credential, types: types.map(({ type }) => type), search };
  const { text = '', count: given } = search.cursor ?? {};
  const begun = text === '' ? undefined : openCursor(text, bound, { key, now });
  if (begun !== undefined && given !== undefined && given !== begun.count)
    throw refuse('SCIM_CURSOR_COUNT', { given, count: begun.count });
  const count = begun?.count ?? search.count;

  const reads: Read[] = [];
  let room = count;
  for (const typed of types) {
    if (begun?.done.includes(typed.type) === true) continue;
    if (begun !== undefined && room === 0 && search.sortBy === undefined) break;
    const read = await readTyped(typed, search.sortBy === undefined ? room : count);
    reads.push(read);
    if (search.sortBy === undefined) room -= read.items.length;
  }
  const found = reads.flatMap(({ items }) => items);
  if (search.sortBy !== undefined && reads.length > 1) {
    const sign = search.sortOrder === 'ascending' ? 1 : -1;
    // By what a place remembers of the key, as each of the types is: a place is passed with all that stand before it.
    found.sort((a, b) => sign * compareKeys(a.place.key ?? undefined, b.place.key ?? undefined));
  }
  const items = found.slice(0, count);
  const total = begun?.total ?? reads.reduce((sum, read) => sum + read.total, 0);
  const progress = after(items);
  const left = types.some(({ type }) => !progress.done.includes(type));
  return { total, items, next: left && count > 0 ? sealCursor(progress, bound, { key, random, now }) : undefined };

  async function readTyped(typed: Typed, most: number): Promise<Read> {
    const { type, projection } = typed;
    const place = begun?.places[type];
    const query: Query = {
      ...typed.query,
      count: most,
      cursor: { ...(place === undefined ? {} : { after: place }), counted: begun === undefined },
    };
    const page = await readPage(request, deps, type, query);
    const items = page.resources.map(
      (resource, index): Placed => ({ resource, type, projection, place: page.places![index]! }),
    );
    return { typed, items, more: page.more === true, total: page.total };
  }

  function after(taken: readonly Placed[]): Progress {
    const places: Partial<Record<ResourceType, Place>> = { ...begun?.places };
    const given = new Set(taken);
    for (const { type, place } of taken) places[type] = place;
    const done = reads
      .filter(({ more, items: all }) => !more && all.every((item) => given.has(item)))
      .map(({ typed }) => typed.type);
    return { places, done: [...(begun?.done ?? []), ...done], total, count };
  }
}
