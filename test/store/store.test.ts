import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from './open.ts';

test('what was written is read', async (t) => {
  const store = await openTestStore(t);
  await store.write(async ({ db }) => {
    await db.insertInto('expired').values({ key: 'a', at: 'now' }).execute();
  });
  const rows = await store.read((db) => db.selectFrom('expired').selectAll().execute());
  assert.deepEqual(
    rows.map((row) => row.key),
    ['a'],
  );
});

test('status tells schema, counts and bytes', async (t) => {
  const store = await openTestStore(t);
  const { bytes, schema, ...counts } = await store.status();
  assert.deepEqual(counts, { users: 0, groups: 0, members: 0 });
  assert.equal(schema, 4);
  assert.ok(bytes > 0);
});
