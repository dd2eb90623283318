import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock } from '../../src/cli/edge.ts';
import { extensions } from '../../src/config/extension.ts';
import { fillUnique } from '../../src/directory/unique/fillUnique.ts';
import { notUnique } from '../../src/directory/unique/notUnique.ts';
import { type UniquePaths, uniquePaths } from '../../src/directory/unique/uniquePaths.ts';
import { configuredCatalogue } from '../../src/scim/schemas/configured.ts';
import type { Store } from '../../src/store/store.ts';
import { directoryOver, ENTRA, OKTA, openBench, openReplicas } from './open.ts';
import { replaceUser } from './replace.ts';

const X = 'urn:example:scim:badges:2.0:User';
const unique = (badge: object = {}): UniquePaths =>
  uniquePaths(
    configuredCatalogue(extensions.parse({ [X]: { attributes: { badge: { uniqueness: 'server', ...badge } } } })),
  );
const taken = { code: 'SCIM_UNIQUENESS' };
const fill = (store: Store, paths = unique(), log = SILENT): Promise<number> =>
  fillUnique({ store, unique: paths, clock: systemClock, log });
const kept = (store: Store) =>
  store.read((db) => db.selectFrom('unique_values').select('resource').orderBy('resource').execute());

/** A person as a version writes it that does not know the table. */
const unknowing = async (store: Store, id: string, badge: string, at = new Date().toISOString()): Promise<void> => {
  const row = { id, connection: 'okta', user_name: id, user_name_key: id, active: 1, version: 1 };
  const document = JSON.stringify({ userName: id, [X]: { badge } });
  await store.write(({ db }) =>
    db
      .insertInto('users')
      .values({
        ...{ ...row, document, created_at: at, modified_at: at },
        ...{ external_id: null, display_name: null, email: null },
      })
      .execute(),
  );
};

test('of writers through two processes that want one value at the same time one gets it, the others a 409', async (t) => {
  const replicas = await openReplicas(t, 2, unique());
  for (let round = 0; round < 10; round++) {
    const settled = await Promise.allSettled(
      [0, 1, 2, 3].map((n) =>
        replicas[n % 2]!.createUser(OKTA, {
          userName: `u-${round}-${n}`,
          active: true,
          [X]: { badge: `B-${round}` },
        }),
      ),
    );
    const lost = settled.flatMap((one) => (one.status === 'rejected' ? [String(one.reason.code)] : []));
    assert.deepEqual(lost, ['SCIM_UNIQUENESS', 'SCIM_UNIQUENESS', 'SCIM_UNIQUENESS']);
  }
});

