import { type Kysely, sql } from 'kysely';
import type { GroupPopulation, Populations } from '../plan/guard/input.ts';
import type { Plan } from '../plan/plan.ts';
import { nameKey } from '../policy/facts.ts';
import { textRows } from '../store/sql/lists.ts';
import type { GuardEventsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import type { Bound } from './bound.ts';

type Db = Kysely<Tables>;

const NOBODY: Populations = Object.freeze({ people: new Map(), grants: 0, groups: [] });

/** Counts what there was when the window of losses began; nothing is counted for a plan without losses. */
export async function populationsOf(
  db: Db,
  plan: Plan,
  events: readonly GuardEventsTable[],
  connections: ReadonlyMap<string, string>,
  windowStart: number,
  bound: Bound,
): Promise<Populations> {
  if (plan.steps.every(({ cause }) => cause === 'gain')) return NOBODY;
  const lost = events.filter(({ at_ms }) => at_ms >= windowStart);
  return {
    people: await peopleBefore(db, lost, leaversOf(plan, connections)),
    grants: await grantsBefore(db, plan.controller, lost),
    groups: await groupsBefore(db, fallingByGroup(plan), windowStart, bound),
  };
}

/** People a plan treats as leavers: they were active when the window began, or their event says otherwise. */
function leaversOf(plan: Plan, connections: ReadonlyMap<string, string>): Map<string, string> {
  const people = plan.steps.flatMap(({ cause, person }) =>
    cause === 'leaver' && person !== undefined ? [person] : [],
  );
  return new Map(people.map((person) => [person, connections.get(person) ?? '']));
}

async function peopleBefore(
  db: Db,
  lost: readonly GuardEventsTable[],
  leavers: ReadonlyMap<string, string>,
): Promise<Map<string, number>> {
  const counts = await activeByConnection(db);
  const counted = lost.filter(({ kind }) => kind === 'disabled').map((row) => [row.key, row.connection ?? ''] as const);
  const gone = new Map([...leavers, ...counted]);
  for (const connection of gone.values()) counts.set(connection, (counts.get(connection) ?? 0) + 1);
  return counts;
}

/** People who are active, of all and those who are not: an index holds the latter, so that nobody counts 100,000 rows in each pass. */
async function activeByConnection(db: Db): Promise<Map<string, number>> {
  const everybody = await db
    .selectFrom('counters')
    .select(['name', 'value'])
    .where('name', 'like', 'users:%')
    .execute();
  const gone = await db
    .selectFrom('users')
    .select(['connection', ({ fn }) => fn.countAll<number>().as('count')])
    .where('active', '=', sql.lit(0))
    .groupBy('connection')
    .execute();
  const inactive = new Map(gone.map(({ connection, count }) => [connection, Number(count)]));
  return new Map(
    everybody.map(({ name, value }) => {
      const connection = name.slice('users:'.length);
      return [connection, Math.max(0, value - (inactive.get(connection) ?? 0))];
    }),
  );
}

async function grantsBefore(db: Db, controller: string, lost: readonly GuardEventsTable[]): Promise<number> {
  const row = await db
    .selectFrom('entries')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('controller', '=', controller)
    .where('standing', '=', 'owned')
    .where('verified', '=', 1)
    .executeTakeFirstOrThrow();
  const applied = new Set(
    lost
      .filter((event) => event.controller === controller && event.kind === 'grant-lost' && event.state === 'applied')
      .map(({ key }) => key),
  );
  return Number(row.count) + applied.size;
}

/** People who lose something, by the group behind it. */
function fallingByGroup(plan: Plan): Map<string, Set<string>> {
  const falling = new Map<string, Set<string>>();
  for (const { cause, reasons, person = '' } of plan.steps) {
    if (cause === 'gain') continue;
    for (const { groupId } of reasons)
      if (groupId !== undefined) falling.set(groupId, (falling.get(groupId) ?? new Set()).add(person));
  }
  return falling;
}

/**
 * A group that is gone and still bound freezes. Where its name has returned it counts as one that lost whoever falls; where no
 * rule is bound to it any more, because the policy was edited, nothing waits for its sake.
 */
async function groupsBefore(
  db: Db,
  falling: ReadonlyMap<string, ReadonlySet<string>>,
  windowStart: number,
  bound: Bound,
): Promise<GroupPopulation[]> {
  const found: GroupPopulation[] = [];
  for (const [id, people] of falling) {
    const group = await db.selectFrom('groups').select('display_name').where('id', '=', id).executeTakeFirst();
    const most = await mostMembers(db, id, windowStart);
    const frozen = bound.deleted.get(id);
    if (frozen !== undefined) {
      found.push({ id, name: most.name, before: most.members, kept: 0, gone: true, frozen });
    } else if (group !== undefined) {
      const kept = await countMembers(db, id, new Date(most.at_ms).toISOString());
      found.push({ id, name: group.display_name, before: Math.max(most.members, kept), kept, gone: false });
    } else if (bound.names.has(nameKey(most.name))) {
      const kept = Math.max(0, most.members - people.size);
      found.push({ id, name: most.name, before: most.members, kept, gone: false });
    }
  }
  return found;
}

/** When a group had most members since the window of losses began. */
async function mostMembers(
  db: Db,
  id: string,
  windowStart: number,
): Promise<{ readonly at_ms: number; readonly members: number; readonly name: string }> {
  const samples = await db
    .selectFrom('group_counts')
    .select(['at_ms', 'members', 'name'])
    .where('group_id', '=', id)
    .orderBy('at_ms', 'desc')
    .limit(500)
    .execute();
  const start = samples.findIndex(({ at_ms }) => at_ms < windowStart);
  const within = start === -1 ? samples : samples.slice(0, start + 1);
  return within.reduce((best, sample) => (sample.members > best.members ? sample : best), {
    at_ms: windowStart,
    members: 0,
    name: id,
  });
}

/** People in a group, nested groups included; only edges stored until then, where that is given. */
async function countMembers(db: Db, group: string, until: string): Promise<number> {
  const counted = await sql<{ count: number }>`
    WITH RECURSIVE nest (id) AS (
      ${textRows([group])}
      UNION
      SELECT m.member_id FROM members m JOIN nest n ON m.group_id = n.id WHERE m.kind = 'Group' AND m.since <= ${until})
    SELECT count(DISTINCT m.member_id) AS count
    FROM members m JOIN nest n ON m.group_id = n.id WHERE m.kind = 'User' AND m.since <= ${until}`.execute(db);
  return Number(counted.rows[0]?.count ?? 0);
}

/** Remembers how many people these groups have, where that changed since they were last looked at. */
export async function sampleGroups(db: Db, ids: readonly string[], at: number): Promise<void> {
  const until = new Date(at).toISOString();
  for (const id of ids) {
    const group = await db.selectFrom('groups').select('display_name').where('id', '=', id).executeTakeFirst();
    if (group === undefined) continue;
    const members = await countMembers(db, id, until);
    const last = await db
      .selectFrom('group_counts')
      .select(['members', 'name'])
      .where('group_id', '=', id)
      .orderBy('at_ms', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (last?.members === members && last.name === group.display_name) continue;
    const row = { group_id: id, at_ms: at, members, name: group.display_name };
    await db
      .insertInto('group_counts')
      .values(row)
      .onConflict((conflict) => conflict.columns(['group_id', 'at_ms']).doUpdateSet({ members }))
      .execute();
  }
}
