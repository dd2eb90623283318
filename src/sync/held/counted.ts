import type { Kysely } from 'kysely';
import type { Tables } from '../../store/tables.ts';
import type { TrustedTime } from '../clock/trustedTime.ts';
import type { Situation } from '../pass/situation.ts';

type Db = Kysely<Tables>;

/** Names what is counted, beside the ids of groups: people of a connection, grants of ours on a controller. */
const peopleOf = (connection: string): string => `people:${connection}`;
const grantsOf = (controller: string): string => `grants:${controller}`;

/** Grants there were at a moment, in milliseconds since the epoch; see `peopleAt`. */
export async function grantsAt(db: Db, controller: string, at: number): Promise<number | undefined> {
  return (await countedAt(db, grantsOf(controller), at))?.members;
}

/** People of a connection there were, and whether that was counted at the moment that was asked for, and not later. */
export interface Counted {
  readonly members: number;
  readonly byThen: boolean;
}

/** People there were at a moment, by connection, by the last whole pass before; of what was first met later, by the first one that met any. */
export async function peopleAt(db: Db, connections: Iterable<string>, at: number): Promise<Map<string, Counted>> {
  const found = new Map<string, Counted>();
  for (const connection of new Set(connections)) {
    const counted = await countedAt(db, peopleOf(connection), at);
    if (counted !== undefined) found.set(connection, counted);
  }
  return found;
}

async function countedAt(db: Db, what: string, at: number): Promise<Counted | undefined> {
  const all = db.selectFrom('group_counts').select(['members', 'at_ms']).where('group_id', '=', what).limit(1);
  const counted =
    (await all.where('at_ms', '<=', at).orderBy('at_ms', 'desc').executeTakeFirst()) ??
    (await all.orderBy('at_ms').executeTakeFirst());
  return counted && { members: counted.members, byThen: counted.at_ms <= at };
}

/** People who are active: all of a connection but those whom the database counts as inactive, and of whom an operator says so. */
export async function activeByConnection(db: Db): Promise<Map<string, number>> {
  const counters = await db
    .selectFrom('counters')
    .select(['name', 'value'])
    .where(({ or, eb }) => or([eb('name', 'like', 'users:%'), eb('name', 'like', 'inactive:%')]))
    .execute();
  const values = new Map(counters.map(({ name, value }) => [name, Number(value)]));
  const active = new Map<string, number>();
  for (const [name, value] of values) {
    if (!name.startsWith(ALL)) continue;
    const connection = name.slice(ALL.length);
    active.set(connection, Math.max(0, value - (values.get(`inactive:${connection}`) ?? 0)));
  }
  const ordered = await db
    .selectFrom('ordered_leavers')
    .innerJoin('users', 'users.id', 'ordered_leavers.person')
    .select('users.connection')
    .where('users.active', '=', 1)
    .execute();
  for (const { connection } of ordered) active.set(connection, Math.max(0, (active.get(connection) ?? 0) - 1));
  return active;
}

const ALL = 'users:';

/**
 * Remembers in a whole pass what there is, so that a later ceiling is a percent of what there was: whoever can make people must not raise
 * it by that. Once a window has begun behind a count, no older one is asked for.
 * @param window of losses, in milliseconds
 */
export async function count(
  db: Db,
  controller: string,
  { whom, entries }: Pick<Situation, 'whom' | 'entries'>,
  time: TrustedTime,
  window: number,
): Promise<void> {
  if (whom !== 'all' || !time.trusted) return;
  const grants = entries.filter(({ standing, verified }) => standing === 'owned' && verified === 1).length;
  await remember(db, grantsOf(controller), grants, time.now, window);
  for (const [connection, people] of await activeByConnection(db))
    await remember(db, peopleOf(connection), people, time.now, window);
}

async function remember(db: Db, what: string, members: number, now: number, window: number): Promise<void> {
  const own = db.selectFrom('group_counts').select(['at_ms', 'members']).where('group_id', '=', what);
  const last = await own.orderBy('at_ms', 'desc').limit(1).executeTakeFirst();
  // Before anything is met there is no beginning that a percent could be of.
  if (last?.members === members || (last === undefined && members === 0)) return;
  await db
    .insertInto('group_counts')
    .values({ group_id: what, at_ms: now, members, name: what })
    .onConflict((conflict) => conflict.columns(['group_id', 'at_ms']).doUpdateSet({ members }))
    .execute();
  const begun = await own
    .where('at_ms', '<=', now - window)
    .orderBy('at_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (begun === undefined) return;
  await db.deleteFrom('group_counts').where('group_id', '=', what).where('at_ms', '<', begun.at_ms).execute();
}
