import { systemTimers } from '../../src/cli/edge.ts';
import { compare } from '../chaos/compare.ts';
import { alive } from '../chaos/processes.ts';
import type { How, Strike } from '../chaos/strike.ts';
import type { Walker } from '../chaos/walker.ts';

type Holds = () => boolean | Promise<boolean>;

const NAME = 'ci';
const STEP = 500;
const SECOND = 1_000;
const MINUTE = 60_000;
/** Between a mark and its effect: a poll, a window, a look at the policy. */
const SOON = 5_000;
/** Beyond what is promised. */
const TOLERANCE = 3_000;
/** How much longer it may take where a call fails meanwhile: until it is tried again, given up, or somebody else has the lease. */
const LONGER: Readonly<Record<How, number>> = {
  ...{ fails: 5_000, lost: 5_000, 'gone-before': 5_000, 'gone-after': 5_000, late: 15_000 },
  ...{ 'still-before': 45_000, 'still-after': 45_000 },
};
/** Where nobody knows whether sessions were ended once more, they are a minute later. */
const UNANSWERED = MINUTE + 2_000;

/**
 * After the steps of a scenario time goes on in small steps, with nobody pushing anything: what is promised by the clock has come by then.
 * @throws what has not
 */
export async function inTime(walker: Walker, strike: Strike): Promise<void> {
  const { house } = walker;
  const { time } = house;
  const { hands, look } = house.practices[NAME];

  async function until(what: string, since: number, within: number, holds: Holds, more = 0) {
    const step = within > 10 * SECOND ? (within > 2 * MINUTE ? MINUTE : 2 * SECOND) : STEP;
    for (;;) {
      alive(walker);
      await quiet(strike);
      if (await holds()) return;
      const { struck } = strike;
      const later = struck === undefined ? 0 : struck.at + LONGER[struck.how] - since;
      const by = since + within + TOLERANCE + (later > 0 ? later + more : 0);
      if (time.monotonic() > by) throw new Error(`${what}: not within ${within / SECOND} s`);
      time.forward(step);
    }
  }
  const is = (id: string, role: string) => look.holders(role).includes(id);

  const begun = time.monotonic();
  await until('all is as it has to be', begun, walker.needsWhole ? MINUTE : SOON, () => converged(walker));
  await until('who is held is told of', begun, SOON, () => heldAreTold(walker));
  const left = await lastCut(walker);
  if (left !== undefined) {
    const { id, at, hadSessions } = left;
    if (time.monotonic() - at < 4 * SECOND) {
      hands.grant('qa', id);
      await until('what a page put back is seen', at, 6 * SECOND, () => !is(id, 'qa'));
    }
    await until('time goes on', at, 15 * SECOND, () => time.monotonic() > at + 12 * SECOND);
    const session = hands.rememberedSession(id);
    const isOut = async () => (await whoIs(walker, session)) !== id;
    // Whoever took over from a process that stood still may have ended them again by then: whose login begins later is out after the hour.
    const isEarly = time.monotonic() < at + 28 * SECOND;
    if (hadSessions && isEarly) await until('sessions are ended once more', at, 61 * SECOND, isOut, UNANSWERED);
  }
  const [somebody] = look.holders('web-developer');
  if (somebody !== undefined) {
    hands.revoke('web-developer', somebody);
    await until('an edit is seen', time.monotonic(), MINUTE, () => is(somebody, 'web-developer'));
  }
  const full = await fullAt(walker);
  const again = async () => (await fullAt(walker)) > full;
  await until('everything is read', time.monotonic(), 15 * MINUTE, again);
  if (left?.hadSessions !== true) return;
  const session = hands.rememberedSession(left.id);
  const isOut = async () => (await whoIs(walker, session)) !== left.id;
  await until('sessions are ended an hour later', left.at, 77 * MINUTE, isOut, UNANSWERED);
}

/** Nothing is under way any more but what waits for time. */
async function quiet(strike: Strike): Promise<void> {
  for (let calm = 0; calm < 3; calm = strike.isQuiet ? calm + 1 : 0) await systemTimers.sleep(1);
}

async function converged({ house, oracle, standing }: Walker): Promise<boolean> {
  const { time, store } = house;
  oracle.meet({ now: time.now(), monotonic: time.monotonic(), behind: time.behind });
  const waits = await store.read(async (db) => {
    const dirty = await db.selectFrom('dirty').select('id').execute();
    const pending = await db.selectFrom('pending').select('id').execute();
    const open = await db.selectFrom('debts').select('id').where('state', '=', 'open').where('due_ms', '<', time.now());
    return dirty.length + pending.length + (await open.execute()).length;
  });
  return waits === 0 && (await compare(standing, NAME, true, false)).length === 0;
}

async function heldAreTold({ house }: Walker): Promise<boolean> {
  const held = await house.store.read((db) =>
    db.selectFrom('debts').select('person').where('state', '=', 'held').where('cause', '=', 'leaver').execute(),
  );
  const told = new Set(
    house.lines.flatMap(({ message, fields }) => (/is not done/.test(message) ? fields.person : [])),
  );
  return held.every(({ person }) => told.has(person));
}

interface Cut {
  readonly id: string;
  /** When it was stored, by the monotonic clock. */
  readonly at: number;
  /** Of who has no record there are none. */
  readonly hadSessions: boolean;
}

/** Who was cut off last, and is gone. */
async function lastCut({ house, oracle }: Walker): Promise<Cut | undefined> {
  const { time, store } = house;
  const gone = new Set(oracle.goneIds(NAME));
  const done = await store.read((db) =>
    db.selectFrom('debts').selectAll().where('state', '=', 'done').orderBy('done_at').execute(),
  );
  const last = done.findLast(({ folded_id, done_at }) => gone.has(folded_id) && done_at !== null);
  if (last === undefined) return undefined;
  const at = Date.parse(last.done_at!) - time.now() + time.monotonic();
  return { id: last.id, at, hadSessions: /"end-sessions"[^}]+"mark"/.test(last.steps) };
}

async function fullAt({ house }: Walker): Promise<number> {
  const row = await house.store.read((db) =>
    db.selectFrom('controllers').select('full_ms').where('name', '=', NAME).executeTakeFirst(),
  );
  return row?.full_ms ?? 0;
}

async function whoIs({ house }: Walker, session: string): Promise<string> {
  const { url } = house.practices[NAME];
  const answer = await fetch(`${url}/whoAmI/api/json`, { headers: { cookie: `JSESSIONID=${session}` } });
  return ((await answer.json()) as { name: string }).name;
}
