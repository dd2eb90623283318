import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extensions } from '../../../src/config/extension.ts';
import { configuredCatalogue } from '../../../src/scim/schemas/configured.ts';
import { type Answer, BASE, E, G, type Json, P, scimWorld, U } from './world.ts';

const X = 'urn:example:scim:ci:2.0:User';
const T = 'urn:example:scim:team:2.0:Group';

const CONFIGURED = configuredCatalogue(
  extensions.parse({
    [X]: {
      name: 'CI',
      description: 'What the build team says of a person.',
      attributes: {
        shift: { canonicalValues: ['Day', 'Night'] },
        badge: { caseExact: true, maxLength: 8 },
        level: { type: 'integer' },
        oncall: { type: 'boolean' },
        since: { type: 'dateTime' },
        tags: { multiValued: true },
        numbers: { type: 'integer', multiValued: true },
        desk: { type: 'complex', attributes: { floor: { type: 'integer' }, room: {} } },
        skills: { type: 'complex', multiValued: true, attributes: { value: {}, level: { type: 'integer' } } },
      },
    },
    [T]: { resource: 'Group', attributes: { owner: {} } },
  }),
);

const CI = {
  shift: 'day',
  badge: 'B-1',
  level: 3,
  oncall: true,
  since: '2026-01-01T00:00:00Z',
  tags: ['Fast', 'b'],
  numbers: [1, 2],
  desk: { floor: 2, room: 'A' },
  skills: [{ value: 'Java', level: 2 }],
};

