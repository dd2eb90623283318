import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../src/errors.ts';
import type { Attributes } from '../../src/scim/resource.ts';
import { ENTRA, OKTA, openBench, refs } from './open.ts';
import { replaceGroup } from './replace.ts';

const set = (more: Attributes) =>
  ({ op: 'attributes', change: (current: Attributes) => ({ ...current, ...more }) }) as const;

test('a new group answers with its members', async (t) => {
  const { directory, user, group } = await openBench(t);
  const ana = await user('ana', { displayName: 'Ana P.' });
  const inner = await group('inner');
  const made = await directory.createGroup(OKTA, { displayName: 'ops', externalId: 'g1' }, refs([ana, inner, ana]));
  assert.equal(made.version, 1);
  assert.deepEqual(made.attributes, { displayName: 'ops', externalId: 'g1' });
  const members = [
    { value: ana, type: 'User', display: 'Ana P.' },
    { value: inner, type: 'Group', display: 'inner' },
  ].sort((a, b) => (a.value < b.value ? -1 : 1));
  assert.deepEqual(made.members, members);
  assert.deepEqual(await directory.group('okta', made.id, true), made);
  assert.equal((await directory.group('okta', made.id, false)).members, undefined);
});

test('displayName is unique in a connection, folded; a deleted name is free', async (t) => {
  const { directory, group } = await openBench(t);
  const id = await group('CI Users');
  const other = await group('other');
  for (const displayName of ['ci users', '\uff23I users'])
    await assert.rejects(directory.createGroup(OKTA, { displayName }, []), { code: 'SCIM_UNIQUENESS' });
  await assert.rejects(directory.changeGroup(OKTA, other, [set({ displayName: 'ci USERS' })]), {
    code: 'SCIM_UNIQUENESS',
  });
  await group('ci users', [], ENTRA);
  await directory.changeGroup(OKTA, id, [set({ displayName: 'CI USERS' })]);
  await directory.deleteGroup(OKTA, id);
  assert.notEqual(await group('ci users'), id);
});

test('a rename is recorded with both names and marks the group', async (t) => {
  const bench = await openBench(t);
  const id = await bench.group('old', [await bench.user('ana')]);
  await bench.forget();
  const { resource, changed } = await bench.directory.changeGroup(OKTA, id, [set({ displayName: 'new' })]);
  assert.ok(changed);
  assert.equal(resource.version, 2);
  assert.equal(resource.members, undefined);
  assert.deepEqual(await bench.marks(), [`group ${id}`]);
  assert.deepEqual(bench.events, [
    {
      kind: 'scim.group.renamed',
      body: { connection: 'okta', from: 'old', to: 'new', attributes: ['displayName'] },
      request: 'request-1',
      actor: 'token-1',
      subject: { kind: 'group', id },
    },
  ]);
});

test('a change of another attribute is recorded as such', async (t) => {
  const { directory, group, events } = await openBench(t);
  const id = await group('ops');
  await directory.changeGroup(OKTA, id, [set({ externalId: 'g2' })]);
  assert.equal(events.at(-1)?.kind, 'scim.group.changed');
  const told = { connection: 'okta', displayName: 'ops', attributes: ['externalId'] };
  assert.deepEqual(events.at(-1)?.body, { ...told, externalId: 'g2' });
  await directory.changeGroup(OKTA, id, [set({ externalId: undefined, displayName: 'ops two' })]);
  const renamed = { connection: 'okta', from: 'ops', to: 'ops two', attributes: ['displayName', 'externalId'] };
  assert.deepEqual(events.at(-1)?.body, { ...renamed, externalId: null });
});

test('what is already so makes no version, no mark and no record', async (t) => {
  const bench = await openBench(t);
  const ana = await bench.user('ana');
  const id = await bench.group('ops', [ana]);
  await bench.forget();
  const woken = bench.woken();
  const { changed, resource } = await bench.directory.changeGroup(OKTA, id, [
    set({ displayName: 'ops' }),
    { op: 'add-members', members: refs([ana]) },
    { op: 'remove-members', values: ['nobody-at-all'] },
    { op: 'replace-members', members: refs([ana]) },
    { op: 'add-members', members: [] },
    { op: 'remove-members', values: [] },
  ]);
  assert.equal(changed, false);
  assert.equal(resource.version, 1);
  assert.deepEqual(await bench.marks(), []);
  assert.deepEqual(bench.events, []);
  assert.equal(bench.woken(), woken);
  assert.equal((await replaceGroup(bench.directory, OKTA, id, { displayName: 'ops' }, refs([ana]))).changed, false);
  assert.equal((await bench.directory.changeGroup(OKTA, id, [])).changed, false);
});

