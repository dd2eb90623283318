import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { CeilingConfig } from '../../config/schema.ts';
import { limitOf } from '../../plan/guard/ceiling.ts';
import { WHOLE } from '../../plan/guard/leaverCeiling.ts';
import type { Plan } from '../../plan/plan.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { GuardEventsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { orderedLeavers } from '../state/stored.ts';
import { activeByConnection, type Counted, peopleAt } from './counted.ts';
import { disabledOf, everyDisabled } from './guardEvents.ts';

type Db = Kysely<Tables>;

/** What a judgement has to know of people who left within the window of losses. */
export interface LeftLately {
  readonly events: readonly GuardEventsTable[];
  /** Whether these are all there are, and not only as many as decide. */
  readonly all: boolean;
  /** People of these events who are active again: their deactivation does not count (semantics §5). */
  readonly activeAgain: ReadonlySet<string>;
  /** People of a connection who are all of it, by connection: those who are active or were since the window began, but not more than it had then. */
  readonly people: ReadonlyMap<string, number>;
  /** What was counted of them when it began; see `peopleAt`. */
  readonly counted: ReadonlyMap<string, number>;
}

const NOBODY: LeftLately = Object.freeze({
  ...{ events: [], all: false, activeAgain: new Set<string>() },
  ...{ people: new Map<string, number>(), counted: new Map<string, number>() },
});

interface Judged {
  readonly plan: Plan;
  /** Connection of each person the plan is about. */
  readonly connections: ReadonlyMap<string, string>;
  readonly windowStart: number;
  readonly ceiling: CeilingConfig;
}

/**
 * As much of who left as decides: nothing for a plan without leavers; what was counted of the plan's own people as long as even all
 * others in the window leave room below the ceiling; everything in the window beyond that, and where a connection has nobody left.
 */
export async function leftLately(db: Db, judged: Judged, breathe: Breathe): Promise<LeftLately> {
  const { plan, connections, windowStart } = judged;
  const leavers = leaversOf(plan, connections);
  if (leavers.size === 0) return NOBODY;
  const own = await disabledOf(db, new Set(leavers.keys()), windowStart, breathe);
  const active = await activeByConnection(db);
  const counted = await peopleAt(db, leavers.values(), windowStart);
  const enough = await leaveRoom(db, judged, leavers, own.length, { active, counted });
  const events = enough ? own : await everyDisabled(db, windowStart, breathe);
  const back = await activeAgain(db, events, breathe);
  const gone = events.flatMap(({ key, connection }) => (back.has(key) ? [] : [[key, connection ?? ''] as const]));
  const people = new Map(active);
  for (const connection of new Map([...leavers, ...gone]).values())
    people.set(connection, (people.get(connection) ?? 0) + 1);
  for (const [connection, all] of people) people.set(connection, Math.min(all, everybodyOf(counted.get(connection))));
  const limits = new Map([...counted].map(([connection, { members }]) => [connection, members]));
  return { events, all: !enough, activeAgain: back, people, counted: limits };
}

/** So many of a connection that had many when the window began are all of it: who came since is no reason to let everybody go. */
function everybodyOf(were: Counted | undefined): number {
  return were?.byThen === true && were.members > WHOLE ? were.members : Number.POSITIVE_INFINITY;
}

/** People a plan treats as leavers: they were active when the window began, or their event says otherwise. */
function leaversOf(plan: Plan, connections: ReadonlyMap<string, string>): Map<string, string> {
  const people = plan.steps.flatMap(({ cause, person }) =>
    cause === 'leaver' && person !== undefined ? [person] : [],
  );
  return new Map(people.map((person) => [person, connections.get(person) ?? '']));
}

/**
 * Whether no ceiling on leavers can be reached, whoever the events of others are about: their number is an upper bound of the people,
 * and, where nobody had counted, those who are active now are a lower bound of those who were. A connection that has nobody active may be
 * losing everybody.
 */
async function leaveRoom(
  db: Db,
  { windowStart, ceiling }: Judged,
  leavers: ReadonlyMap<string, string>,
  own: number,
  { active, counted }: { readonly active: ReadonlyMap<string, number>; readonly counted: ReadonlyMap<string, Counted> },
): Promise<boolean> {
  const leaving = new Map<string, number>();
  for (const connection of leavers.values()) leaving.set(connection, (leaving.get(connection) ?? 0) + 1);
  let room = Number.POSITIVE_INFINITY;
  for (const [connection, count] of leaving) {
    const stay = active.get(connection) ?? 0;
    if (stay === 0) return false;
    const were = counted.get(connection);
    const most = Math.min(limitOf(ceiling, were?.members ?? stay + count), everybodyOf(were) - 1);
    room = Math.min(room, most - count);
  }
  if (room < 0) return false;
  return noMoreLeft(db, room + own, windowStart);
}

/** Whether at most so many left since then, on whichever controller: those of each are counted. */
export async function noMoreLeft(db: Db, most: number, since: number): Promise<boolean> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM (
    SELECT 1 FROM guard_events WHERE kind = 'disabled' AND at_ms >= ${since} LIMIT ${most + 1}) AS others`.execute(db);
  return Number(rows[0]?.count ?? 0) <= most;
}

/** People that are asked about in one turn of the event loop. */
const TOGETHER = 1_000;

async function activeAgain(db: Db, events: readonly GuardEventsTable[], breathe: Breathe): Promise<Set<string>> {
  const gone = [...new Set(events.map(({ key }) => key))];
  const active = new Set<string>();
  const ordered = gone.length === 0 ? new Set<string>() : await orderedLeavers(db);
  for (let at = 0; at < gone.length; at += TOGETHER) {
    if (at > 0) await breathe();
    const rows = await db
      .selectFrom('users')
      .select('id')
      .where(sql<boolean>`${among(sql.ref('id'), textRows(gone.slice(at, at + TOGETHER)))}`)
      .where('active', '=', 1)
      .execute();
    for (const { id } of rows) if (!ordered.has(id)) active.add(id);
  }
  return active;
}
