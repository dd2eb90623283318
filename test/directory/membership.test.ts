import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDirectory } from '../../src/directory/createDirectory.ts';
import { PART } from '../../src/directory/inParts.ts';
import { DEFAULT_QUOTAS } from '../../src/directory/quotas/quotas.ts';
import { NOTHING_UNIQUE } from '../../src/directory/unique/uniquePaths.ts';
import type { GroupChange } from '../../src/scim/groupChange.ts';
import { seededRandom } from '../sim/time.ts';
import { type Bench, crowd, ENTRA, OKTA, openBench, refs, tickingClock } from './open.ts';
import { replaceGroup } from './replace.ts';

const add = (...ids: string[]): GroupChange => ({ op: 'add-members', members: refs(ids) });
const remove = (...ids: string[]): GroupChange => ({ op: 'remove-members', values: ids });
const replace = (...ids: string[]): GroupChange => ({ op: 'replace-members', members: refs(ids) });
const clear: GroupChange = { op: 'clear-members' };

const many = (bench: Bench, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => bench.user(`user${i}`)));
const members = async ({ directory }: Bench, id: string): Promise<string[]> =>
  (await directory.group('okta', id, true)).members!.map((member) => member.value);
const edges = ({ store }: Bench) => store.read((db) => db.selectFrom('members').selectAll().execute());
const stored = async ({ store }: Bench, id: string) =>
  (await store.read((db) => db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirstOrThrow()))
    .member_count;

for (const count of [40, 400])
  test(`${count} adds at once lose none`, async (t) => {
    const bench = await openBench(t);
    const users = await crowd(bench, count);
    const id = await bench.group('ops');
    await Promise.all(users.map((user) => bench.directory.changeGroup(OKTA, id, [add(user)])));
    assert.deepEqual(await members(bench, id), [...users].sort());
    assert.equal(await stored(bench, id), count);
    assert.equal((await bench.directory.group('okta', id, false)).version, count + 1);
  });

test('adds and removals at once all happen', async (t) => {
  const bench = await openBench(t);
  const users = await many(bench, 60);
  const id = await bench.group('ops', users.slice(0, 30));
  await Promise.all(users.map((user, i) => bench.directory.changeGroup(OKTA, id, [i < 30 ? remove(user) : add(user)])));
  assert.deepEqual(await members(bench, id), users.slice(30).sort());
  assert.equal(await stored(bench, id), 30);
});

test('adding one member is one statement on the edges and the same few statements, whatever the size of the group', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, 20_001);
  const [one = '', ...others] = users;
  const empty = await bench.group('empty');
  const big = await bench.group('big', others);
  assert.equal(await stored(bench, big), 20_000);
  const cost = async (id: string, change: GroupChange): Promise<string[]> => {
    bench.statements();
    await bench.directory.changeGroup(OKTA, id, [change]);
    return bench.statements();
  };
  const small = await cost(empty, add(one));
  assert.deepEqual(await cost(big, add(one)), small);
  assert.equal(small.filter((sql) => /\bmembers\b/.test(sql)).length, 1);
  assert.ok(small.length <= 8, `${small.length} statements`);
  assert.deepEqual(await cost(big, remove(one)), await cost(empty, remove(one)));
  const hundred = await cost(big, add(one, ...others.slice(0, 99)));
  assert.equal(hundred.filter((sql) => /INSERT INTO members/.test(sql)).length, 1);
  assert.equal(await stored(bench, big), 20_001);
});