test('the changes of a PATCH are one: a failure undoes those before it', async (t) => {
  const bench = await openBench(t);
  const [ana, bob] = [await bench.user('ana'), await bench.user('bob')];
  const id = await bench.group('ops', [ana]);
  await bench.forget();
  const failing = [
    { op: 'add-members', members: refs(['unknown']) } as const,
    {
      op: 'attributes',
      change: () => {
        throw refuse('SCIM_MUTABILITY', { reason: 'no' });
      },
    } as const,
  ];
  for (const last of failing)
    await assert.rejects(
      bench.directory.changeGroup(OKTA, id, [
        set({ displayName: 'new' }),
        { op: 'clear-members' },
        { op: 'add-members', members: refs([bob]) },
        last,
      ]),
      { status: 400 },
    );
  const after = await bench.directory.group('okta', id, true);
  assert.equal(after.attributes.displayName, 'ops');
  assert.equal(after.version, 1);
  assert.deepEqual(
    after.members?.map((member) => member.value),
    [ana],
  );
  assert.deepEqual(await bench.marks(), []);
  assert.deepEqual(bench.events, []);
});

test('the changes of a PATCH happen in their order', async (t) => {
  const { directory, user, group } = await openBench(t);
  const [ana, bob] = [await user('ana'), await user('bob')];
  const id = await group('ops', [ana]);
  const members = async () => (await directory.group('okta', id, true)).members?.map((member) => member.value).sort();
  await directory.changeGroup(OKTA, id, [{ op: 'add-members', members: refs([bob]) }, { op: 'clear-members' }]);
  assert.deepEqual(await members(), []);
  await directory.changeGroup(OKTA, id, [{ op: 'clear-members' }, { op: 'add-members', members: refs([bob, ana]) }]);
  assert.deepEqual(await members(), [ana, bob].sort());
  await directory.changeGroup(OKTA, id, [set({ externalId: 'a' }), set({ externalId: 'b' })]);
  assert.equal((await directory.group('okta', id, false)).attributes.externalId, 'b');
});

test('a version that is not the current one is refused', async (t) => {
  const { directory, group } = await openBench(t);
  const id = await group('ops');
  const stale = { code: 'SCIM_VERSION', details: { version: 1 } };
  await assert.rejects(directory.changeGroup(OKTA, id, [set({ externalId: 'x' })], { match: ['2'] }), stale);
  await assert.rejects(replaceGroup(directory, OKTA, id, { displayName: 'x' }, [], { match: ['2'] }), stale);
  await assert.rejects(directory.deleteGroup(OKTA, id, { match: ['2'] }), stale);
  assert.ok((await directory.changeGroup(OKTA, id, [set({ externalId: 'x' })], { match: ['1'] })).changed);
});

test('ids of another connection do not exist', async (t) => {
  const { directory, group } = await openBench(t);
  const id = await group('ops');
  const absent = { code: 'SCIM_NOT_FOUND', status: 404 };
  await assert.rejects(directory.group('entra', id, true), absent);
  await assert.rejects(directory.changeGroup(ENTRA, id, [{ op: 'clear-members' }]), absent);
  await assert.rejects(replaceGroup(directory, ENTRA, id, { displayName: 'x' }, []), absent);
  await assert.rejects(directory.deleteGroup(ENTRA, id), absent);
});

test('a deleted group is gone with its edges, below and above; everybody concerned is marked', async (t) => {
  const bench = await openBench(t);
  const ana = await bench.user('ana');
  const below = await bench.group('below');
  const id = await bench.group('ops', [ana, below]);
  const above = await bench.group('above', [id]);
  await bench.forget();
  await bench.directory.deleteGroup(OKTA, id);
  assert.deepEqual(await bench.marks(), [`group ${below}`, `group ${id}`, `user ${ana}`].sort());
  assert.deepEqual(
    bench.events.map((event) => event.kind),
    ['scim.group.deleted', 'scim.group.members'],
  );
  assert.deepEqual(bench.events[0]?.body, { connection: 'okta', displayName: 'ops', members: 2, groups: [above] });
  assert.deepEqual(bench.events[1]?.body.removed, [ana, below].sort());
  const parent = await bench.directory.group('okta', above, true);
  assert.deepEqual([parent.members, parent.version], [[], 2]);
  await assert.rejects(bench.directory.group('okta', id, false), { code: 'SCIM_NOT_FOUND' });
  assert.equal((await bench.store.status()).members, 0);
  const [tombstone] = await bench.store.read((db) => db.selectFrom('tombstones').selectAll().execute());
  assert.deepEqual([tombstone?.id, tombstone?.kind, tombstone?.name], [id, 'group', 'ops']);
});

test('a connection has no more groups than its quota', async (t) => {
  const { directory, group } = await openBench(t, { groups: 1 });
  const id = await group('a');
  await assert.rejects(group('b'), { code: 'SCIM_QUOTA' });
  await group('b', [], ENTRA);
  await directory.deleteGroup(OKTA, id);
  await group('b');
});
