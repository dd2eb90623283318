import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { LedgerEvent } from '../../src/access/ports/recorder.ts';
import type { WriteOptions } from '../../src/access/ports/store.ts';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import type { Creation } from '../../src/directory/directory.ts';
import { PART } from '../../src/directory/inParts.ts';
import type { GroupChange } from '../../src/scim/groupChange.ts';
import { SqliteConnection } from '../../src/store/sqlite/connection.ts';
import type { Store } from '../../src/store/store.ts';
import { seededRandom } from '../sim/time.ts';
import { openTestStore } from '../store/open.ts';
import { crowd, ENTRA, OKTA, refs, tickingClock } from './open.ts';
import { replaceGroup } from './replace.ts';

const add = (ids: readonly string[]): GroupChange => ({ op: 'add-members', members: refs(ids) });
const remove = (ids: readonly string[]): GroupChange => ({ op: 'remove-members', values: ids });
const replace = (ids: readonly string[]): GroupChange => ({ op: 'replace-members', members: refs(ids) });
const clear: GroupChange = { op: 'clear-members' };
const rename = (displayName: string): GroupChange => ({ op: 'attributes', change: () => ({ displayName }) });

/** A directory over a database of its own, and how it asked for each write. */
async function noting(t: TestContext, people: number, how: (store: Store) => Store = (store) => store) {
  const store = how(await openTestStore(t));
  const ways: (WriteOptions | undefined)[] = [];
  const events: LedgerEvent[] = [];
  const directory = createDirectory({
    store: {
      ...store,
      write: (work, options) => {
        ways.push(options);
        return store.write(work, options);
      },
    },
    clock: tickingClock(),
    random: seededRandom(),
    recorder: { record: async (tx, event) => tx.afterCommit(() => events.push(event)) },
    wake: () => {},
  });
  const users = await crowd({ store }, people);
  const group = async (displayName: string, size: number): Promise<string> =>
    (await directory.createGroup(OKTA, { displayName }, refs(users.slice(0, size)))).id;
  /** Whether the writes of something were asked for as long ones. */
  const long = async (run: () => Promise<unknown>): Promise<boolean[]> => {
    ways.length = 0;
    await run();
    return ways.map((way) => way?.long === true);
  };
  return { store, directory, events, users, group, long };
}

/** Statements of writes that this thread computes from here on. */
function computedHere(t: TestContext): string[] {
  const found: string[] = [];
  const { run, executeQuery } = SqliteConnection.prototype;
  const note = (sql: string): void => {
    if (/^\s*(INSERT|UPDATE|DELETE|COMMIT|BEGIN IMMEDIATE)\b/i.test(sql)) found.push(sql);
  };
  t.mock.method(SqliteConnection.prototype, 'run', function (this: SqliteConnection, sql: string) {
    note(sql);
    return run.call(this, sql);
  });
  t.mock.method(SqliteConnection.prototype, 'executeQuery', function (this: SqliteConnection, query: { sql: string }) {
    note(query.sql);
    return executeQuery.call(this, query as never);
  });
  return found;
}

test('what takes everybody out of a large group is written in a thread, what takes them out of a small one is not', async (t) => {
  const { directory, users, group, long } = await noting(t, 5_000);
  const others = users.slice(-10);
  const ways: [string, (id: string) => Promise<unknown>][] = [
    ['a PATCH that clears', (id) => directory.changeGroup(OKTA, id, [clear])],
    ['a PUT with nobody', (id) => replaceGroup(directory, OKTA, id, { displayName: id }, [])],
    ['a PUT with a few', (id) => replaceGroup(directory, OKTA, id, { displayName: id }, refs(others))],
    ['a PATCH that clears and adds', (id) => directory.changeGroup(OKTA, id, [clear, rename(id), add(others)])],
    ['a PATCH that adds and clears', (id) => directory.changeGroup(OKTA, id, [add(others), clear])],
    ['a DELETE', (id) => directory.deleteGroup(OKTA, id)],
  ];
  for (const [name, run] of ways) {
    const [large, small] = [await group('large', 5_000), await group('small', 100)];
    const here = computedHere(t);
    assert.deepEqual(await long(() => run(large)), [true], name);
    assert.deepEqual(here, [], `${name}: computed here`);
    t.mock.restoreAll();
    assert.deepEqual(await long(() => run(small)), [false], name);
    for (const id of [large, small]) await directory.deleteGroup(OKTA, id).catch(() => {});
  }
});

test('it is what changes that counts, not what is asked for or what there is', async (t) => {
  const { directory, users, group, long } = await noting(t, 6_000);
  const id = await group('large', 5_000);
  const put = (ids: readonly string[]) => long(() => directory.changeGroup(OKTA, id, [replace(ids)]));
  assert.deepEqual(await put(users.slice(10, 5_005)), [false], 'fifteen of five thousand');
  assert.deepEqual(await put(users.slice(900, 5_005)), [false], '890 go and nobody comes');
  assert.deepEqual(await put(users.slice(1_500, 5_505)), [true], '600 go and 500 come');
  const few = await group('few', 900);
  assert.deepEqual(await long(() => directory.changeGroup(OKTA, few, [clear])), [false], '900 go');
  const parts = [0, 1, 2].map((n) => add(users.slice(n * 400, (n + 1) * 400)));
  assert.deepEqual(await long(() => directory.changeGroup(OKTA, few, parts)), [true], 'three times 400 come');
  const [one] = users;
  assert.deepEqual(await long(() => directory.changeGroup(OKTA, id, [remove([one!])])), [false]);
  assert.deepEqual(await long(() => directory.changeGroup(OKTA, id, [rename('larger')])), [false]);
});