test('a group of 20,000 can be replaced, cleared and filled again', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, 20_000);
  const id = await bench.group('big', users);
  await bench.forget();
  await bench.directory.changeGroup(OKTA, id, [replace(...users.slice(1))]);
  assert.deepEqual(await bench.marks(), [`user ${users[0]}`]);
  const before = await edges(bench);
  bench.statements();
  const round = await bench.directory.changeGroup(OKTA, id, [clear, add(...users.slice(1))]);
  assert.equal(round.changed, false);
  assert.ok(bench.statements().length <= 4 * Math.ceil(users.length / PART) + 8);
  assert.deepEqual(await edges(bench), before);
  await bench.directory.changeGroup(OKTA, id, [clear]);
  assert.equal(await stored(bench, id), 0);
  assert.equal((await bench.marks()).length, 20_000);
  await bench.forget();
  await replaceGroup(bench.directory, OKTA, id, { displayName: 'big' }, refs(users));
  assert.deepEqual(await bench.marks(), [`group ${id}`]);
  assert.equal((await members(bench, id)).length, 20_000);
});

test('ids that do not exist and ids of another connection are refused in one wording', async (t) => {
  const bench = await openBench(t);
  const ana = await bench.user('ana');
  const gone = await bench.user('gone');
  await bench.directory.deleteUser(OKTA, gone);
  const wrong = [
    '00000000-0000-4000-8000-000000000000',
    '',
    "' OR 1=1",
    gone,
    await bench.user('eve', {}, ENTRA),
    await bench.group('theirs', [], ENTRA),
  ];
  const id = await bench.group('ops');
  const messages = new Set<string>();
  for (const value of wrong)
    for (const change of [add(value), add(ana, value), replace(value, ana)])
      await assert.rejects(bench.directory.changeGroup(OKTA, id, [change]), (error: Error & { code: string }) => {
        messages.add(`${error.code} ${error.message}`);
        return true;
      });
  assert.equal(messages.size, 1);
  assert.match([...messages][0]!, /^SCIM_MEMBERS members:/);
  assert.deepEqual(await edges(bench), []);
  await assert.rejects(bench.directory.createGroup(OKTA, { displayName: 'new' }, refs([wrong[4]!])), {
    code: 'SCIM_MEMBERS',
  });
  assert.equal((await bench.store.status()).groups, 2);
});

test('an edge remembers since when, by which request and token, and keeps it through a replacement', async (t) => {
  const bench = await openBench(t);
  const [ana = '', bob = ''] = await many(bench, 2);
  const id = await bench.group('ops', [ana]);
  const [first] = await edges(bench);
  assert.deepEqual([first?.request, first?.credential], ['request-1', 'token-1']);
  const later = { connection: 'okta', credential: 'token-7', request: 'request-7' };
  await bench.directory.changeGroup(later, id, [replace(bob, ana)]);
  const after = await edges(bench);
  assert.deepEqual(
    after.find((edge) => edge.member_id === ana),
    first,
  );
  const second = after.find((edge) => edge.member_id === bob);
  assert.deepEqual([second?.request, second?.credential], ['request-7', 'token-7']);
  assert.ok(second!.since > first!.since);
});

test('who is taken out and put back by one request was never gone', async (t) => {
  const bench = await openBench(t);
  const [ana = '', bob = ''] = await many(bench, 2);
  const id = await bench.group('ops', [ana]);
  const before = await edges(bench);
  await bench.forget();
  const later = { ...OKTA, request: 'request-7' };
  const { changed } = await bench.directory.changeGroup(later, id, [clear, add(ana, bob), remove(bob)]);
  assert.equal(changed, false);
  assert.deepEqual(await edges(bench), before);
  assert.deepEqual(await bench.marks(), []);
});

test('up to 256 new members are marked singly, more by their group; who goes is always marked', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, 300);
  const id = await bench.group('ops');
  const marked = async (...changes: GroupChange[]): Promise<string[]> => {
    await bench.forget();
    await bench.directory.changeGroup(OKTA, id, changes);
    return bench.marks();
  };
  const singly = (ids: readonly string[]): string[] => ids.map((user) => `user ${user}`).sort();
  assert.deepEqual(await marked(add(...users.slice(0, 256))), singly(users.slice(0, 256)));
  assert.deepEqual(await marked(clear), singly(users.slice(0, 256)));
  assert.deepEqual(await marked(add(...users.slice(0, 257))), [`group ${id}`]);
  assert.deepEqual(await marked(remove(...users.slice(0, 257))), singly(users.slice(0, 257)));
  assert.deepEqual(await marked(add(...users)), [`group ${id}`]);
  assert.deepEqual(await marked(replace(users[0]!)), singly(users.slice(1)));
});

