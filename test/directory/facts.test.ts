import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DirtyMark } from '../../src/directory/facts/facts.ts';
import { createFactsReader, PEOPLE } from '../../src/directory/facts/factsReader.ts';
import { PART } from '../../src/directory/inParts.ts';
import { findPeople } from '../../src/directory/users/findPeople.ts';
import { SqliteConnection } from '../../src/store/sqlite/connection.ts';
import { type Bench, crowd, ENTRA, OKTA, openBench, refs } from './open.ts';
import { explain, weakSteps } from './plan.ts';

const reader = createFactsReader();
const everyone = ({ store }: Bench) => store.read((db, breathe) => reader.everyone(db, breathe));
const some = ({ store }: Bench, ...marks: Pick<DirtyMark, 'kind' | 'id'>[]) =>
  store.read((db, breathe) => reader.some(db, marks, breathe));
const user = (id: string) => ({ kind: 'user', id }) as const;
const group = (id: string) => ({ kind: 'group', id }) as const;
const ids = (facts: readonly { readonly id: string }[]): string[] => facts.map((fact) => fact.id).sort();

test('facts are what policy needs: names, keys, primary e-mail, edges with their origin, groups above groups', async (t) => {
  const bench = await openBench(t);
  const emails = [{ value: 'b@x' }, { value: 'a@x', primary: true }];
  const ana = await bench.user('ana', { externalId: 'x1', displayName: 'Ana', emails });
  const bob = await bench.user('bob', { active: false }, ENTRA);
  const inner = await bench.group('inner', [ana]);
  const { id: outer } = await bench.directory.createGroup(
    OKTA,
    { displayName: 'outer', externalId: 'g' },
    refs([inner]),
  );
  const { people, groups, tombstones } = await everyone(bench);
  const edges = await bench.store.read((db) => db.selectFrom('members').selectAll().execute());
  const origin = (member: string) => ({
    since: edges.find((edge) => edge.member_id === member)!.since,
    request: 'request-1',
    credential: 'token-1',
  });
  const rest = { externalId: 'x1', displayName: 'Ana', email: 'a@x', active: true };
  assert.deepEqual(
    people.find((person) => person.id === ana),
    { id: ana, connection: 'okta', userName: 'ana', ...rest, groups: [{ group: inner, ...origin(ana) }] },
  );
  assert.deepEqual(
    people.find((person) => person.id === bob),
    { id: bob, connection: 'entra', userName: 'bob', active: false, groups: [] },
  );
  assert.deepEqual(groups.get(inner), {
    id: inner,
    connection: 'okta',
    displayName: 'inner',
    parents: [{ group: outer, ...origin(inner) }],
  });
  assert.deepEqual(groups.get(outer), {
    id: outer,
    connection: 'okta',
    displayName: 'outer',
    externalId: 'g',
    parents: [],
  });
  assert.deepEqual(tombstones, []);
});

test('the deleted are tombstones, with who deleted them', async (t) => {
  const bench = await openBench(t);
  const ana = await bench.user('Ana', { externalId: 'x1', emails: [{ value: 'a@x' }] });
  const ops = await bench.group('ops', [ana]);
  await bench.directory.deleteUser({ ...OKTA, request: 'request-5' }, ana);
  await bench.directory.deleteGroup(OKTA, ops);
  const all = await everyone(bench);
  assert.deepEqual(all.people, []);
  assert.deepEqual(all.tombstones, [
    {
      id: ana,
      connection: 'okta',
      userName: 'Ana',
      externalId: 'x1',
      email: 'a@x',
      deletedAt: all.tombstones[0]!.deletedAt,
      request: 'request-5',
      credential: 'token-1',
    },
  ]);
  assert.deepEqual(await some(bench, user(ana)), all);
  assert.deepEqual((await some(bench, group(ops))).tombstones, []);
});

test('a marked group stands for everybody below it, and brings all groups above them', async (t) => {
  const bench = await openBench(t);
  const [ana = '', bob = '', eve = ''] = await crowd(bench, 3);
  const inner = await bench.group('inner', [ana]);
  const middle = await bench.group('middle', [inner, bob]);
  const top = await bench.group('top', [middle]);
  const other = await bench.group('other', [ana, eve]);
  await bench.directory.changeGroup(OKTA, inner, [{ op: 'add-members', members: refs([top]) }]);
  const lone = await bench.group('lone');
  const found = await some(bench, group(middle));
  assert.deepEqual(ids(found.people), [ana, bob].sort());
  assert.deepEqual([...found.groups.keys()].sort(), [inner, middle, top, other].sort());
  assert.deepEqual([...(await some(bench, group(lone))).groups.keys()], [lone]);
  assert.deepEqual(ids((await some(bench, group(lone))).people), []);
});

test('nobody and nothing unknown is asked for in vain', async (t) => {
  const bench = await openBench(t);
  const nothing = { people: [], groups: new Map(), tombstones: [] };
  assert.deepEqual(await some(bench), nothing);
  assert.deepEqual(await some(bench, user('x'), group('y')), nothing);
});

