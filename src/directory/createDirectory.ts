import type { WriteOptions } from '../access/ports/store.ts';
import type { GroupResource, UserResource } from '../scim/resource.ts';
import type { Store, Tx } from '../store/store.ts';
import type { Caller, Directory } from './directory.ts';
import { membersOf } from './facts/related.ts';
import { groupResource } from './groups/groupRow.ts';
import { changeGroup, createGroup, deleteGroup, requireGroup } from './groups/groups.ts';
import { extent, foreseen, sizeOf } from './groups/replacement.ts';
import { changeMember, oneMember, seeMember } from './groups/seenMember.ts';
import { HERE, PART } from './inParts.ts';
import { findUsers, listGroups, listUsers } from './lists/lists.ts';
import { wayToList } from './lists/wayToList.ts';
import { DailyWrites } from './quotas/dailyWrites.ts';
import { DEFAULT_QUOTAS, type Quotas } from './quotas/quotas.ts';
import { isPersonLookup } from './search/lookup.ts';
import { createTogether, extentOf, prepareTogether } from './together.ts';
import type { DirectoryParts } from './trace.ts';
import { NOTHING_UNIQUE, type UniquePaths } from './unique/uniquePaths.ts';
import { aheadOfCrowd } from './users/seen.ts';
import { userResource } from './users/userRow.ts';
import { changeUser, createUser, deleteUser, readUser } from './users/users.ts';

/** People and groups over SQL. `wake` runs after each commit that changed something. */
export function createDirectory({
  store,
  quotas = () => DEFAULT_QUOTAS,
  daily,
  unique = NOTHING_UNIQUE,
  ...others
}: Omit<DirectoryParts, 'quotas' | 'daily' | 'unique'> & {
  readonly store: Store;
  readonly quotas?: (connection: string) => Quotas;
  readonly daily?: DailyWrites;
  readonly unique?: UniquePaths;
}): Directory {
  const parts: DirectoryParts = { ...others, quotas, daily: daily ?? new DailyWrites(others.clock), unique };
  const write = <T>(
    { connection }: Pick<Caller, 'connection'>,
    work: (tx: Tx) => Promise<T>,
    options?: WriteOptions,
  ): Promise<T> => store.write(work, { ...options, lane: connection });
  const changeAny: Directory['changeGroup'] = async (caller, id, changes, condition) => {
    const ahead = await foreseen(store, caller.connection, id, changes);
    const way = wayFor(extent(ahead?.changes ?? changes, ahead?.size ?? 0));
    return write(caller, (tx) => changeGroup(parts, tx, caller, id, changes, condition, ahead), way);
  };
  return {
    createUser: (caller, attributes) => write(caller, (tx) => createUser(parts, tx, caller, attributes)),
    user: (connection, id, related) =>
      store.read(
        async (db): Promise<UserResource> => {
          const { row, groups } = await readUser({ db }, connection, id, related);
          const user = userResource(row);
          return groups === undefined ? user : { ...user, groups };
        },
        { atOnce: true },
      ),
    async users(connection, query) {
      const found = isPersonLookup(query)
        ? await store.read((db) => findUsers(db, connection, query), { atOnce: true })
        : undefined;
      if (found !== undefined) return found;
      const way = await wayToList(store, 'User', connection, query);
      return store.read((db) => listUsers(db, connection, query), way);
    },
    changeUser: (caller, id, change, condition, related = false) =>
      aheadOfCrowd(
        store,
        (db) => readUser({ db }, caller.connection, id, related),
        (seen) => write(caller, (tx) => changeUser(parts, tx, caller, id, { change, condition, related }, seen)),
      ),
    deleteUser: (caller, id, condition) => write(caller, (tx) => deleteUser(parts, tx, caller, id, condition)),

    createGroup: (caller, attributes, members) =>
      write(
        caller,
        async (tx): Promise<GroupResource> => {
          const group = await createGroup(parts, tx, caller, attributes, members);
          const size = { id: group.id, member_count: members.length };
          return { ...group, members: (await membersOf(tx.db, [size], tx.breathe)).get(group.id) ?? [] };
        },
        wayFor(members.length),
      ),
    group: (connection, id, related) =>
      store.read(async (db, breathe): Promise<GroupResource> => {
        const row = await requireGroup({ db }, connection, id);
        const group = groupResource(row);
        return related ? { ...group, members: (await membersOf(db, [row], breathe)).get(id) ?? [] } : group;
      }),
    async groups(connection, query) {
      const way = await wayToList(store, 'Group', connection, query);
      return store.read((db, breathe) => listGroups(db, connection, query, breathe), way);
    },
    changeGroup(caller, id, changes, condition) {
      const member = store.far === true && condition === undefined ? oneMember(changes) : undefined;
      if (member === undefined) return changeAny(caller, id, changes, condition);
      return aheadOfCrowd(
        store,
        (db) => seeMember(db, caller.connection, id, member),
        (seen) =>
          write(caller, (tx) =>
            seen === undefined
              ? changeGroup(parts, tx, caller, id, changes, condition)
              : changeMember(parts, tx, caller, seen),
          ),
      );
    },
    async deleteGroup(caller, id, condition) {
      const { connection } = caller;
      const { rows } = store.far === true ? { rows: [] } : await store.read((db) => sizeOf(db, { id, connection }));
      return write(caller, (tx) => deleteGroup(parts, tx, caller, id, condition), wayFor(rows[0]?.member_count ?? 0));
    },

    async createTogether(creations) {
      const prepared = await prepareTogether(parts, creations);
      const caller = prepared[0]?.caller ?? { connection: '' };
      return write(caller, (tx) => createTogether(parts, tx, prepared), wayFor(extentOf(prepared)));
    },
  };
}

/** How so many memberships are written. */
function wayFor(memberships: number): WriteOptions {
  return { alone: memberships > PART, long: memberships > HERE };
}