test('a nested group that comes or goes is marked as a group', async (t) => {
  const bench = await openBench(t);
  const inner = await bench.group('inner', await many(bench, 2));
  const outer = await bench.group('outer');
  for (const change of [add(inner), remove(inner)]) {
    await bench.forget();
    await bench.directory.changeGroup(OKTA, outer, [change]);
    assert.deepEqual(await bench.marks(), [`group ${inner}`]);
  }
});

test('who is taken out by the request that renames the group is marked: the group does not lead there any more', async (t) => {
  const bench = await openBench(t);
  const [ana = '', bob = ''] = await many(bench, 2);
  const [inner, gone] = [await bench.group('inner'), await bench.group('gone')];
  const id = await bench.group('ops', [ana, gone]);
  await bench.forget();
  const rename: GroupChange = { op: 'attributes', change: (attributes) => ({ ...attributes, displayName: 'dev' }) };
  await bench.directory.changeGroup(OKTA, id, [rename, remove(ana, gone), add(bob, inner)]);
  assert.deepEqual(
    await bench.marks(),
    [`user ${ana}`, `user ${bob}`, `group ${inner}`, `group ${gone}`, `group ${id}`].sort(),
  );
  assert.deepEqual(
    bench.events.map(({ kind }) => kind),
    ['scim.group.renamed', 'scim.group.members'],
  );
});

test('a group that is made with members has a record of who they are, and one without has none', async (t) => {
  const bench = await openBench(t);
  const [ana = '', bob = ''] = await many(bench, 2);
  await bench.forget();
  const id = await bench.group('ops', [ana, bob]);
  assert.deepEqual(
    bench.events.map(({ kind, subject, request }) => [kind, subject?.id, request]),
    ['scim.group.created', 'scim.group.members'].map((kind) => [kind, id, 'request-1']),
  );
  assert.deepEqual((bench.events[1]!.body.added as string[]).toSorted(), [ana, bob].sort());
  await bench.forget();
  await bench.group('empty');
  assert.deepEqual(
    bench.events.map(({ kind }) => kind),
    ['scim.group.created'],
  );
});

test('a member that is said to be of the other type is refused, and nothing is changed', async (t) => {
  const bench = await openBench(t);
  const [ana = ''] = await many(bench, 1);
  const inner = await bench.group('inner');
  const id = await bench.group('ops');
  for (const [value, type, is] of [
    [ana, 'Group', 'User'],
    [inner, 'User', 'Group'],
  ] as const)
    await assert.rejects(
      bench.directory.changeGroup(OKTA, id, [{ op: 'add-members', members: [{ value, type }] }]),
      (error: Error & { code: string }) => error.code === 'SCIM_VALUE' && error.message.endsWith(`is a ${is}`),
    );
  assert.deepEqual(await edges(bench), []);
  await bench.directory.changeGroup(OKTA, id, [
    {
      op: 'add-members',
      members: [
        { value: ana, type: 'User' },
        { value: inner, type: 'Group' },
      ],
    },
  ]);
  assert.equal((await edges(bench)).length, 2);
});

test('a deleted group gives back all its memberships, those in groups above included', async (t) => {
  const bench = await openBench(t, { edges: 3 });
  const [ana = '', bob = ''] = await many(bench, 2);
  const inner = await bench.group('inner', [ana]);
  await bench.group('above', [inner]);
  await bench.group('beside', [inner]);
  await bench.directory.deleteGroup(OKTA, inner);
  await bench.group('next', [ana, bob]);
  const last = await bench.group('last', [ana]);
  await assert.rejects(bench.directory.changeGroup(OKTA, last, [add(bob)]), { code: 'SCIM_QUOTA' });
});

