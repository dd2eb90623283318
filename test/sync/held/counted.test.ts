import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../../src/store/store.ts';
import type { EntriesTable } from '../../../src/store/tables/sync.ts';
import { activeByConnection, count, grantsAt, peopleAt } from '../../../src/sync/held/counted.ts';
import { openTestStore } from '../../store/open.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('a count stands until the next; of what was first met within the window the first that met any stands', async (t) => {
  const store = await openTestStore(t);
  await counted(store, 0, 0);
  assert.deepEqual(await then(store, 0), [undefined, undefined], 'before anything is met there is no beginning');
  await counted(store, 10, 7);
  assert.deepEqual(await then(store, 0), [7, 7]);
  await counted(store, 20, 9);
  await counted(store, 30, 0);
  assert.deepEqual(
    await Promise.all([19, 20, 29, 30, 999].map(async (at) => (await then(store, at))[0])),
    [7, 9, 9, 0, 0],
  );
});

test('counts that no window begins at any more are forgotten, the one that the oldest begins at is kept', async (t) => {
  const store = await openTestStore(t);
  for (let at = 0; at <= 200; at += 10) await counted(store, at, 100 + at);
  assert.deepEqual(await then(store, 140), [240, 240]);
  const rows = await store.read((db) => db.selectFrom('group_counts').select('at_ms').orderBy('at_ms').execute());
  assert.deepEqual([...new Set(rows.map(({ at_ms }) => at_ms / MINUTE))], [140, 150, 160, 170, 180, 190, 200]);
});

test('what changes often has nothing else forgotten that still counts', async (t) => {
  const store = await openTestStore(t);
  for (let at = 0; at <= 200; at += 10) await counted(store, at, 100 + at, { people: 7 });
  assert.deepEqual(await then(store, 140), [7, 240]);
});

test('of people there were it is told whether they were counted by then; nobody is told of a connection that was never met', async (t) => {
  const store = await openTestStore(t);
  await counted(store, 10, 7);
  await counted(store, 20, 9);
  const at = (minute: number) => store.read((db) => peopleAt(db, ['okta', 'entra', 'okta'], minute * MINUTE));
  assert.deepEqual([...(await at(9))], [['okta', { members: 14, byThen: false }]]);
  assert.deepEqual([...(await at(10))], [['okta', { members: 14, byThen: true }]]);
});

test('who is active is who is not counted as inactive, and of whom no operator says that they leave', async (t) => {
  const store = await openTestStore(t);
  const at = new Date(0).toISOString();
  await store.write(async ({ db }) => {
    for (const [name, value] of Object.entries({
      'users:okta': 5,
      'inactive:okta': 1,
      'users:entra': 1,
      'groups:okta': 9,
    }))
      await db.insertInto('counters').values({ name, value }).execute();
    for (const [id, connection, active] of [
      ['ana', 'okta', 1],
      ['bo', 'okta', 0],
      ['cy', 'entra', 1],
      ['dee', 'entra', 1],
    ] as const) {
      await db
        .insertInto('users')
        .values({
          ...{ id, connection, user_name: id, user_name_key: id, external_id: null, display_name: null, email: null },
          ...{ active, document: '{}', created_at: at, modified_at: at, version: 1 },
        })
        .execute();
      await db.insertInto('ordered_leavers').values({ person: id, at }).execute();
    }
  });
  assert.deepEqual([...(await store.read(activeByConnection))].sort(), [
    ['entra', 0],
    ['okta', 2],
  ]);
});

test('what is not changed, not read as a whole or read by a clock that is not trusted writes nothing', async (t) => {
  const store = await openTestStore(t);
  await counted(store, 10, 7);
  await counted(store, 20, 7);
  await counted(store, 30, 8, { trusted: false });
  await counted(store, 40, 8, { whom: new Set(['somebody']) });
  const rows = await store.read((db) => db.selectFrom('group_counts').select('at_ms').execute());
  assert.deepEqual(rows, [{ at_ms: 10 * MINUTE }, { at_ms: 10 * MINUTE }]);
});

/** So many grants, and twice as many people, and others that are none of them. */
async function counted(
  store: Store,
  minute: number,
  members: number,
  { trusted = true, whom = 'all' as 'all' | ReadonlySet<string>, people = members } = {},
): Promise<void> {
  const entry = (standing: 'owned' | 'matched', verified: number) => ({ standing, verified }) as EntriesTable;
  const entries = [
    ...Array.from({ length: members }, () => entry('owned', 1)),
    ...[entry('matched', 1), entry('owned', 0)],
  ];
  await store.write(async ({ db }) => {
    await db.deleteFrom('counters').execute();
    const all = [
      { name: 'users:okta', value: people * 2 + 2 },
      { name: 'inactive:okta', value: 2 },
    ];
    await db.insertInto('counters').values(all).execute();
    await count(db, 'ci', { whom, entries }, { now: minute * MINUTE, trusted }, HOUR);
  });
}

const halfOf = (members: number | undefined): number | undefined => members && members / 2;

function then(store: Store, minute: number): Promise<(number | undefined)[]> {
  return store.read(async (db) => [
    halfOf((await peopleAt(db, ['okta'], minute * MINUTE)).get('okta')?.members),
    await grantsAt(db, 'ci', minute * MINUTE),
  ]);
}