function ok(answer: Answer): Json {
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

async function stage(t: Parameters<typeof scimWorld>[0]) {
  const world = await scimWorld(t, {}, CONFIGURED);
  const client = world.as('rfc');
  const created = await client.post('/Users', { schemas: [U, X], userName: 'ana', [X]: CI });
  assert.equal(created.status, 201, created.text);
  const other = await client.user('bo', { schemas: [U, X, E], [X]: { level: 1 }, [E]: { department: 'Build' } });
  return { world, client, created, id: created.body.id as string, other };
}

test('it is published: schemas, resource types', async (t) => {
  const { client } = await stage(t);
  const document = ok(await client.get(`/Schemas/${X}`));
  assert.deepEqual([document.id, document.name], [X, 'CI']);
  assert.deepEqual(
    document.attributes
      .map(({ name, type, multiValued, mutability }: Json) => [name, type, multiValued, mutability])
      .slice(2, 6),
    [
      ['level', 'integer', false, 'readWrite'],
      ['oncall', 'boolean', false, 'readWrite'],
      ['since', 'dateTime', false, 'readWrite'],
      ['tags', 'string', true, 'readWrite'],
    ],
  );
  assert.deepEqual(
    document.attributes.at(-1).subAttributes.map(({ name }: Json) => name),
    ['value', 'level'],
  );
  assert.equal(ok(await client.get('/Schemas')).totalResults, 5);
  assert.deepEqual(ok(await client.get('/ResourceTypes/User')).schemaExtensions, [
    { schema: E, required: false },
    { schema: X, required: false },
  ]);
  assert.deepEqual(ok(await client.get('/ResourceTypes/Group')).schemaExtensions, [{ schema: T, required: false }]);
});

test('it is stored and comes back, with its URN among the schemas where there is data', async (t) => {
  const { client, created, id, other } = await stage(t);
  assert.deepEqual(created.body.schemas, [U, X]);
  assert.deepEqual(created.body[X], { ...CI, shift: 'Day', since: '2026-01-01T00:00:00.000Z' });
  assert.deepEqual(ok(await client.get(`/Users/${id}`)), created.body);
  assert.deepEqual(ok(await client.get(`/Users/${other}`)).schemas, [U, E, X]);
  const group = await client.post('/Groups', { schemas: [G, T], displayName: 'team', [T]: { owner: 'ana' } });
  assert.deepEqual([group.status, group.body[T]], [201, { owner: 'ana' }]);
  const put = ok(await client.put(`/Users/${id}`, { schemas: [U], userName: 'ana' }));
  assert.deepEqual([put.schemas, put[X]], [[U], undefined]);
});

test('it is projected by URN, attribute and sub-attribute', async (t) => {
  const { client, id } = await stage(t);
  const read = async (query: string) => ok(await client.get(`/Users/${id}?${query}`));
  assert.deepEqual((await read(`attributes=${X}:level`))[X], { level: 3 });
  assert.deepEqual((await read(`attributes=${X}:desk.room`))[X], { desk: { room: 'A' } });
  assert.deepEqual(Object.keys((await read(`attributes=${X.toUpperCase()}`))[X]), Object.keys(CI));
  assert.equal((await read(`excludedAttributes=${X}`))[X], undefined);
  assert.equal((await read(`excludedAttributes=${X}:tags`))[X].tags, undefined);
});

test('it is validated as any other attribute', async (t) => {
  const { client } = await stage(t);
  for (const wrong of [
    { level: 1.5 },
    { level: '3' },
    { oncall: 'yes' },
    { since: 'yesterday' },
    { badge: 'far too long' },
    { tags: 'a' },
    { tags: [{ value: 'a' }] },
    { desk: [] },
    { skills: {} },
  ]) {
    const answer = await client.post('/Users', { schemas: [U, X], userName: 'cy', [X]: wrong });
    assert.deepEqual([answer.status, answer.body.scimType], [400, 'invalidValue'], JSON.stringify(wrong));
  }
  const unknown = await client.post('/Users', { schemas: [U, X], userName: 'cy', [X]: { shoe: 7 } });
  assert.deepEqual([unknown.status, unknown.body.scimType], [400, 'invalidSyntax']);
  const undeclared = await client.post('/Users', { schemas: [U], userName: 'cy', [X]: { level: 1 } });
  assert.deepEqual([undeclared.status, undeclared.body.scimType], [400, 'invalidSyntax']);
});

test('it is filtered and sorted by', async (t) => {
  const { client } = await stage(t);
  const names = async (query: string) =>
    ok(await client.get(`/Users?${query}`)).Resources.map(({ userName }: Json) => userName);
  for (const [filter, found] of [
    [`${X}:shift eq "DAY"`, ['ana']],
    [`${X}:badge eq "b-1"`, []],
    [`${X}:badge eq "B-1"`, ['ana']],
    [`${X}:level gt 1`, ['ana']],
    [`${X}:level ge 1`, ['ana', 'bo']],
    [`${X}:oncall eq true`, ['ana']],
    [`${X}:since lt "2027-01-01T00:00:00Z"`, ['ana']],
    [`${X}:tags eq "fast"`, ['ana']],
    [`${X}:tags co "as"`, ['ana']],
    [`not (${X}:tags eq "b")`, ['bo']],
    [`${X}:tags pr`, ['ana']],
    [`${X}:numbers eq 2`, ['ana']],
    [`${X}:numbers gt 2`, []],
    [`${X}:desk.floor eq 2`, ['ana']],
    [`${X}:skills[value eq "java" and level eq 2]`, ['ana']],
    [`${X}:skills[value eq "java" and level eq 3]`, []],
    [`schemas eq "${X}"`, ['ana', 'bo']],
  ] as const)
    assert.deepEqual(await names(`filter=${encodeURIComponent(filter)}`), found, filter);
  assert.deepEqual(await names(`sortBy=${X}:level`), ['bo', 'ana']);
  assert.deepEqual(await names(`sortBy=${X}:tags`), ['ana', 'bo']);
  assert.deepEqual(await names(`sortBy=${X}:numbers&sortOrder=descending`), ['bo', 'ana']);
});

test('a number beyond 2^53 is found and sorted by as the double that it is', async (t) => {
  const { client } = await stage(t);
  const large = Number('1234567890123456789');
  const smaller = large - 100_000;
  await client.user('cy', { schemas: [U, X], [X]: { level: large, numbers: [0, large], skills: [{ level: large }] } });
  await client.user('di', {
    schemas: [U, X],
    [X]: { level: smaller, numbers: [smaller], skills: [{ level: smaller }] },
  });
  const names = async (query: string) => {
    const page = ok(await client.get(`/Users?${query}`));
    return page.Resources.map(({ userName }: Json) => userName);
  };
  for (const [filter, found] of [
    [`${X}:level eq ${large}`, ['cy']],
    [`${X}:level ge ${smaller}`, ['cy', 'di']],
    [`${X}:level gt ${smaller}`, ['cy']],
    [`${X}:numbers eq ${large}`, ['cy']],
    [`${X}:skills[level eq ${large}]`, ['cy']],
  ] as const)
    assert.deepEqual(await names(`filter=${encodeURIComponent(filter)}`), found, filter);
  for (const path of ['level', 'numbers', 'skills.level']) {
    const filter = encodeURIComponent(`${X}:level gt 10`);
    const [first] = await names(`filter=${filter}&sortBy=${X}:${path}&sortOrder=descending&count=1`);
    const byCursor = ok(
      await client.get(`/Users?filter=${filter}&sortBy=${X}:${path}&sortOrder=descending&count=1&cursor`),
    );
    assert.equal(byCursor.Resources[0].userName, first, path);
  }
});

test('it is patched: paths, pathless, lists of plain values, removal', async (t) => {
  const { client, id } = await stage(t);
  const patched = async (...operations: unknown[]) => ok(await client.patch(`/Users/${id}`, operations))[X];
  assert.equal((await patched({ op: 'replace', path: `${X}:level`, value: 4 })).level, 4);
  assert.deepEqual((await patched({ op: 'add', path: `${X}:tags`, value: ['fast', 'c'] })).tags, ['Fast', 'b', 'c']);
  assert.deepEqual((await patched({ op: 'remove', path: `${X}:tags`, value: ['B'] })).tags, ['Fast', 'c']);
  assert.deepEqual((await patched({ op: 'add', path: `${X}:numbers`, value: [2, 3] })).numbers, [1, 2, 3]);
  assert.deepEqual((await patched({ op: 'replace', path: `${X}:tags`, value: ['z'] })).tags, ['z']);
  assert.equal((await patched({ op: 'remove', path: `${X}:tags` })).tags, undefined);
  assert.deepEqual((await patched({ op: 'replace', path: `${X}:desk.room`, value: 'B' })).desk, {
    floor: 2,
    room: 'B',
  });
  const skills = await patched({ op: 'replace', path: `${X}:skills[value eq "java"].level`, value: 5 });
  assert.deepEqual(skills.skills, [{ value: 'Java', level: 5 }]);
  assert.equal((await patched({ op: 'replace', value: { [X]: { shift: 'NIGHT' } } })).shift, 'Night');
  assert.equal((await patched({ op: 'add', value: { [`${X}:badge`]: 'B-2' } })).badge, 'B-2');
  const same = ok(await client.get(`/Users/${id}`)).meta.version;
  await patched({ op: 'add', path: `${X}:numbers`, value: [1] });
  assert.equal(ok(await client.get(`/Users/${id}`)).meta.version, same, 'adding what is there changes nothing');
  const wrong = await client.send('PATCH', `/Users/${id}`, {
    schemas: [P],
    Operations: [{ op: 'replace', path: `${X}:level`, value: 'x' }],
  });
  assert.equal(wrong.body.scimType, 'invalidValue');
  assert.equal(await patched({ op: 'remove', path: X }), undefined);
  assert.deepEqual(ok(await client.get(`/Users/${id}`)).schemas, [U]);
});

test('without the configuration the URN is unknown', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  assert.equal((await client.get(`/Schemas/${X}`)).status, 404);
  const answer = await client.get(`/Users?filter=${encodeURIComponent(`${X}:level eq 1`)}`);
  assert.equal(answer.body.scimType, 'invalidFilter');
  assert.ok(answer.body.detail.length > 0 && !BASE.includes(X));
});
