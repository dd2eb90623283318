import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { GuardEventsTable } from '../../../src/store/tables/sync.ts';
import { disabledOf, everyDisabled, guardEventsOf } from '../../../src/sync/held/guardEvents.ts';
import { inOneTurn } from '../../../src/sync/state/reading.ts';
import { openTestStore } from '../../store/open.ts';

type Some = Pick<GuardEventsTable, 'kind' | 'at_ms'> & Partial<GuardEventsTable>;

async function world(t: TestContext, events: readonly Some[]) {
  const store = await openTestStore(t);
  const row = {
    controller: 'ci',
    connection: 'okta',
    key: 'k',
    person: null,
    administrative: 0,
    state: 'applied',
  } as const;
  const rows = events.map((event, n) => ({ id: `e${String(n).padStart(5, '0')}`, ...row, ...event }));
  await store.write(async ({ db }) => {
    for (let at = 0; at < rows.length; at += 500)
      await db
        .insertInto('guard_events')
        .values(rows.slice(at, at + 500))
        .execute();
  });
  return store;
}

for (const [which, losses, gains] of [
  ['of gains', 200, 100],
  ['of losses', 100, 200],
] as const)
  test(`the guard has of the fleet who administers, of this controller what came and went, where the window ${which} is the longer one`, async (t) => {
    const both = Math.min(losses, gains);
    const events: Record<string, Some> = {
      'made an administrator elsewhere': { kind: 'administrator-gained', controller: 'cd', at_ms: both + 1 },
      'no administrator any more elsewhere': { kind: 'administrator-lost', controller: 'cd', at_ms: both + 1 },
      'an administrator for long': { kind: 'administrator-gained', at_ms: both - 1 },
      'a role': { kind: 'role-created', at_ms: gains + 1 },
      'a role of before': { kind: 'role-created', at_ms: gains - 1 },
      'a role elsewhere': { kind: 'role-created', controller: 'cd', at_ms: gains + 1 },
      'a loss': { kind: 'grant-lost', key: 'lost', person: 'bo', at_ms: losses + 1 },
      'a loss of before': { kind: 'grant-lost', key: 'old', at_ms: losses - 1 },
      'a loss elsewhere': { kind: 'grant-lost', controller: 'cd', key: 'far', at_ms: losses + 1 },
      'a gain of ana': { kind: 'grant-gained', key: 'new', person: 'ana', at_ms: both + 1 },
      'what ana got back': { kind: 'grant-gained', key: 'lost', person: 'ana', at_ms: both + 1 },
      'a gain of ana of before': { kind: 'grant-gained', key: 'new', person: 'ana', at_ms: both - 1 },
      'a gain of ana elsewhere': { kind: 'grant-gained', controller: 'cd', key: 'new', person: 'ana', at_ms: both + 1 },
      'a gain of bo': { kind: 'grant-gained', key: 'other', person: 'bo', at_ms: both + 1 },
      'what bo got back': { kind: 'grant-gained', key: 'lost', person: 'bo', at_ms: both + 1 },
      'what bo got back before': { kind: 'grant-gained', key: 'lost', person: 'bo', at_ms: both - 1 },
      'who left': { kind: 'disabled', person: 'ana', at_ms: both + 1 },
    };
    const names = Object.keys(events);
    const store = await world(t, Object.values(events));
    const read = async (whom: 'all' | ReadonlySet<string>) => {
      const rows = await store.read((db) => guardEventsOf(db, { controller: 'ci', whom, losses, gains }));
      return rows.map(({ id }) => names[Number(id.slice(1))]!).sort();
    };
    const always = ['made an administrator elsewhere', 'no administrator any more elsewhere', 'a role', 'a loss'];
    const ofAna = ['a gain of ana', 'what ana got back'];
    assert.deepEqual(await read('all'), [...always, ...ofAna, 'a gain of bo', 'what bo got back'].sort());
    assert.deepEqual(await read(new Set(['ana'])), [...always, ...ofAna, 'what bo got back'].sort());
    assert.deepEqual(await read(new Set()), [...always, 'what ana got back', 'what bo got back'].sort());
  });

test('when people left is read of them alone, on whichever controller', async (t) => {
  const store = await world(t, [
    { kind: 'disabled', person: 'ana', at_ms: 100 },
    { kind: 'disabled', person: 'ana', controller: 'cd', at_ms: 101 },
    { kind: 'disabled', person: 'ana', at_ms: 99 },
    { kind: 'disabled', person: 'bo', at_ms: 101 },
    { kind: 'grant-lost', person: 'ana', at_ms: 101 },
  ]);
  const rows = await store.read((db) => disabledOf(db, new Set(['ana']), 100, inOneTurn));
  assert.deepEqual(rows.map(({ id }) => id).sort(), ['e00000', 'e00001']);
});

test('everybody who left, and all that was gained, is read once each, however many of one instant there are', async (t) => {
  const many = (row: (n: number) => Some) => Array.from({ length: 1_200 }, (_, n) => row(n));
  const store = await world(t, [
    ...many((n) => ({ kind: 'grant-gained', at_ms: 100, key: `k${2_000 - n}` })),
    { kind: 'disabled', at_ms: 102 },
    ...many(() => ({ kind: 'disabled', at_ms: 101 })),
    { kind: 'disabled', at_ms: 100 },
    { kind: 'disabled', at_ms: 99 },
  ]);
  const left = await store.read((db, breathe) => everyDisabled(db, 100, breathe));
  assert.equal(new Set(left.map(({ id }) => id)).size, 1_202);
  assert.equal(left.length, 1_202);
  const asked = { controller: 'ci', whom: 'all', losses: 100, gains: 100 } as const;
  const gained = await store.read((db, breathe) => guardEventsOf(db, asked, breathe));
  assert.equal(new Set(gained.map(({ id }) => id)).size, 1_200);
  assert.equal(gained.length, 1_200);
});