test('a value that must be unique is looked up by key, never in the documents of others', async (t) => {
  const bench = await openBench(t, {}, undefined, unique());
  await bench.user('ana', { [X]: { badge: 'B-1' } });
  bench.forget();
  bench.statements();
  await bench.user('bo', { [X]: { badge: 'B-2' } });
  const documents = bench
    .statements()
    .filter((statement) => /json_each\(users|document\(users|json_type/.test(statement));
  assert.deepEqual(documents, []);
});

test('values that are given up, or whose owner is deleted, are free and leave no row', async (t) => {
  const bench = await openBench(t, {}, undefined, unique());
  const ana = await bench.user('ana', { [X]: { badge: 'B-1' } });
  const bo = await bench.user('bo', { [X]: { badge: 'B-2' } });
  await replaceUser(bench.directory, OKTA, ana, { userName: 'ana', active: true });
  await bench.directory.deleteUser(OKTA, bo);
  assert.deepEqual(await kept(bench.store), []);
  await bench.user('cy', { [X]: { badge: 'b-1' } });
  await assert.rejects(bench.user('di', { [X]: { badge: 'B-1' } }), taken);
  await bench.user('ed', { [X]: { badge: 'B-1' } }, ENTRA);
});

test('an attribute of groups can be unique: when they are made and changed, free when they are gone, no matter what people have', async (t) => {
  const badge = { type: 'string', uniqueness: 'server' } as const;
  const G = 'urn:example:scim:badges:2.0:Group';
  const of = (resource: 'User' | 'Group') => ({ resource, attributes: { badge } });
  const paths = uniquePaths(configuredCatalogue(extensions.parse({ [X]: of('User'), [G]: of('Group') })));
  const { user, store, directory } = await openBench(t, {}, undefined, paths);
  const make = (displayName: string, value: string) =>
    directory.createGroup(OKTA, { displayName, [G]: { badge: value } }, []);
  await user('ana', { [X]: { badge: 'B-1' } });
  const { id } = await make('one', 'B-1');
  await assert.rejects(make('two', 'b-1'), taken);
  const two = await make('two', 'B-2');
  const change = (value: string) =>
    directory.changeGroup(OKTA, two.id, [
      { op: 'attributes', change: (attributes) => ({ ...attributes, [G]: { badge: value } }) },
    ]);
  await assert.rejects(change('B-1'), taken);
  await directory.deleteGroup(OKTA, id);
  assert.equal((await kept(store)).length, 2);
  await change('B-1');
  assert.equal((await kept(store)).length, 2);
});

test('an attribute that becomes unique is filled in at the start; what is there twice stays and is told', async (t) => {
  const bench = await openBench(t, {}, undefined, unique());
  for (let n = 0; n < 1_203; n++)
    await unknowing(bench.store, `u${String(n).padStart(4, '0')}`, `B-${n}`, '2020-01-01T00:00:00.000Z');
  await unknowing(bench.store, 'v', 'b-7', '2020-01-01T00:00:00.000Z');
  const told: unknown[] = [];
  assert.equal(await fill(bench.store, unique(), { ...SILENT, warn: (_, details) => void told.push(details) }), 1);
  const remedy = 'Give one of each pair another value; the doctor names those that are left.';
  assert.deepEqual(told, [{ attribute: `${X}:badge`, twice: 1, resources: ['u0007 v'], remedy }]);
  assert.equal((await kept(bench.store)).length, 1_204);
  await assert.rejects(bench.user('new', { [X]: { badge: 'B-1202' } }), taken);
  // The second look reads only what was changed since the first.
  bench.statements();
  assert.equal(await fill(bench.store), 0);
  assert.ok(bench.statements().length < 12);
});

test('what a version wrote that does not know the table is found by the next start, and believed over the table', async (t) => {
  const bench = await openBench(t, {}, undefined, unique());
  await fill(bench.store);
  const ana = await bench.user('ana', { [X]: { badge: 'B-1' } });
  await unknowing(bench.store, 'bo', 'B-2');
  await bench.store.write(({ db }) =>
    db.updateTable('users').set({ document: '{"userName":"ana"}' }).where('id', '=', ana).execute(),
  );
  await bench.user('cy', { [X]: { badge: 'B-1' } });
  await fill(bench.store);
  await assert.rejects(bench.user('di', { [X]: { badge: 'B-2' } }), taken);
  await assert.rejects(bench.user('di', { [X]: { badge: 'B-1' } }), taken);
});

test('values are compared anew where the configuration changes how', async (t) => {
  const bench = await openBench(t, {}, undefined, unique({ caseExact: true }));
  await fill(bench.store, unique({ caseExact: true }));
  await bench.user('ana', { [X]: { badge: 'B-1' } });
  await bench.user('bo', { [X]: { badge: 'b-2' } });
  assert.equal(await fill(bench.store, unique()), 0);
  const later = directoryOver(bench.store, unique(), 9);
  await assert.rejects(later.createUser(OKTA, { userName: 'cy', active: true, [X]: { badge: 'b-1' } }), taken);
});

test('a value of any length can be unique', async (t) => {
  const bench = await openBench(t, {}, undefined, unique());
  const badge = 'x'.repeat(20_000);
  await bench.user('ana', { [X]: { badge } });
  await assert.rejects(bench.user('bo', { [X]: { badge } }), taken);
});

test('a value that several have is not free when the first gives it up or is deleted, but when the last does', async (t) => {
  const bench = await openBench(t, {}, undefined, unique());
  for (const id of ['ana', 'bo', 'cy', 'di']) await unknowing(bench.store, id, 'B-1', '2020-01-01T00:00:00.000Z');
  assert.equal(await fill(bench.store), 3);
  const left = async () =>
    (await bench.store.read((db) => notUnique(db, unique()))).map(({ count, pairs }) => [count, ...pairs]);
  const other = { userName: 'x', active: true, [X]: { badge: 'b-1' } };
  const put = (id: string, badge?: string) =>
    replaceUser(bench.directory, OKTA, id, { userName: id, active: true, ...(badge && { [X]: { badge } }) });
  assert.deepEqual(await left(), [[3, ['ana', 'bo'], ['ana', 'cy'], ['ana', 'di']]]);

  await put('ana');
  await assert.rejects(bench.directory.createUser(OKTA, other), taken);
  await assert.rejects(put('ana', 'B-1'), taken);
  await bench.directory.deleteUser(OKTA, 'bo');
  await assert.rejects(bench.directory.createUser(OKTA, other), taken);
  assert.deepEqual(await left(), [[1, ['cy', 'di']]]);
  // One that stands behind gives it up.
  await put('di', 'B-2');
  assert.deepEqual(await left(), []);
  await put('cy', 'B-1');
  await assert.rejects(bench.directory.createUser(OKTA, other), taken);
  await bench.directory.deleteUser(OKTA, 'cy');
  await bench.directory.createUser(OKTA, other);
  assert.equal((await kept(bench.store)).length, 2);
});

test('where a version that does not know the table took a value from the first, it is that of the next', async (t) => {
  const bench = await openBench(t, {}, undefined, unique());
  for (const id of ['ana', 'bo']) await unknowing(bench.store, id, 'B-1', '2020-01-01T00:00:00.000Z');
  await fill(bench.store);
  await bench.store.write(({ db }) =>
    db.updateTable('users').set({ document: '{"userName":"ana"}' }).where('id', '=', 'ana').execute(),
  );
  await assert.rejects(bench.user('cy', { [X]: { badge: 'B-1' } }), taken);
});

test('a database that was filled before those behind the first were kept is looked through again', async (t) => {
  const bench = await openBench(t, {}, undefined, unique());
  for (const id of ['ana', 'bo']) await unknowing(bench.store, id, 'B-1', '2020-01-01T00:00:00.000Z');
  await fill(bench.store);
  await bench.store.write(async ({ db }) => {
    await db.deleteFrom('unique_values').where('resource', '=', 'bo').execute();
    await db.updateTable('unique_paths').set({ rule: 'string folded' }).execute();
  });
  assert.equal(await fill(bench.store), 1);
  await bench.directory.deleteUser(OKTA, 'ana');
  await assert.rejects(bench.user('cy', { [X]: { badge: 'B-1' } }), taken);
});
