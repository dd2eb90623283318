import type { ReadOptions } from '../../access/ports/store.ts';
import { refuse } from '../../errors.ts';
import type { Query } from '../../scim/query.ts';
import type { ResourceType } from '../../scim/resource.ts';
import type { Store } from '../../store/store.ts';
import { effortOf } from '../search/effort.ts';
import { comparisonsIn, type Extent, looksOf } from '../search/looks.ts';

/** Values that a list looks at, at most, where the event loop waits for it: 10 to 20 ms. */
const LOOKS_HERE = 4_000;

/** Values that one list looks at, at most: some ten seconds, for which the lists of others that look through much wait. */
const MOST_LOOKS = 10_000_000;

/**
 * How a list is to be read: what looks through more is worth a thread. A server is asked how much there is only where much is compared.
 * @throws ScimError SCIM_TOO_MANY where more is compared than anybody should wait for; one comparison is always made
 */
export async function wayToList(
  store: Pick<Store, 'read' | 'far'>,
  type: ResourceType,
  connection: string,
  query: Query,
): Promise<ReadOptions> {
  const isOne = comparisonsIn(query) === 1;
  if (effortOf(type, query) === 'few' || (store.far === true && isOne)) return {};
  const looks = looksOf(type, query, await extentOf(store, type, connection));
  if (looks > MOST_LOOKS && !isOne)
    throw refuse('SCIM_TOO_MANY', {
      reason: `the search compares ${looks} values, more than ${MOST_LOOKS}: ask by fewer attributes at once`,
    });
  return store.far === true ? {} : { long: looks > LOOKS_HERE };
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
