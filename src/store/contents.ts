import type { Store, StoreStatus } from './store.ts';

type Reader = Parameters<Parameters<Store['read']>[0]>[0];

/** What a database holds, whatever engine it is of. */
export async function contents(db: Reader): Promise<Omit<StoreStatus, 'bytes'>> {
  const users = await db
    .selectFrom('users')
    .select((e) => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  const groups = await db
    .selectFrom('groups')
    .select((e) => [e.fn.countAll<number>().as('n'), e.fn.sum<number | null>('member_count').as('members')])
    .executeTakeFirstOrThrow();
  const { id } = await db
    .withTables<{ schema_migrations: { id: number } }>()
    .selectFrom('schema_migrations')
    .select((e) => e.fn.max('id').as('id'))
    .executeTakeFirstOrThrow();
  return { schema: id ?? 0, users: users.n, groups: groups.n, members: groups.members ?? 0 };
}
