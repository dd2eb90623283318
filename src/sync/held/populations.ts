import { type Kysely, sql } from 'kysely';
import type { Steps } from '../../access/breather.ts';
import { inSteps } from '../../access/inSteps.ts';
import { losingAll } from '../../plan/guard/deserted.ts';
import { lost } from '../../plan/guard/history.ts';
import type { GroupPopulation } from '../../plan/guard/input.ts';
import { WHOLE } from '../../plan/guard/leaverCeiling.ts';
import type { Standing } from '../../plan/input.ts';
import type { Plan } from '../../plan/plan.ts';
import { externalKey } from '../../policy/bindingKey.ts';
import { type Facts, nameKey } from '../../policy/facts.ts';
import { textRows } from '../../store/sql/lists.ts';
import type { GuardEventsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { Situation } from '../pass/situation.ts';
import type { Bound } from '../policy/bound.ts';
import { eventOf } from '../state/rows.ts';
import { grantsAt } from './counted.ts';

type Db = Kysely<Tables>;

/**
 * Grants of ours there were when the window of losses began; where nobody had counted, those there are, and what was lost since and is not
 * back.
 */
export async function grantsBefore(
  db: Db,
  controller: string,
  events: readonly GuardEventsTable[],
  windowStart: number,
): Promise<number> {
  const counted = await grantsAt(db, controller, windowStart);
  if (counted !== undefined) return counted;
  const row = await db
    .selectFrom('entries')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('controller', '=', controller)
    .where('standing', '=', 'owned')
    .where('verified', '=', 1)
    .executeTakeFirstOrThrow();
  const applied = events.filter(
    (event) => event.controller === controller && event.state === 'applied' && event.at_ms >= windowStart,
  );
  return Number(row.count) + lost(applied.map(eventOf), 'grant-lost').size;
}

/**
 * People who hold something of ours here and have not left, by connection: of those that a plan may take all of it from. Only a look at
 * everybody knows; an edit of the configuration begins with one.
 */
export function* holdersBefore(
  plan: Plan,
  { whom, entries }: Pick<Situation, 'whom' | 'entries'>,
  standing: ReadonlyMap<string, Standing>,
  connections: ReadonlyMap<string, string>,
  reaches: (connection: string) => boolean,
): Steps<Map<string, number>> {
  if (whom !== 'all') return new Map();
  const losing = yield* losingAll(plan, connections, reaches);
  const found = new Map<string, Set<string>>();
  for (const [connection, people] of losing) if (people.size > WHOLE) found.set(connection, new Set());
  if (found.size === 0) return new Map();
  yield* inSteps(entries, ({ person, standing: whose, verified }) => {
    if (person === null || whose !== 'owned' || verified !== 1 || standing.get(person) !== 'active') return;
    found.get(connections.get(person) ?? '')?.add(person);
  });
  return new Map([...found].map(([connection, people]) => [connection, people.size]));
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
 * Groups behind what a plan takes away, as they were when the window of losses began. One that is gone and still bound freezes who was in
 * it to the last; where nobody was, all its members lose it.
 * Where a name or externalId it had has returned it counts as one that lost whoever falls; where no rule is bound to it any more,
 * because the policy was edited, nothing waits for its sake.
 */
export async function groupsBefore(
  db: Db,
  plan: Plan,
  windowStart: number,
  bound: Bound,
  { holders }: Pick<Facts, 'holders'>,
): Promise<GroupPopulation[]> {
  const found: GroupPopulation[] = [];
  for (const [id, people] of fallingByGroup(plan)) {
    const group = await db.selectFrom('groups').select('display_name').where('id', '=', id).executeTakeFirst();
    const most = await mostMembers(db, id, windowStart);
    const frozen = bound.deleted.get(id);
    if (frozen !== undefined) {
      const kept = holders?.get(id)?.size ?? 0;
      found.push({ id, name: most.name, before: most.members, kept, gone: true, frozen });
    } else if (group !== undefined) {
      const kept = await countMembers(db, id, new Date(most.at_ms).toISOString());
      found.push({ id, name: group.display_name, before: Math.max(most.members, kept), kept, gone: false });
    } else if (!(await keysOf(db, id)).isDisjointFrom(bound.names)) {
      const kept = Math.max(0, most.members - people.size);
      found.push({ id, name: most.name, before: most.members, kept, gone: false });
    }
  }
  return found;
}

/** What rules may have been bound to a deleted group as: the names it was seen with, and its last externalId. */
async function keysOf(db: Db, id: string): Promise<Set<string>> {
  const samples = await db.selectFrom('group_counts').select('name').distinct().where('group_id', '=', id).execute();
  const gone = await db.selectFrom('tombstones').select('external_id').where('id', '=', id).executeTakeFirst();
  const keys = new Set(samples.map(({ name }) => nameKey(name)));
  const externalId = gone?.external_id ?? undefined;
  return externalId === undefined ? keys : keys.add(externalKey(externalId));
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
