import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreseen } from '../../src/directory/groups/replacement.ts';
import { PART } from '../../src/directory/inParts.ts';
import type { GroupChange } from '../../src/scim/groupChange.ts';
import { type Bench, crowd, OKTA, openBench, refs } from './open.ts';
import { replaceGroup } from './replace.ts';

const SIZE = PART + 500;

async function membersOf(bench: Bench, id: string): Promise<string[]> {
  const group = await bench.directory.group('okta', id, true);
  return (group.members ?? []).map(({ value }) => value).sort();
}

async function large(t: Parameters<typeof openBench>[0]) {
  const bench = await openBench(t);
  const users = await crowd(bench, SIZE + 20);
  const id = await bench.group('large', users.slice(0, SIZE));
  await bench.forget();
  return { bench, users, id };
}

test('a PUT of a large group that changes ten members writes those ten, one statement each way', async (t) => {
  const { bench, users, id } = await large(t);
  const wanted = users.slice(5, SIZE + 5);
  bench.statements();
  const { changed } = await replaceGroup(bench.directory, OKTA, id, { displayName: 'large' }, refs(wanted));
  assert.ok(changed);
  const statements = bench.statements();
  assert.equal(statements.filter((sql) => /^\s*(DELETE FROM|INSERT INTO) members/i.test(sql)).length, 2);
  assert.deepEqual(await membersOf(bench, id), [...wanted].sort());
  const [event] = bench.events;
  assert.deepEqual(event?.body.added, users.slice(SIZE, SIZE + 5).sort());
  assert.deepEqual(event?.body.removed, users.slice(0, 5).sort());
});

test('what was foreseen of another version of the group is not used', async (t) => {
  const { bench, users, id } = await large(t);
  const changes: GroupChange[] = [{ op: 'replace-members', members: refs(users.slice(0, SIZE - 1)) }];
  const before = await foreseen(bench.store, 'okta', id, changes);
  assert.deepEqual(before?.changes, [
    { op: 'remove-members', values: [users[SIZE - 1]] },
    { op: 'add-members', members: [] },
  ]);
  // Both are on their way at once: whichever is first, the replacement holds, and the other adds to it or is undone by it.
  const [last] = users.slice(-1);
  await Promise.all([
    bench.directory.changeGroup(OKTA, id, changes),
    bench.directory.changeGroup(OKTA, id, [{ op: 'add-members', members: refs([last!]) }]),
  ]);
  const after = await membersOf(bench, id);
  const wanted = users.slice(0, SIZE - 1).sort();
  assert.deepEqual(
    after.filter((user) => user !== last),
    wanted,
  );
  await bench.directory.changeGroup(OKTA, id, changes);
  assert.deepEqual(await membersOf(bench, id), wanted);
});

test('nothing is foreseen for a group that is not there, or whose members nobody replaces', async (t) => {
  const { bench, users, id } = await large(t);
  const many: GroupChange = { op: 'replace-members', members: refs(users) };
  const add: GroupChange = { op: 'add-members', members: refs(users) };
  assert.equal(await foreseen(bench.store, 'okta', id, [add]), undefined);
  assert.equal(await foreseen(bench.store, 'okta', 'nobody', [many]), undefined);
  assert.equal(await foreseen(bench.store, 'entra', id, [many]), undefined);
});

test('of a small group, and for several changes of members, its size alone is foreseen; on a server not even that', async (t) => {
  const { bench, users, id } = await large(t);
  const small = await bench.group('small', users.slice(0, 100));
  const clear: GroupChange = { op: 'clear-members' };
  const few: GroupChange = { op: 'replace-members', members: refs(users.slice(0, 10)) };
  const add: GroupChange = { op: 'add-members', members: refs(users.slice(0, 10)) };
  const far = { read: bench.store.read, far: true as const };
  for (const [group, size, changes] of [
    [small, 100, [few]],
    [small, 100, [clear]],
    [id, SIZE, [clear, add]],
    [id, SIZE, [few, few]],
  ] as const) {
    const found = await foreseen({ read: bench.store.read }, 'okta', group, changes);
    assert.deepEqual(found, { version: 1, size, changes });
    assert.equal(await foreseen(far, 'okta', group, changes), undefined);
  }
  const cleared = await foreseen({ read: bench.store.read }, 'okta', id, [clear]);
  assert.deepEqual(
    cleared?.changes.map((change) => (change.op === 'remove-members' ? change.values.length : change)),
    [SIZE, { op: 'add-members', members: [] }],
  );
});

test('a large set with an id that does not exist changes nothing', async (t) => {
  const { bench, users, id } = await large(t);
  const before = await membersOf(bench, id);
  const wrong = refs([...users, 'nobody']);
  await assert.rejects(replaceGroup(bench.directory, OKTA, id, { displayName: 'large' }, wrong), {
    code: 'SCIM_MEMBERS',
  });
  await assert.rejects(bench.directory.createGroup(OKTA, { displayName: 'other' }, wrong), { code: 'SCIM_MEMBERS' });
  assert.deepEqual(await membersOf(bench, id), before);
  assert.deepEqual(bench.events, []);
});
