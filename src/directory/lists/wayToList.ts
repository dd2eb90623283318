import type { ReadOptions } from '../../access/ports/store.ts';
import type { Query } from '../../scim/query.ts';
import type { ResourceType } from '../../scim/resource.ts';
import type { Store } from '../../store/store.ts';
import { effortOf } from '../search/effort.ts';
import { type Extent, looksOf } from '../search/looks.ts';

/** Values that a list looks at, at most, where the event loop waits for it: 10 to 20 ms. */
const LOOKS_HERE = 4_000;

/** How a list is to be read: what looks through more is worth a thread. A server is not asked how much there is. */
export async function wayToList(
  store: Pick<Store, 'read' | 'far'>,
  type: ResourceType,
  connection: string,
  query: Query,
): Promise<ReadOptions> {
  if (store.far === true || effortOf(type, query) === 'few') return {};
  const extent = await extentOf(store, type, connection);
  return { long: looksOf(type, query, extent) > LOOKS_HERE };
}

/** By the counters of the quotas. */
async function extentOf(store: Pick<Store, 'read'>, type: ResourceType, connection: string): Promise<Extent> {
  const rows = await store.read((db) => db.selectFrom('counters').select(['name', 'value']).execute(), {
    atOnce: true,
  });
  const sum = (is: (name: string) => boolean): number =>
    rows.reduce((total, { name, value }) => total + (is(name) ? Number(value) : 0), 0);
  const own = `${type === 'User' ? 'users' : 'groups'}:${connection}`;
  return { resources: sum((name) => name === own), edges: sum((name) => name.startsWith('edges:')) };
}
