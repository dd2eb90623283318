import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Answer, BASE, type Client, E, G, type Json, P, scimWorld, U } from './world.ts';

const B = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
const EVERY = ['okta', 'entra', 'generic', 'rfc', 'interop'] as const;

const user = (bulkId: string, userName: string, more: object = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: [U], userName, ...more },
});
const group = (bulkId: string, displayName: string, members: readonly string[] = []) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { schemas: [G], displayName, members: members.map((value) => ({ value })) },
});

function bulk(client: Client, operations: readonly unknown[], failOnErrors?: unknown): Promise<Answer> {
  return client.post('/Bulk', {
    schemas: [B],
    ...(failOnErrors === undefined ? {} : { failOnErrors }),
    Operations: operations,
  });
}

async function done(client: Client, operations: readonly unknown[], failOnErrors?: number): Promise<Json[]> {
  const { status, body, text } = await bulk(client, operations, failOnErrors);
  assert.equal(status, 200, text);
  assert.deepEqual(body.schemas, [RESPONSE]);
  return body.Operations;
}

const statuses = (answers: readonly Json[]): string[] => answers.map(({ status }) => status);
const idIn = ({ location }: Json): string => location.slice(location.lastIndexOf('/') + 1);
const names = async (client: Client, type: 'Users' | 'Groups'): Promise<string[]> =>
  (await client.get(`/${type}?count=1000`)).body.Resources.map((item: Json) => item.userName ?? item.displayName);

for (const profile of EVERY)
  test(`33 bulk circular (${profile})`, async (t) => {
    const client = (await scimWorld(t)).as(profile);
    const [a, b] = await done(
      client,
      [
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'a',
          data: { schemas: [G], displayName: 'A', members: [{ type: 'Group', value: 'bulkId:b' }] },
        },
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'b',
          data: { schemas: [G], displayName: 'B', members: [{ type: 'Group', value: 'bulkId:a' }] },
        },
      ],
      1,
    );
    assert.deepEqual(statuses([a, b]), ['201', '201']);
    assert.deepEqual([a.method, a.bulkId, a.response], ['POST', 'a', undefined]);
    assert.ok(a.location.startsWith(`${BASE}/Groups/`));
    assert.deepEqual(await client.members(idIn(a)), [idIn(b)]);
    assert.deepEqual(await client.members(idIn(b)), [idIn(a)]);
    const read = await client.get(`/Groups/${idIn(a)}`);
    assert.equal(read.headers.etag, a.version);
    assert.equal(read.body.members[0].type, 'Group');
  });

test('one bulk request with every method, in the order of the request', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const [old, kept, gone] = [await client.user('old'), await client.user('kept'), await client.user('gone')];
  const team = await client.group('team', [old]);
  const answers = await done(client, [
    user('u1', 'ana'),
    { method: 'PUT', path: `/Users/${old}`, data: { schemas: [U], userName: 'new' } },
    {
      method: 'PATCH',
      path: `/Users/${kept}`,
      data: { schemas: [P], Operations: [{ op: 'add', path: 'title', value: 'x' }] },
    },
    { method: 'DELETE', path: `/Users/${gone}` },
    {
      method: 'PATCH',
      path: `/Groups/${team}`,
      data: {
        schemas: [P],
        Operations: [
          { op: 'add', path: 'members', value: [{ value: 'bulkId:u1' }] },
          { op: 'remove', path: `members[value eq "${old}"]` },
        ],
      },
    },
  ]);
  assert.deepEqual(statuses(answers), ['201', '200', '200', '204', '200']);
  assert.deepEqual(
    answers.map(({ location }) => location),
    [
      answers[0].location,
      `${BASE}/Users/${old}`,
      `${BASE}/Users/${kept}`,
      `${BASE}/Users/${gone}`,
      `${BASE}/Groups/${team}`,
    ],
  );
  assert.deepEqual(
    answers.map(({ version }) => version !== undefined),
    [true, true, true, false, true],
  );
  assert.deepEqual((await names(client, 'Users')).sort(), ['ana', 'kept', 'new']);
  assert.deepEqual(await client.members(team), [idIn(answers[0])]);
});

