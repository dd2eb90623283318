import { type Kysely, sql } from 'kysely';
import type { GroupPopulation, Populations } from '../plan/guard/input.ts';
import type { Plan } from '../plan/plan.ts';
import { textRows } from '../store/sql/lists.ts';
import type { GuardEventsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';

type Db = Kysely<Tables>;

const NOBODY: Populations = Object.freeze({ people: new Map(), grants: 0, groups: [] });

/** Counts what there was when the window of losses began; nothing is counted for a plan without losses. */
export async function populationsOf(
  db: Db,
  plan: Plan,
  events: readonly GuardEventsTable[],
  connections: ReadonlyMap<string, string>,
  windowStart: number,
): Promise<Populations> {
  if (plan.steps.every(({ cause }) => cause === 'gain')) return NOBODY;
  const lost = events.filter(({ at_ms }) => at_ms >= windowStart);
  return {
    people: await peopleBefore(db, lost, leaversOf(plan, connections)),
    grants: await grantsBefore(db, plan.controller, lost),
    groups: await groupsBefore(db, groupsOf(plan), windowStart),
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
  const rows = await db
    .selectFrom('users')
    .select(['connection', ({ fn }) => fn.countAll<number>().as('count')])
    .where('active', '=', 1)
    .groupBy('connection')
    .execute();
  const counts = new Map(rows.map(({ connection, count }) => [connection, Number(count)]));
  const counted = lost.filter(({ kind }) => kind === 'disabled').map((row) => [row.key, row.connection ?? ''] as const);
  const gone = new Map([...leavers, ...counted]);
  for (const connection of gone.values()) counts.set(connection, (counts.get(connection) ?? 0) + 1);
  return counts;
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

/** Groups behind what is lost. */
function groupsOf(plan: Plan): string[] {
  const ids = plan.steps
    .filter(({ cause }) => cause !== 'gain')
    .flatMap(({ reasons }) => reasons.flatMap(({ groupId }) => groupId ?? []));
  return [...new Set(ids)];
}

async function groupsBefore(db: Db, ids: readonly string[], windowStart: number): Promise<GroupPopulation[]> {
  const found: GroupPopulation[] = [];
  for (const id of ids) {
    const group = await db.selectFrom('groups').select('display_name').where('id', '=', id).executeTakeFirst();
    const samples = await db
      .selectFrom('group_counts')
      .select(['at_ms', 'members', 'name'])
      .where('group_id', '=', id)
      .orderBy('at_ms', 'desc')
      .limit(500)
      .execute();
    const start = samples.findIndex(({ at_ms }) => at_ms < windowStart);
    const within = start === -1 ? samples : samples.slice(0, start + 1);
    const most = within.reduce((best, sample) => (sample.members > best.members ? sample : best), {
      at_ms: windowStart,
      members: 0,
      name: id,
    });
    const kept = await countMembers(db, id, new Date(most.at_ms).toISOString());
    const before = Math.max(most.members, kept);
    found.push({ id, name: group?.display_name ?? most.name, before, kept, gone: group === undefined });
  }
  return found;
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
