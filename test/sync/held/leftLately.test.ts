import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GuardConfig } from '../../../src/config/schema.ts';
import type { GuardInput } from '../../../src/plan/guard/input.ts';
import { judge } from '../../../src/plan/guard/judge.ts';
import { WHOLE } from '../../../src/plan/guard/leaverCeiling.ts';
import type { Store } from '../../../src/store/store.ts';
import type { GuardEventsTable } from '../../../src/store/tables/sync.ts';
import { leftLately } from '../../../src/sync/held/leftLately.ts';
import { eventOf } from '../../../src/sync/state/rows.ts';
import { config, guardInput } from '../../plan/guard/make.ts';
import { NOW, named, person, planInput } from '../../plan/make.ts';
import { openTestStore } from '../../store/open.ts';

const HOUR = 3_600_000;
const CONNECTIONS = ['okta', 'entra'] as const;

/** Somebody of one of two connections, by number; `s-` and the name is the id. */
const connectionOf = (n: number): string => CONNECTIONS[n % 3 === 0 ? 1 : 0]!;
const idOf = (n: number): string => `s-u${n}`;

interface World {
  /** Of each person, whether they are active. */
  readonly active: readonly boolean[];
  /** People the plan takes everything from. */
  readonly leaving: ReadonlySet<number>;
  readonly events: readonly GuardEventsTable[];
  readonly ceiling: GuardConfig['losses']['disableUsers'];
  /** What was counted of each connection when the window began. */
  readonly counted?: readonly (number | undefined)[];
}

/** All that a connection had leave at once: both ceilings hold, whatever else the property comes upon. */
const EVERYBODY: World = {
  active: [false, false, false, false],
  leaving: new Set([0, 1, 2, 3]),
  events: [],
  ceiling: { count: 1, percent: 1, atLeast: 0 },
};

const world = fc
  .integer({ min: 4, max: 24 })
  .chain((people) =>
    fc.record({
      active: fc.array(fc.boolean(), { minLength: people, maxLength: people }),
      leaving: fc.uniqueArray(fc.nat(people - 1), { minLength: 1, maxLength: 5 }).map((list) => new Set(list)),
      events: fc.array(
        fc.record({
          who: fc.nat(people - 1),
          ago: fc.integer({ min: 0, max: 90 }),
          controller: fc.constantFrom('ci', 'other'),
          state: fc.constantFrom('applied', 'held'),
        }),
        { maxLength: 30 },
      ),
      ceiling: fc.record({
        count: fc.integer({ min: 1, max: 40 }),
        percent: fc.integer({ min: 1, max: 100 }),
        atLeast: fc.integer({ min: 0, max: 8 }),
      }),
      counted: fc.tuple(fc.option(fc.nat(24), { nil: undefined }), fc.option(fc.nat(24), { nil: undefined })),
    }),
  )
  .map(
    ({ active, leaving, events, ceiling, counted }): World => ({
      active: active.map((one, n) => one && !leaving.has(n)),
      leaving,
      ceiling,
      counted,
      events: events.map(({ who, ago, controller, state }, n) => ({
        ...{ id: `e${n}`, at_ms: NOW - ago * 60_000, controller, connection: connectionOf(who), kind: 'disabled' },
        ...({ key: idOf(who), person: idOf(who), administrative: 0, state } as const),
      })),
    }),
  );

async function stored(store: Store, { active, events, counted = [] }: World): Promise<void> {
  await store.write(async ({ db }) => {
    for (const table of ['users', 'guard_events', 'counters', 'group_counts'] as const)
      await db.deleteFrom(table).execute();
    const at = new Date(NOW).toISOString();
    await db
      .insertInto('users')
      .values(
        active.map((is, n) => ({
          ...{
            id: idOf(n),
            connection: connectionOf(n),
            user_name: `u${n}`,
            user_name_key: `u${n}`,
            active: is ? 1 : 0,
          },
          ...{ external_id: null, display_name: null, email: null, document: '{}' },
          ...{ created_at: at, modified_at: at, version: 1 },
        })),
      )
      .execute();
    for (const name of CONNECTIONS) {
      const value = active.filter((_, n) => connectionOf(n) === name).length;
      await db
        .insertInto('counters')
        .values({ name: `users:${name}`, value })
        .execute();
    }
    for (const [n, members] of counted.entries()) {
      const group_id = `people:${CONNECTIONS[n]}`;
      const row = { group_id, members: members ?? 0, name: group_id, at_ms: NOW - HOUR };
      if (members !== undefined) await db.insertInto('group_counts').values(row).execute();
    }
    if (events.length > 0) await db.insertInto('guard_events').values(events).execute();
  });
}