test('a reference may come before what it refers to, and stand in members, managers, paths and filters', async (t) => {
  const client = (await scimWorld(t)).as('generic');
  const answers = await done(client, [
    group('g', 'team', ['bulkId:u1', 'bulkId:u2']),
    user('u1', 'ana', { [E]: { manager: { value: 'bulkId:u2' } } }),
    {
      method: 'PATCH',
      path: '/Groups/bulkId:g',
      data: { Operations: [{ op: 'remove', path: 'members[value eq "bulkId:u1"]' }] },
    },
    user('u2', 'bo'),
    user('u3', 'cy', { [E]: { manager: 'bulkId:u2' }, title: 'bulkId:u2' }),
  ]);
  assert.deepEqual(statuses(answers), ['201', '201', '200', '201', '201']);
  const [team, ana, patched, bo, cy] = answers.map(idIn);
  assert.equal(patched, team);
  assert.deepEqual(await client.members(team!), [bo]);
  assert.equal((await client.get(`/Users/${ana}`)).body[E].manager.value, bo);
  const third = (await client.get(`/Users/${cy}`)).body;
  assert.deepEqual([third[E].manager.value, third.title], [bo, 'bulkId:u2']);
});

test('an operation on what another one creates waits for it, and fails with it', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const title = (path: string) => ({
    method: 'PATCH',
    path,
    data: { schemas: [P], Operations: [{ op: 'add', path: 'title', value: 'Dr' }] },
  });
  const answers = await done(client, [
    title('/Users/bulkId:ana'),
    { method: 'DELETE', path: '/Users/bulkId:bo' },
    title('/Users/bulkId:bad'),
    title('/Users/bulkId:nobody'),
    user('ana', 'ana'),
    user('bo', 'bo'),
    user('bad', ''),
    title('/Users/bulkId:ana'),
  ]);
  assert.deepEqual(statuses(answers), ['200', '204', '409', '400', '201', '201', '400', '200']);
  assert.match(answers[3].response.detail, /no operation with the bulkId "nobody"/);
  assert.equal(answers[0].location, answers[4].location);
  assert.deepEqual(await names(client, 'Users'), ['ana']);
  assert.equal((await client.get(`/Users/${idIn(answers[4])}`)).body.title, 'Dr');
});

test('a text that only looks like a reference is a text, in values and in filters', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const id = await client.user('ana', { emails: [{ value: 'bulkId:u2' }] });
  const [patched, bo] = await done(client, [
    {
      method: 'PATCH',
      path: `/Users/${id}`,
      data: {
        schemas: [P],
        Operations: [
          { op: 'add', path: 'title', value: 'bulkId:nobody' },
          { op: 'add', path: 'emails[value eq "bulkId:u2"].display', value: 'bulkId:u2' },
          { op: 'add', path: 'roles', value: [{ value: 'bulkId:u2' }] },
        ],
      },
    },
    user('u2', 'bo', { externalId: 'bulkId:u2', phoneNumbers: [{ value: 'bulkId:nobody' }] }),
  ]);
  assert.deepEqual(statuses([patched, bo]), ['200', '201']);
  const { title, emails, roles } = (await client.get(`/Users/${id}`)).body;
  assert.deepEqual([title, roles], ['bulkId:nobody', [{ value: 'bulkId:u2' }]]);
  assert.deepEqual(emails, [{ value: 'bulkId:u2', display: 'bulkId:u2' }]);
  assert.equal((await client.get(`/Users/${idIn(bo)}`)).body.phoneNumbers[0].value, 'bulkId:nobody');
});

test('a failure has its error inside, and is nobody else’s', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  await client.user('taken');
  const answers = await done(client, [
    user('u1', 'ana'),
    user('u2', 'TAKEN'),
    group('g1', 'one', ['bulkId:u1', 'bulkId:u2']),
    group('g2', 'two', ['bulkId:nobody']),
    { method: 'DELETE', path: '/Users/unknown' },
    { method: 'PATCH', path: '/Users/unknown', data: { schemas: [P], Operations: [{ op: 'nod' }] } },
    group('g3', 'three', ['bulkId:u1']),
  ]);
  assert.deepEqual(statuses(answers), ['201', '409', '409', '400', '404', '400', '201']);
  const [, taken, waiting, nobody, unknown] = answers;
  assert.deepEqual([taken.response.scimType, taken.response.status], ['uniqueness', '409']);
  assert.equal(taken.location, undefined);
  assert.match(waiting.response.detail, /bulkId "u2"/);
  assert.match(nobody.response.detail, /"nobody"/);
  assert.equal(unknown.location, `${BASE}/Users/unknown`);
  assert.deepEqual(await names(client, 'Groups'), ['three']);
});