test('a group larger than a part is replaced and emptied by what is different', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, PART + 3);
  const id = await bench.group('ops', users.slice(1));
  const change = (...changes: GroupChange[]) => bench.directory.changeGroup(OKTA, id, changes);
  await change(replace(...users.slice(0, -1)));
  assert.deepEqual(await members(bench, id), users.slice(0, -1).sort());
  await change(clear, add(users[1]!));
  assert.deepEqual(await members(bench, id), [users[1]]);
  assert.equal(await stored(bench, id), 1);
});

test('records name everybody who came and went, a thousand a record', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, 2100);
  const id = await bench.group('ops', users.slice(0, 600));
  await bench.forget();
  await bench.directory.changeGroup(OKTA, id, [replace(...users.slice(600))]);
  const bodies = bench.events.map(
    (event) => event.body as { added: string[]; removed: string[]; part: number; parts: number },
  );
  assert.deepEqual(
    bodies.map(({ part, parts }) => [part, parts]),
    [
      [1, 3],
      [2, 3],
      [3, 3],
    ],
  );
  assert.deepEqual(bodies.flatMap((body) => body.added).sort(), users.slice(600).sort());
  assert.deepEqual(bodies.flatMap((body) => body.removed).sort(), users.slice(0, 600).sort());
  assert.ok(bodies.every((body) => body.added.length + body.removed.length <= 1000));
});

test('emptying a group without naming anybody is recorded as that', async (t) => {
  const bench = await openBench(t);
  const id = await bench.group('ops', await many(bench, 2));
  await bench.forget();
  await bench.directory.changeGroup(OKTA, id, [clear]);
  assert.equal(bench.events[0]?.kind, 'scim.group.members');
  assert.equal(bench.events[0]?.body.cleared, true);
});

test('groups may contain each other and themselves', async (t) => {
  const bench = await openBench(t);
  const ana = await bench.user('ana');
  const a = await bench.group('a', [ana]);
  const b = await bench.group('b', [a]);
  await bench.directory.changeGroup(OKTA, a, [add(b, a)]);
  const groups = (await bench.directory.user('okta', ana, true)).groups;
  assert.deepEqual(
    groups?.map(({ value, type }) => [value, type]),
    [
      [a, 'direct'],
      [b, 'indirect'],
    ],
  );
  await bench.directory.deleteGroup(OKTA, a);
  assert.deepEqual(await edges(bench), []);
});

test('groups are nested no deeper than the quota, wherever the chain is joined', async (t) => {
  const bench = await openBench(t, { nesting: 3 });
  const chain: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) chain.push(await bench.group(name, chain.slice(-1)));
  const [a = '', , , d = ''] = chain;
  const deep = { code: 'SCIM_QUOTA', status: 403 };
  await assert.rejects(bench.group('e', [d]), deep);
  const other = await bench.group('other');
  await assert.rejects(bench.directory.changeGroup(OKTA, a, [add(other)]), deep);
  await bench.directory.changeGroup(OKTA, chain[1]!, [add(other)]);
  await bench.directory.changeGroup(OKTA, a, [add(d)]);
  assert.equal((await bench.directory.group('okta', a, true)).members?.length, 1);
  await assert.rejects(bench.group('above the circle', [chain[1]!]), deep);
});

test('a connection has no more memberships than its quota; removals make room', async (t) => {
  const bench = await openBench(t, { edges: 3 });
  const users = await many(bench, 4);
  const id = await bench.group('ops', users.slice(0, 3));
  await assert.rejects(bench.directory.changeGroup(OKTA, id, [add(users[3]!)]), { code: 'SCIM_QUOTA' });
  assert.equal((await edges(bench)).length, 3);
  await bench.directory.changeGroup(OKTA, id, [remove(users[0]!), add(users[3]!)]);
  await bench.directory.deleteUser(OKTA, users[1]!);
  await bench.directory.changeGroup(OKTA, id, [add(users[0]!)]);
  await bench.directory.deleteGroup(OKTA, id);
  await bench.group('again', [users[0]!, users[2]!, users[3]!]);
});