test('who may not see a large group, or has another version of it, does not clear or delete it', async (t) => {
  const { directory, group } = await noting(t, 5_000);
  const id = await group('large', 5_000);
  for (const run of [
    () => directory.changeGroup(ENTRA, id, [clear]),
    () => directory.deleteGroup(ENTRA, id),
    () => directory.deleteGroup(OKTA, 'nobody'),
  ])
    await assert.rejects(run(), { code: 'SCIM_NOT_FOUND' });
  for (const run of [
    () => directory.changeGroup(OKTA, id, [clear], { match: ['99'] }),
    () => directory.deleteGroup(OKTA, id, { match: ['99'] }),
  ])
    await assert.rejects(run(), { code: 'SCIM_VERSION' });
  assert.equal((await directory.group('okta', id, true)).members?.length, 5_000);
});

/** What of a directory can be told apart afterwards. */
async function outcome({ store, events }: { readonly store: Store; readonly events: readonly LedgerEvent[] }) {
  const rows = await store.read(async (db) => ({
    groups: await db.selectFrom('groups').selectAll().orderBy('id').execute(),
    members: await db.selectFrom('members').selectAll().orderBy('group_id').orderBy('member_id').execute(),
    dirty: await db.selectFrom('dirty').select(['kind', 'id', 'request']).orderBy('kind').orderBy('id').execute(),
    tombstones: await db.selectFrom('tombstones').selectAll().orderBy('id').execute(),
    counters: await db.selectFrom('counters').selectAll().where('name', '!=', 'dirty').orderBy('name').execute(),
    journal: await db.selectFrom('journal').selectAll().orderBy('seq').execute(),
  }));
  // A thousand ids make one record; in which of them somebody is told is of no account.
  const gone = events.flatMap(({ body }) => (body.removed as readonly string[] | undefined) ?? []);
  const came = events.flatMap(({ body }) => (body.added as readonly string[] | undefined) ?? []);
  const told = events.map(({ kind, subject, body: { added: _, removed: __, ...body } }) => ({ kind, subject, body }));
  return { ...rows, gone: gone.sort(), came: came.sort(), told };
}

test('PROPERTY: a large group comes to the same both ways', async (t) => {
  const people = 2 * PART + 500;
  const long = await noting(t, people);
  // Nothing is found out ahead for a server, and nothing is long.
  const short = await noting(t, people, (store) => ({
    ...store,
    far: true,
    write: (work) => store.write(work),
  }));
  const { users } = long;
  assert.deepEqual(short.users, users);
  const some = fc
    .tuple(
      fc.integer({ min: 0, max: people }),
      fc.oneof(fc.constant(0), fc.constant(3), fc.integer({ min: 0, max: people })),
    )
    .map(([from, count]) => users.slice(from, from + count));
  const few = some.map((ids) => ids.slice(0, 3_000));
  const change = fc.oneof(
    fc.constant(clear),
    some.map(replace),
    few.map(add),
    few.map(remove),
    fc.constant(rename('x')),
  );
  const work = fc.oneof(
    { arbitrary: fc.array(change, { minLength: 1, maxLength: 1 }), weight: 3 },
    { arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }), weight: 1 },
    { arbitrary: fc.constant('delete' as const), weight: 1 },
  );
  const property = fc.asyncProperty(fc.constantFrom(100, PART + 1, people - 1), work, async (size, asked) => {
    for (const { directory, group, events } of [long, short]) {
      events.length = 0;
      const id = await group('x', size);
      if (asked === 'delete') await directory.deleteGroup(OKTA, id);
      else await directory.changeGroup(OKTA, id, asked);
    }
    const [one, other] = [await outcome(long), await outcome(short)];
    // Not the whole of them: what is different is to be read.
    for (const key of Object.keys(one) as (keyof typeof one)[]) assert.ok(same(one[key], other[key]), key);
    for (const { directory } of [long, short])
      for (const { id } of (await directory.groups('okta', ALL)).resources) await directory.deleteGroup(OKTA, id);
  });
  await fc.assert(property, { numRuns: 12, endOnFailure: true });
});

const ALL = { sortOrder: 'ascending', startIndex: 1, count: 10, related: false } as const;

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

test('resources that refer to each other are written in a thread where they have many members together', async (t) => {
  const { directory, events, users, long, store } = await noting(t, 1_500);
  const circle = (name: string, sizes: readonly number[]): Creation[] =>
    sizes.map((size, n) => ({
      caller: OKTA,
      make: (idOf) => ({
        type: 'Group' as const,
        attributes: { displayName: `${name} ${n}` },
        members: refs([...users.slice(0, size), idOf((n + 1) % sizes.length)]),
      }),
    }));
  const here = computedHere(t);
  assert.deepEqual(await long(() => directory.createTogether(circle('large', [600, 600]))), [true]);
  assert.deepEqual(here, [], 'computed here');
  t.mock.restoreAll();
  assert.deepEqual(await long(() => directory.createTogether(circle('small', [100, 100]))), [false]);

  const before = await outcome({ store, events });
  const [one, other] = circle('large again', [600, 600]);
  const taken: Creation = {
    ...other!,
    make: (idOf) => ({ ...other!.make(idOf), attributes: { displayName: 'large 1' } }),
  };
  await assert.rejects(directory.createTogether([one!, taken]), { name: 'Error', index: 1 });
  assert.deepEqual(await outcome({ store, events }), before, 'nothing is left of it');
});