test('some people are read exactly as everyone is', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, 8);
  const groups: string[] = [];
  for (let i = 0; i < 6; i++) groups.push(await bench.group(`g${i}`));
  const graph = fc.array(fc.tuple(fc.constantFrom(...groups), fc.constantFrom(...users, ...groups)), { maxLength: 25 });
  const asked = fc.array(fc.oneof(fc.constantFrom(...users).map(user), fc.constantFrom(...groups).map(group)), {
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(graph, asked, async (edges, marks) => {
      for (const id of groups) {
        const members = refs(edges.filter(([of]) => of === id).map(([, member]) => member));
        await bench.directory.changeGroup(OKTA, id, [{ op: 'replace-members', members }]);
      }
      const whole = await everyone(bench);
      const below = new Set(marks.filter((mark) => mark.kind === 'group').map((mark) => mark.id));
      for (let more = -1; more !== below.size; ) {
        more = below.size;
        for (const [of, member] of edges) if (below.has(of) && groups.includes(member)) below.add(member);
      }
      const wanted = new Set(marks.filter((mark) => mark.kind === 'user').map((mark) => mark.id));
      for (const [of, member] of edges) if (below.has(of) && users.includes(member)) wanted.add(member);
      const found = await some(bench, ...marks);
      assert.deepEqual(ids(found.people), [...wanted].sort());
      for (const person of found.people)
        assert.deepEqual(
          person,
          whole.people.find((other) => other.id === person.id),
        );
      for (const [id, fact] of found.groups) assert.deepEqual(fact, whole.groups.get(id));
      const reached = new Set(found.people.flatMap((person) => person.groups.map((edge) => edge.group)));
      for (const id of reached) for (const parent of whole.groups.get(id)!.parents) reached.add(parent.group);
      for (const id of reached) assert.ok(found.groups.has(id));
    }),
    { numRuns: 30 },
  );
});

test('one person is read by the same statements whatever the size of the groups, and never by a scan', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, 5_000);
  await bench.group('big', users.slice(1));
  await bench.group('small', users.slice(0, 1));
  bench.statements();
  await some(bench, user(users[0]!));
  const small = bench.statements();
  await some(bench, user(users[1]!));
  assert.deepEqual(bench.statements(), small);
  for (const statement of small) {
    const plan = await explain(bench, statement);
    assert.deepEqual(weakSteps(plan), [], `${statement}\n${plan.join('\n')}`);
  }
});

test('everyone is read by five statements', async (t) => {
  const bench = await openBench(t);
  await bench.group('ops', await crowd(bench, 500));
  bench.statements();
  assert.equal((await everyone(bench)).people.length, 500);
  assert.equal(bench.statements().length, 5);
});

test('marks come oldest first, keep their first instant and know the last request', async (t) => {
  const bench = await openBench(t);
  const [ana, bob] = [await bench.user('ana'), await bench.user('bob')];
  const dirty = () => bench.store.read((db) => reader.dirty(db, 10));
  const before = await dirty();
  assert.deepEqual(ids(before), [ana, bob].sort());
  assert.deepEqual(
    before.map((mark) => mark.id),
    [ana, bob],
  );
  await bench.directory.changeUser({ ...OKTA, request: 'request-8' }, ana, (current) => ({ ...current, title: 'x' }));
  const after = await dirty();
  assert.deepEqual(
    after.map((mark) => mark.id),
    [bob, ana],
  );
  assert.equal(after[1]?.markedAt, before[0]?.markedAt);
  assert.equal(after[1]?.request, 'request-8');
  assert.equal((await bench.store.read((db) => reader.dirty(db, 1))).length, 1);
});

test('clearing a mark that was renewed meanwhile leaves it', async (t) => {
  const bench = await openBench(t);
  const [ana, bob] = [await bench.user('ana'), await bench.user('bob')];
  const read = await bench.store.read((db) => reader.dirty(db, 10));
  await bench.directory.changeUser(OKTA, ana, (current) => ({ ...current, title: 'x' }));
  await bench.store.write(({ db }) => reader.clear(db, read));
  assert.deepEqual(await bench.marks(), [`user ${ana}`]);
  await bench.store.write(({ db }) => reader.clear(db, []));
  await bench.store.write(async ({ db }) => reader.clear(db, await reader.dirty(db, 10)));
  assert.deepEqual(await bench.marks(), []);
  await bench.directory.deleteUser(OKTA, bob);
  assert.deepEqual(await bench.marks(), [`user ${bob}`]);
});