test('where there is more than a quota that was lowered since, whatever takes away passes', async (t) => {
  const limits = { edges: 10, users: 10, groups: 10 };
  const bench = await openBench(t, limits);
  const users = await many(bench, 4);
  const id = await bench.group('ops', users);
  const other = await bench.group('other', users);
  const lowered = { store: bench.store, clock: tickingClock(), random: seededRandom(7), wake: () => {} };
  const directory = createDirectory({
    ...{ ...lowered, recorder: { record: async () => {} }, unique: NOTHING_UNIQUE },
    quotas: () => ({ ...DEFAULT_QUOTAS, edges: 1, users: 1, groups: 1 }),
  });
  await directory.changeGroup(OKTA, id, [remove(users[0]!)]);
  await directory.changeGroup(OKTA, id, [{ op: 'replace-members', members: refs([users[1]!]) }]);
  await directory.changeGroup(OKTA, id, [remove(users[1]!), add(users[2]!)]);
  await assert.rejects(directory.changeGroup(OKTA, id, [add(users[0]!)]), { code: 'SCIM_QUOTA' });
  await directory.deleteUser(OKTA, users[2]!);
  await directory.deleteGroup(OKTA, other);
  assert.equal((await edges(bench)).length, 0);
});

test('whatever is asked in whatever order, edges, counters, versions and marks are those of a plain set', async (t) => {
  const bench = await openBench(t);
  const users = await many(bench, 6);
  const some = fc.subarray(users).map((ids) => [...ids]);
  const change: fc.Arbitrary<GroupChange> = fc.oneof(
    some.map((ids) => add(...ids)),
    some.map((ids) => remove(...ids)),
    some.map((ids) => replace(...ids)),
    fc.constant(clear),
  );
  let run = 0;
  const property = fc.asyncProperty(
    fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 8 }),
    async (requests) => {
      const id = await bench.group(`g${run++}`);
      let model = new Set<string>();
      let version = 1;
      for (const changes of requests) {
        await bench.forget();
        const before = model;
        model = changes.reduce(applied, model);
        const differs = [...before]
          .filter((one) => !model.has(one))
          .concat([...model].filter((one) => !before.has(one)));
        const { changed } = await bench.directory.changeGroup(OKTA, id, changes);
        assert.equal(changed, differs.length > 0);
        version += changed ? 1 : 0;
        assert.deepEqual(await bench.marks(), differs.map((one) => `user ${one}`).sort());
        const recorded = bench.events.flatMap((event) => [
          ...(event.body.added as string[]),
          ...(event.body.removed as string[]),
        ]);
        assert.deepEqual(recorded.sort(), differs.sort());
      }
      assert.deepEqual(await members(bench, id), [...model].sort());
      assert.equal(await stored(bench, id), model.size);
      assert.equal((await bench.directory.group('okta', id, false)).version, version);
      const counters = await bench.store.read((db) =>
        db.selectFrom('counters').selectAll().where('name', '=', 'edges:okta').execute(),
      );
      assert.equal(counters[0]?.value ?? 0, (await edges(bench)).length);
    },
  );
  await fc.assert(property, { numRuns: 40 });
});

function applied(model: Set<string>, change: GroupChange): Set<string> {
  switch (change.op) {
    case 'add-members':
      return model.union(new Set(change.members.map((member) => member.value)));
    case 'remove-members':
      return model.difference(new Set(change.values));
    case 'replace-members':
      return new Set(change.members.map((member) => member.value));
    case 'clear-members':
      return new Set();
    case 'attributes':
      return model;
  }
}
