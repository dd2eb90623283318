import type { Store } from '../../store/store.ts';
import type { DailyWrites } from './dailyWrites.ts';
import type { Quotas } from './quotas.ts';

/** How much of one quota a connection has used. */
export interface Usage {
  readonly connection: string;
  readonly what: 'users' | 'groups' | 'memberships' | 'writesPerDay';
  readonly used: number;
  readonly limit: number;
}

/** What the connections have now, of what they may have; reads the day's changes anew. */
export async function usageOf(
  store: Pick<Store, 'read'>,
  daily: DailyWrites,
  connections: readonly string[],
  quotas: (connection: string) => Quotas,
): Promise<Usage[]> {
  await daily.read(store);
  const rows = await store.read((db) => db.selectFrom('counters').select(['name', 'value']).execute());
  const counters = new Map(rows.map(({ name, value }) => [name, Number(value)]));
  return connections.flatMap((connection): Usage[] => {
    const { users, groups, edges, writesPerDay } = quotas(connection);
    const of = (name: string): number => counters.get(`${name}:${connection}`) ?? 0;
    return [
      { connection, what: 'users', used: of('users'), limit: users },
      { connection, what: 'groups', used: of('groups'), limit: groups },
      { connection, what: 'memberships', used: of('edges'), limit: edges },
      { connection, what: 'writesPerDay', used: daily.used(connection), limit: writesPerDay },
    ];
  });
}