function countedOf(counted: NonNullable<World['counted']>): Map<string, number> {
  return new Map(counted.flatMap((members, n) => (members === undefined ? [] : [[CONNECTIONS[n]!, members] as const])));
}

/** What was handed to a judgement while everything in the windows was read. */
function everything({ active, leaving, events, counted = [] }: World): Partial<GuardInput> {
  const within = events.filter(({ at_ms }) => at_ms >= NOW - HOUR);
  const people = new Map<string, number>(
    CONNECTIONS.map((name) => [name, active.filter((is, n) => is && connectionOf(n) === name).length]),
  );
  const gone = new Map([...leaving].map((n) => [idOf(n), connectionOf(n)]));
  const isActive = new Set(active.flatMap((is, n) => (is ? [idOf(n)] : [])));
  for (const { key, connection } of within) if (!isActive.has(key)) gone.set(key, connection!);
  for (const connection of gone.values()) people.set(connection, people.get(connection)! + 1);
  for (const [connection, were] of countedOf(counted))
    if (were > WHOLE) people.set(connection, Math.min(were, people.get(connection)!));
  return {
    history: events.map(eventOf),
    populations: { people, counted: countedOf(counted), grants: 0, groups: [] },
    activeAgain: isActive,
  };
}

test('of people who left as much is read as decides: the judgement is that over everything, word for word', async (t) => {
  const store = await openTestStore(t);
  const seen = { own: 0, all: 0 };
  const held = new Set<string>();
  await fc.assert(
    fc.asyncProperty(world, async (one) => {
      await stored(store, one);
      const people = [...one.leaving].map((n) => person(`-${connectionOf(n)}/u${n}`));
      const before = named(people.map((who) => ({ ...who, active: true })));
      const identities = named(people, { claims: [...before.owners.values()] });
      const input = guardInput(planInput({ people, identities }), {
        config: config({ losses: { disableUsers: one.ceiling } }),
      });
      const asked = { plan: input.plan, connections: input.connections, windowStart: NOW - HOUR, ceiling: one.ceiling };
      const left = await store.read((db, breathe) => leftLately(db, asked, breathe));
      const found = judge({
        ...input,
        history: left.events.map(eventOf),
        populations: { people: left.people, counted: left.counted, grants: 0, groups: [] },
        activeAgain: left.activeAgain,
      });
      const whole = judge({ ...input, ...everything(one) });
      assert.deepEqual(found, whole);
      for (const { ceiling } of whole.held) held.add(ceiling);
      const others = one.events.some(({ key, at_ms }) => at_ms >= NOW - HOUR && !one.leaving.has(Number(key.slice(3))));
      if (others) seen[left.events.some(({ key }) => !one.leaving.has(Number(key.slice(3)))) ? 'all' : 'own'] += 1;
    }),
    { numRuns: 120, examples: [[EVERYBODY]] },
  );
  assert.ok(seen.own > 5 && seen.all > 5, JSON.stringify(seen));
  assert.deepEqual([...held].sort(), ['losses.disableUsers', 'whole-connection']);
});

test('who is back counts once among the people there were, and whom an operator said to leave is none who is there', async (t) => {
  const store = await openTestStore(t);
  const event = (n: number, who: number) => ({
    ...{ id: `e${n}`, at_ms: NOW - 60_000, controller: 'ci', connection: 'okta', kind: 'disabled' as const },
    ...({ key: idOf(who), person: idOf(who), administrative: 0, state: 'applied' } as const),
  });
  // Of okta: 4, 5, 7 and 8 are there, of whom 4 and 5 are back and an operator said to leave of 8; 1 is leaving, 2 left.
  const active = [0, 0, 0, 0, 1, 1, 0, 1, 1].map(Boolean);
  const ceiling = { count: 1, percent: 1, atLeast: 0 };
  const events = [4, 5, 2, 8].map((who, n) => event(n, who));
  await stored(store, { active, events, ceiling, leaving: new Set([1]) });
  await store.write(async ({ db }) => {
    await db
      .insertInto('ordered_leavers')
      .values({ person: idOf(8), at: new Date(NOW).toISOString() })
      .execute();
  });
  const people = [person(`-okta/u1`)];
  const before = named(people.map((who) => ({ ...who, active: true })));
  const input = guardInput(planInput({ people, identities: named(people, { claims: [...before.owners.values()] }) }), {
    config: config({ losses: { disableUsers: ceiling } }),
  });
  const asked = { plan: input.plan, connections: input.connections, windowStart: NOW - HOUR, ceiling };
  const left = await store.read((db, breathe) => leftLately(db, asked, breathe));
  assert.deepEqual([left.all, left.people.get('okta')], [true, 6]);
});