test('no half of a failed operation stays: circles are created together or not at all', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('rfc');
  await client.group('taken');
  await world.forget();
  const answers = await done(client, [
    group('a', 'A', ['bulkId:b']),
    group('b', 'B', ['bulkId:c']),
    group('c', 'Taken', ['bulkId:a']),
    group('d', 'D', ['bulkId:a']),
    group('e', 'E', ['bulkId:e', 'nobody']),
    group('f', 'F', ['bulkId:f']),
  ]);
  assert.deepEqual(statuses(answers), ['409', '409', '409', '409', '400', '201']);
  assert.deepEqual(
    answers.map(({ response }) => response?.scimType),
    [undefined, undefined, 'uniqueness', undefined, 'invalidValue', undefined],
  );
  assert.deepEqual(await names(client, 'Groups'), ['taken', 'F']);
  assert.deepEqual(await client.members(idIn(answers[5])), [idIn(answers[5])]);
  assert.deepEqual(new Set(world.events.map(({ subject }) => subject?.id)), new Set([idIn(answers[5])]));
  assert.deepEqual(await world.marks(), [`group ${idIn(answers[5])}`]);
});

test('a circle that refers to what failed, or to nothing, is not created, and says which it was', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const answers = await done(client, [
    group('f', ''),
    group('a', 'A', ['bulkId:b', 'bulkId:f']),
    group('b', 'B', ['bulkId:a']),
    group('c', 'C', ['bulkId:d', 'bulkId:nobody']),
    group('d', 'D', ['bulkId:c']),
  ]);
  assert.deepEqual(statuses(answers), ['400', '409', '409', '400', '409']);
  assert.match(answers[1].response.detail, /refers to bulkId "f", and that operation failed/);
  assert.match(answers[2].response.detail, /refers to bulkId "a", and that operation failed/);
  assert.match(answers[3].response.detail, /no operation with the bulkId "nobody"/);
  assert.deepEqual(await names(client, 'Groups'), []);
});

test('a circle of twenty is resolved, a larger one refused as a whole', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const circle = (size: number, prefix: string) =>
    Array.from({ length: size }, (_, index) =>
      user(`${prefix}${index}`, `${prefix}${index}`, {
        schemas: [U, E],
        [E]: { manager: { value: `bulkId:${prefix}${(index + 1) % size}` } },
      }),
    );
  const answers = await done(client, circle(20, 'a'));
  assert.ok(statuses(answers).every((status) => status === '201'));
  assert.equal((await client.get(`/Users/${idIn(answers[19])}`)).body[E].manager.value, idIn(answers[0]));
  const refused = await done(client, [...circle(21, 'b'), user('c', 'C')]);
  assert.deepEqual(new Set(statuses(refused).slice(0, 21)), new Set(['409']));
  assert.match(refused[0].response.detail, /circle of 21; at most 20/);
  assert.equal(refused[21].status, '201');
  assert.equal((await names(client, 'Users')).length, 21);
});

test('references without end are refused before anything is done', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const all = Array.from({ length: 300 }, (_, index) => `bulkId:${index}`);
  const operations = all.map((_, index) => group(String(index), `g${index}`, all));
  const answer = await bulk(client, operations);
  assert.deepEqual([answer.status, answer.body.scimType], [400, 'tooMany']);
  assert.deepEqual(await names(client, 'Groups'), []);
});

