import type { FastifyRequest } from 'fastify';
import { refuse } from '../../errors.ts';
import { cursorHead, type ListHead, listHead } from '../../scim/listResponse.ts';
import { compareKeys, sortKey } from '../../scim/order.ts';
import type { Dialect } from '../../scim/profiles/dialect.ts';
import type { Query } from '../../scim/query.ts';
import { render } from '../../scim/render.ts';
import type { GroupResource, UserResource } from '../../scim/resource.ts';
import { forType, MOST_RESULTS, type Search } from '../../scim/search.ts';
import { USER } from '../../scim/urns.ts';
import { identify } from '../access.ts';
import { asked } from './conversation.ts';
import type { ScimDeps } from './deps.ts';
import { pageByCursor, readPage, type Typed } from './pages.ts';
import type { Shown } from './texts.ts';

interface Found {
  readonly total: number;
  readonly items: readonly (Shown & { readonly query: Query })[];
}

/**
 * A query at the root: people, then groups, as far as the token's scopes reach; an attribute that a type does not have is one
 * without a value (RFC 7644 §3.4.2.1). Sorting over both types reads no further than one answer holds.
 * @throws ScimError AUTH_SCOPE, SCIM_TOO_MANY and whatever a list throws
 */
export async function searchAll(
  request: FastifyRequest,
  ask: (request: FastifyRequest, dialect: Dialect) => Search,
  deps: ScimDeps,
): Promise<{ readonly head: ListHead; readonly items: readonly Shown[] }> {
  const { dialect } = asked(request, deps);
  const { scopes } = identify(request);
  const types = (['User', 'Group'] as const).filter((type) =>
    scopes.includes(type === 'User' ? 'users:read' : 'groups:read'),
  );
  if (types.length === 0) throw refuse('AUTH_SCOPE', { scope: 'users:read or groups:read' });
  const search = ask(request, dialect);
  const typed = types.map((type) => ({ type, ...forType(search, type, dialect, deps.limits, 'missing') }));
  if (search.cursor !== undefined) {
    const { total, items, next } = await pageByCursor(request, typed, search, deps);
    return { head: cursorHead(total, items.length, next), items };
  }
  const { total, items } = await (search.sortBy === undefined
    ? inTurn(typed, search, read)
    : sorted(typed, search, read, deps));
  return { head: listHead(total, search.startIndex, items.length), items };

  async function read(item: Typed, startIndex: number, count: number): Promise<Found> {
    const query: Query = { ...item.query, startIndex, count };
    const { total, resources } = await readPage(request, deps, item.type, query);
    const { projection } = item;
    return { total, items: resources.map((resource) => ({ resource, projection, query })) };
  }
}

type Read = (item: Typed, startIndex: number, count: number) => Promise<Found>;

async function inTurn(types: readonly Typed[], search: Search, read: Read): Promise<Found> {
  let total = 0;
  const items: Found['items'][number][] = [];
  for (const item of types) {
    const page = await read(item, Math.max(1, search.startIndex - total), search.count - items.length);
    total += page.total;
    items.push(...page.items);
  }
  return { total, items };
}

async function sorted(types: readonly Typed[], search: Search, read: Read, deps: ScimDeps): Promise<Found> {
  const last = search.startIndex + search.count - 1;
  if (last > MOST_RESULTS)
    throw refuse('SCIM_TOO_MANY', {
      reason: `Sorted over all types, no more than ${MOST_RESULTS} results can be read`,
    });
  const pages: Found[] = [];
  for (const item of types) pages.push(await read(item, 1, last));
  const sign = search.sortOrder === 'ascending' ? 1 : -1;
  const keyed = pages
    .flatMap((page) => page.items)
    .map((item) => ({ item, key: keyOf(item.resource, item.query, deps) }));
  keyed.sort((a, b) => sign * compareKeys(a.key, b.key));
  const window = keyed.slice(search.startIndex - 1, last).map(({ item }) => item);
  return { total: pages.reduce((sum, page) => sum + page.total, 0), items: window };
}

/** What a resource is sorted by. Of members only the first is looked at: none of them is primary. */
function keyOf(
  resource: UserResource | GroupResource,
  { sortBy }: Pick<Query, 'sortBy'>,
  { baseUrl, catalogue }: Pick<ScimDeps, 'baseUrl' | 'catalogue'>,
): ReturnType<typeof sortKey> {
  if (sortBy === undefined) return undefined;
  // As a list of people has it: who is not said to be active is not.
  if (resource.type === 'User' && sortBy.schema === USER && sortBy.attribute === 'active')
    return resource.attributes.active === true;
  const { members } = resource as GroupResource;
  const light = members === undefined ? resource : { ...resource, members: members.slice(0, 1) };
  return sortKey(sortBy, render(light, baseUrl(), catalogue));
}