test('people are found by id, folded userName and externalId, over all connections, the deleted last', async (t) => {
  const bench = await openBench(t);
  const find = (text: string) => bench.store.read((db) => findPeople(db, text));
  const first = await bench.user('Ana', { externalId: 'x1', emails: [{ value: 'a@x' }] });
  await bench.directory.deleteUser(OKTA, first);
  const second = await bench.user('ana', { externalId: 'x1' });
  const theirs = await bench.user('ANA', { active: false }, ENTRA);
  assert.deepEqual(
    (await find('\uff21na')).map((found) => [found.id, found.active, found.deletedAt !== undefined]),
    [
      [theirs, false, false],
      [second, true, false],
      [first, false, true],
    ],
  );
  assert.deepEqual(
    (await find('x1')).map((found) => found.id),
    [second, first],
  );
  assert.deepEqual(await find('X1'), []);
  const [dead] = await find(first);
  assert.deepEqual(
    { ...dead, deletedAt: '' },
    { id: first, connection: 'okta', userName: 'Ana', externalId: 'x1', email: 'a@x', active: false, deletedAt: '' },
  );
  assert.deepEqual(await find("' OR 1=1 --"), []);
  assert.deepEqual(await find(''), []);
});

test('very many people and memberships are read in parts, and come to the same', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, 2 * PART + 7);
  const sizes = [PART, PART + 1, 3, 2 * PART + 7];
  const groups: string[] = [];
  for (const [n, size] of sizes.entries()) groups.push(await bench.group(`group ${n}`, users.slice(0, size)));
  const outer = await bench.group('outer', groups);
  let turns = 0;
  const read = await bench.store.read((db, breathe) =>
    reader.everyone(db, async () => {
      turns += 1;
      await breathe();
    }),
  );
  assert.ok(turns >= 6);
  assert.equal(read.people.length, users.length);
  for (const [at, id] of users.entries()) {
    if (at % 997 !== 0 && at > 5 && Math.abs(at - PART) > 2) continue;
    const person = read.people.find((one) => one.id === id);
    const own = groups.filter((_, n) => at < sizes[n]!).sort();
    assert.deepEqual(
      person?.groups.map(({ group }) => group),
      own,
      `person ${at}`,
    );
  }
  for (const id of groups)
    assert.deepEqual(
      read.groups.get(id)?.parents.map(({ group }) => group),
      [outer],
    );
});

test('everybody in a very large group is read in parts, whoever was deleted among the marks in order', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, PART + 20);
  const inner = await bench.group('inner', users);
  const outer = await bench.group('outer', [inner]);
  const gone = [users[3]!, users[PART + 5]!, users[1]!];
  for (const id of gone) await bench.directory.deleteUser(OKTA, id);
  const below = await bench.store.read((db, breathe) => reader.below(db, [outer], breathe));
  assert.equal(below.length, users.length - 3);
  let turns = 0;
  const marks = [{ kind: 'group', id: outer } as const, ...gone.map((id) => ({ kind: 'user', id }) as const)];
  const read = await bench.store.read((db, breathe) =>
    reader.some(db, marks, async () => {
      turns += 1;
      await breathe();
    }),
  );
  // Behind two parts of the members, behind the outer group, and before each part of people.
  assert.equal(turns, 3 + Math.ceil(users.length / PEOPLE));
  assert.deepEqual(new Set(ids(read.people)), new Set(users.filter((id) => !gone.includes(id))));
  assert.deepEqual(
    read.tombstones.map(({ id }) => id),
    gone,
  );
  assert.deepEqual(new Set(read.groups.keys()), new Set([inner, outer]));
  assert.ok(read.people.every(({ groups }) => groups.length === 1 && groups[0]?.group === inner));
});

test('no statement about a very large group gives more rows than a part has', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, 2 * PART + 20);
  const large = await bench.group('large', users);
  const small = await bench.group('small', users.slice(0, 30));
  const outer = await bench.group('outer', [large, small]);
  let most = 0;
  const { executeQuery } = SqliteConnection.prototype;
  t.mock.method(SqliteConnection.prototype, 'executeQuery', async function (this: SqliteConnection, query: never) {
    const answer = await executeQuery.call(this, query);
    most = Math.max(most, answer.rows.length);
    return answer;
  });
  const read = await some(bench, group(outer), user(users[7]!));
  assert.deepEqual(ids(read.people), users.toSorted());
  assert.ok(most <= PART + 1, `${most} rows`);
});

test('memberships of groups that do not count are left out, and nothing else', async (t) => {
  const bench = await openBench(t);
  const users = await crowd(bench, 12);
  const counts = await bench.group('counts', users.slice(0, 6));
  const other = await bench.group('other', users.slice(3));
  const above = await bench.group('above', [other]);
  const whole = await everyone(bench);
  const asked: string[][] = [];
  const part = await bench.store.read((db, breathe) =>
    reader.everyone(db, breathe, (groups) => {
      asked.push([...groups.keys()]);
      return new Set([counts]);
    }),
  );
  assert.deepEqual(asked, [[...whole.groups.keys()]]);
  assert.deepEqual(part.groups, whole.groups);
  assert.deepEqual(
    part.groups.get(other)?.parents.map(({ group }) => group),
    [above],
  );
  assert.deepEqual(
    part.people,
    whole.people.map((one) => ({ ...one, groups: one.groups.filter(({ group }) => group === counts) })),
  );
});