test('people who are each other’s managers', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const withManager = (bulkId: string, userName: string, manager: string) =>
    user(bulkId, userName, { schemas: [U, E], [E]: { manager: { value: `bulkId:${manager}` } } });
  const [a, b] = (await done(client, [withManager('a', 'ana', 'b'), withManager('b', 'bo', 'a')])).map(idIn);
  assert.equal((await client.get(`/Users/${a}`)).body[E].manager.value, b);
  assert.equal((await client.get(`/Users/${b}`)).body[E].manager.value, a);
  const half = await done(client, [withManager('c', 'cy', 'd'), withManager('d', 'bo', 'c')]);
  assert.deepEqual(statuses(half), ['409', '409']);
  assert.deepEqual((await names(client, 'Users')).sort(), ['ana', 'bo']);
});

test('failOnErrors ends the request after so many failures; what was not tried has no answer and no effect', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  await client.user('taken');
  const operations = [user('1', 'ana'), user('2', 'taken'), user('3', 'bo'), user('4', 'Taken'), user('5', 'cy')];
  assert.deepEqual(statuses(await done(client, operations, 2)), ['201', '409', '201', '409']);
  assert.deepEqual((await names(client, 'Users')).sort(), ['ana', 'bo', 'taken']);
  assert.deepEqual(statuses(await done(client, [user('1', 'taken'), user('2', 'dora')], 1)), ['409']);
  assert.deepEqual(statuses(await done(client, [user('1', 'taken'), user('2', 'dora')])), ['409', '201']);
  for (const wrong of ['1', 1.5, -1]) assert.equal((await bulk(client, [], wrong)).status, 400);
});

test('the version of an operation is its If-Match', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const id = await client.user('ana');
  const patch = (version: string, value: string) => ({
    method: 'PATCH',
    path: `/Users/${id}`,
    version,
    data: { schemas: [P], Operations: [{ op: 'replace', path: 'title', value }] },
  });
  const answers = await done(client, [
    patch('W/"1"', 'a'),
    patch('W/"1"', 'b'),
    patch('W/"2"', 'c'),
    { method: 'DELETE', path: `/Users/${id}`, version: 'W/"1"' },
  ]);
  assert.deepEqual(statuses(answers), ['200', '412', '200', '412']);
  assert.deepEqual([answers[0].version, answers[2].version], ['W/"2"', 'W/"3"']);
  assert.equal((await client.get(`/Users/${id}`)).body.title, 'c');
});

test('operations on one resource keep their order, whatever they wait for', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const team = await client.group('team');
  const answers = await done(client, [
    {
      method: 'PATCH',
      path: `/Groups/${team}`,
      data: { schemas: [P], Operations: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:late' }] }] },
    },
    { method: 'DELETE', path: `/Groups/${team}` },
    user('late', 'late'),
  ]);
  assert.deepEqual(statuses(answers), ['200', '204', '201']);
});

test('an operation that cannot be read has its location, but for a POST (RFC 7644 §3.7.3)', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const path = `/Users/${await client.user('ana')}`;
  const [put, post] = await done(client, [
    { method: 'PUT', path, version: 7, data: { schemas: [U], userName: 'ana' } },
    { ...user('b', 'bo'), version: 7 },
  ]);
  assert.deepEqual([put.status, put.location], ['400', BASE + path]);
  assert.deepEqual([post.status, post.location], ['400', undefined]);
});

test('what is wrong with an operation is told at that operation', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const data = { schemas: [U], userName: 'x' };
  for (const [wrong, status, scimType] of [
    [17, '400', 'invalidSyntax'],
    [{ path: '/Users', bulkId: '1', data }, '400', 'invalidSyntax'],
    [{ method: 'GET', path: '/Users/1' }, '400', 'invalidSyntax'],
    [{ method: 'POST', path: '/Users', data }, '400', 'invalidSyntax'],
    [{ method: 'POST', path: '/Users', bulkId: 7, data }, '400', 'invalidSyntax'],
    [{ method: 'POST', path: '/Users/1', bulkId: '1', data }, '400', 'invalidValue'],
    [{ method: 'PUT', path: '/Users', data }, '400', 'invalidValue'],
    [{ method: 'POST', path: '/Bulk', bulkId: '1', data }, '400', 'invalidValue'],
    [{ method: 'POST', path: '/Users/.search', bulkId: '1', data }, '400', 'invalidValue'],
    [{ method: 'POST', path: 'https://elsewhere.test/Users', bulkId: '1', data }, '400', 'invalidValue'],
    [{ method: 'DELETE', path: '/Users/1?x=y' }, '400', 'invalidValue'],
    [{ method: 'POST', path: '/Users', bulkId: '1' }, '400', 'invalidSyntax'],
    [{ method: 'POST', path: '/Users', bulkId: '1', data: '{"a":' }, '400', 'invalidSyntax'],
    [{ method: 'POST', path: '/Users', bulkId: '1', data: `${'['.repeat(50_000)}` }, '400', 'invalidSyntax'],
    [{ method: 'PATCH', path: '/Users/1', version: 3, data }, '400', 'invalidSyntax'],
  ] as const) {
    const [answer, next] = await done(client, [wrong, user('next', 'next')]);
    assert.deepEqual([answer.status, answer.response.scimType], [status, scimType], JSON.stringify(answer));
    assert.equal(next.status, '201');
    await client.delete(`/Users/${idIn(next)}`);
  }
  const [first, second] = await done(client, [user('same', 'ana'), user('same', 'bo')]);
  assert.deepEqual([first.status, second.status, second.bulkId], ['201', '400', 'same']);
  assert.deepEqual([typeof first.location, second.location], ['string', undefined], 'who failed created nothing');
});

test('the request as a whole: schemas, Operations, 1,000 operations, the size of the body', async (t) => {
  const world = await scimWorld(t, { body: 400_000 });
  const client = world.as('rfc');
  assert.equal((await client.post('/Bulk', { Operations: [] })).body.scimType, 'invalidSyntax');
  assert.equal((await client.post('/Bulk', { schemas: [B] })).body.scimType, 'invalidSyntax');
  assert.equal((await client.post('/Bulk', [])).status, 400);
  assert.deepEqual(await done(client, []), []);
  const many = await bulk(
    client,
    Array.from({ length: 1001 }, (_, index) => ({ method: 'DELETE', path: `/Users/${index}` })),
  );
  assert.equal(many.status, 413);
  assert.match(many.body.detail, /maxOperations is 1000/);
  const large = await client.post('/Bulk', {
    schemas: [B],
    Operations: [user('1', 'ana', { title: 'x'.repeat(400_000) })],
  });
  assert.equal(large.status, 413);
  assert.match(large.body.detail, /400000 bytes/);
  const config = (await client.get('/ServiceProviderConfig')).body;
  assert.deepEqual(config.bulk, { supported: true, maxOperations: 1000, maxPayloadSize: 400_000 });
  assert.deepEqual(await names(client, 'Users'), []);
});

test('scopes are asked for by operation', async (t) => {
  const client = (await scimWorld(t)).as('rfc', ['groups:write', 'users:read']);
  const answers = await done(client, [user('u', 'ana'), group('g', 'team'), group('h', 'H', ['bulkId:h'])]);
  assert.deepEqual(statuses(answers), ['403', '201', '201']);
  assert.equal(
    (await bulk((await scimWorld(t)).as('rfc', []), [group('a', 'A', ['bulkId:a'])])).body.Operations[0].status,
    '403',
  );
});

test('each operation has a request id of its own in the ledger', async (t) => {
  const world = await scimWorld(t);
  await done(world.as('rfc'), [user('1', 'ana'), user('2', 'bo')]);
  const requests = world.events.map(({ request }) => request ?? '');
  assert.deepEqual(
    requests.map((request) => request.slice(request.lastIndexOf(':'))),
    [':1', ':2'],
  );
  assert.equal(new Set(requests.map((request) => request.split(':')[0])).size, 1);
});

test('data in a text is understood and counted', async (t) => {
  const world = await scimWorld(t);
  const data = JSON.stringify({ schemas: [G], displayName: 'team', members: [{ value: 'bulkId:u' }] });
  const answers = await done(world.as('rfc'), [
    { method: 'POST', path: '/Groups', bulkId: 'g', data },
    user('u', 'ana'),
  ]);
  assert.deepEqual(statuses(answers), ['201', '201']);
  assert.match(await world.metrics(), /jenkins_scim_lenient_total\{connection="rfc",kind="text-data"\} 1/);
});

test('a thousand people in one request', async (t) => {
  const world = await scimWorld(t);
  const people = Array.from({ length: 1000 }, (_, index) => user(String(index), `user${index}`));
  const answers = await done(world.as('okta'), people);
  assert.ok(statuses(answers).every((status) => status === '201'));
  assert.deepEqual(
    answers.map(({ bulkId }) => bulkId),
    people.map(({ bulkId }) => bulkId),
  );
  assert.equal((await world.as('okta').get('/Users?count=0')).body.totalResults, 1000);
});

test('people who are changed or created side by side come to what they would come to one after another', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('rfc');
  const ids = [];
  for (const name of ['a', 'b', 'c']) ids.push(await client.user(name));
  const patch = (id: string, path: string, value: unknown, version?: string) => ({
    method: 'PATCH',
    path: `/Users/${id}`,
    ...(version === undefined ? {} : { version }),
    data: { schemas: [P], Operations: [{ op: 'replace', path, value }] },
  });
  const [a, b, c] = ids as [string, string, string];
  const answers = await done(client, [
    patch(a, 'title', 'one'),
    patch(b, 'active', false),
    patch(a, 'title', 'two', 'W/"2"'),
    user('1', 'd'),
    patch(c, 'userName', 'D'),
    patch(a, 'userName', 'e'),
    user('2', 'E'),
    { method: 'DELETE', path: `/Users/${b}` },
    user('3', 'b'),
    user('4', 'B'),
    patch('unknown', 'title', 'x'),
  ]);
  assert.deepEqual(statuses(answers), ['200', '200', '200', '201', '409', '200', '409', '204', '201', '409', '404']);
  const read = (await client.get(`/Users/${a}`)).body;
  assert.deepEqual([read.title, read.userName, read.meta.version], ['two', 'e', 'W/"4"']);
});

const LETTERS = ['a', 'b', 'c', 'd'];
const orders = fc.array(
  fc.record({
    kind: fc.constantFrom('create', 'rename', 'title', 'delete', 'group'),
    who: fc.nat(2),
    name: fc.constantFrom(...LETTERS),
  }),
  { minLength: 1, maxLength: 12 },
);

test('a bulk request comes to what its operations come to when they are sent one after another', async (t) => {
  const [together, apart] = [await scimWorld(t), await scimWorld(t)];
  let round = 0;
  await fc.assert(
    fc.asyncProperty(orders, async (orders) => {
      round += 1;
      const outcome = async (client: Client, run: (operations: readonly Json[]) => Promise<string[]>) => {
        const ids: string[] = [];
        for (const name of ['a', 'b', 'c']) ids.push(await client.user(`r${round}-${name}`));
        const operations = orders.map(({ kind, who, name }, index): Json => {
          const path = `/Users/${ids[who]}`;
          const change = (at: string, value: string) => ({
            method: 'PATCH',
            path,
            data: { schemas: [P], Operations: [{ op: 'replace', path: at, value }] },
          });
          switch (kind) {
            case 'create':
              return user(`u${index}`, `r${round}-${name}`);
            case 'rename':
              return change('userName', `R${round}-${name}`);
            case 'title':
              return change('title', name);
            case 'delete':
              return { method: 'DELETE', path };
            default:
              return group(`g${index}`, `r${round}-${name}`, [ids[who]!]);
          }
        });
        const found = await run(operations);
        const rows = (await client.get(`/Users?count=1000&filter=userName%20sw%20%22r${round}-%22`)).body.Resources;
        return { found, rows: rows.map(({ userName, title, meta }: Json) => [userName, title, meta.version]).sort() };
      };
      const client = apart.as('rfc');
      const expected = await outcome(client, async (operations) => {
        const found: string[] = [];
        for (const { method, path, data } of operations) {
          const { status } = await client.send(method, path, data);
          found.push(String(method === 'PATCH' && status < 300 ? 200 : status));
        }
        return found;
      });
      const bulked = together.as('rfc');
      assert.deepEqual(await outcome(bulked, async (operations) => statuses(await done(bulked, operations))), expected);
    }),
    { numRuns: 25 },
  );
});
