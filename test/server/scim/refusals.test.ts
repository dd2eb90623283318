import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { BULK_REQUEST, ENTERPRISE_USER, SEARCH_REQUEST } from '../../../src/scim/urns.ts';
import { routes } from '../routes.ts';
import { type Answer, type Client, ERROR, G, P, scimWorld, U } from './world.ts';

/** An error in SCIM form; its keys are those of RFC 7644 §3.12 and no others. */
function refused(answer: Answer, status: number, scimType?: string): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], 'application/scim+json; charset=utf-8');
  const keys = ['detail', 'schemas', ...(scimType === undefined ? [] : ['scimType']), 'status'];
  assert.deepEqual(Object.keys(answer.body).sort(), keys);
  assert.deepEqual(answer.body.schemas, [ERROR]);
  assert.equal(answer.body.status, String(status));
  assert.equal(answer.body.scimType, scimType);
}

async function stage(t: TestContext, profile: 'okta' | 'rfc' | 'interop' = 'okta') {
  const world = await scimWorld(t, { body: 20_000 });
  const client = world.as(profile);
  const id = await client.user('ana', { displayName: 'Ana', emails: [{ value: 'ana@corp.test', type: 'work' }] });
  const group = await client.group('team', [id]);
  const before = [(await client.get(`/Users/${id}`)).text, (await client.get(`/Groups/${group}`)).text];
  const events = world.events.length;
  const unchanged = async () => {
    assert.deepEqual([(await client.get(`/Users/${id}`)).text, (await client.get(`/Groups/${group}`)).text], before);
    assert.equal(world.events.length, events);
  };
  return { world, client, id, group, unchanged };
}

const BODIES: readonly (readonly [string, string, number, string | undefined])[] = [
  ['malformed JSON', '{"schemas":', 400, 'invalidSyntax'],
  ['no body', '', 400, 'invalidSyntax'],
  ['a list', '[]', 400, 'invalidSyntax'],
  ['a text', '"x"', 400, 'invalidSyntax'],
  ['null', 'null', 400, 'invalidSyntax'],
  ['deep lists', `{"userName":"x","emails":${'['.repeat(5000)}${']'.repeat(5000)}}`, 400, 'invalidSyntax'],
  ['deep objects', `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`, 400, 'invalidSyntax'],
  ['unclosed brackets', '['.repeat(15_000), 400, 'invalidSyntax'],
  ['an unterminated string of backslashes', `{"userName":"${'\\'.repeat(9_999)}`, 400, 'invalidSyntax'],
  ['more than the limit', JSON.stringify({ userName: 'x'.repeat(30_000) }), 413, undefined],
];

for (const [name, body, status, scimType] of BODIES)
  test(`a body that is ${name} is a ${status} and changes nothing`, async (t) => {
    const { client, id, group, unchanged } = await stage(t);
    for (const [method, path] of [
      ['POST', '/Users'],
      ['POST', '/Groups'],
      ['PUT', `/Users/${id}`],
      ['PATCH', `/Users/${id}`],
      ['PUT', `/Groups/${group}`],
      ['PATCH', `/Groups/${group}`],
      ['POST', '/Users/.search'],
      ['POST', '/.search'],
    ] as const)
      refused(await client.send(method, path, body), status, scimType);
    await unchanged();
  });

test('bytes that are no UTF-8 are refused', async (t) => {
  const { world, unchanged } = await stage(t);
  const answer = await world.app.inject({
    method: 'POST',
    url: '/scim/v2/Users',
    headers: { authorization: 'Bearer okta users:write', 'content-type': 'application/json' },
    payload: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  });
  assert.equal(answer.statusCode, 400);
  assert.equal(answer.json().scimType, 'invalidSyntax');
  await unchanged();
});

const WRONG_USERS: readonly (readonly [string, object, string])[] = [
  ['no userName', { displayName: 'x' }, 'invalidValue'],
  ['an empty userName', { userName: '' }, 'invalidValue'],
  ['a blank userName', { userName: '  ' }, 'invalidValue'],
  ['a number as userName', { userName: 7 }, 'invalidValue'],
  ['an object as userName', { userName: { a: 1 } }, 'invalidValue'],
  ['a list as userName', { userName: ['x'] }, 'invalidValue'],
  ['a control character in userName', { userName: 'a\u0007b' }, 'invalidValue'],
  ['a line break in displayName', { userName: 'x', displayName: 'a\nb' }, 'invalidValue'],
  ['a lone surrogate', { userName: 'x\ud800' }, 'invalidValue'],
  ['a userName over the limit', { userName: 'x'.repeat(513) }, 'invalidValue'],
  ['a word as active', { userName: 'x', active: 'maybe' }, 'invalidValue'],
  ['a number as active', { userName: 'x', active: 1 }, 'invalidValue'],
  ['text as name', { userName: 'x', name: 'Ana' }, 'invalidValue'],
  ['a number among emails', { userName: 'x', emails: [7] }, 'invalidValue'],
  [
    'two primary e-mails',
    {
      userName: 'x',
      emails: [
        { value: 'a', primary: true },
        { value: 'b', primary: true },
      ],
    },
    'invalidValue',
  ],
  ['251 values', { userName: 'x', roles: Array.from({ length: 251 }, () => 'a') }, 'invalidValue'],
  ['schemas that is no list', { schemas: 'x', userName: 'x' }, 'invalidValue'],
];

test('a member that is of another type than is said: the strict profiles refuse it, the others go by the id', async (t) => {
  const world = await scimWorld(t);
  for (const profile of ['rfc', 'interop', 'okta'] as const) {
    const client = world.as(profile);
    const [ana, bo] = [await client.user('ana'), await client.user('bo')];
    const inner = await client.group('inner');
    const outer = await client.group('outer');
    const wrong = { value: ana, type: 'Group' };
    const add = (...value: object[]) => client.patch(`/Groups/${outer}`, [{ op: 'add', path: 'members', value }]);
    const asked = [
      () => add(wrong),
      () => add({ value: bo, type: 'User' }, { value: inner, type: 'User' }),
      () => client.post('/Groups', { schemas: [G], displayName: 'new', members: [wrong] }),
      () => client.put(`/Groups/${outer}`, { schemas: [G], displayName: 'outer', members: [wrong] }),
    ];
    const strict = profile !== 'okta';
    for (const ask of asked) {
      const { status, body } = await ask();
      assert.equal(strict ? body.scimType : status < 300, strict ? 'invalidValue' : true, `${profile} ${ask}`);
      if (strict) assert.deepEqual(await client.members(outer), []);
    }
    assert.equal((await add({ value: ana, type: 'User' }, { value: inner, type: 'Group' })).status, 204);
    const shown = (await client.get(`/Groups/${outer}`)).body.members as { value: string; type: string }[];
    assert.equal(shown.find(({ value }) => value === ana)!.type, 'User');
    assert.equal(shown.find(({ value }) => value === inner)!.type, 'Group');
  }
});

test('values of a wrong type are 400 and change nothing', async (t) => {
  const { client, id, unchanged } = await stage(t);
  for (const [name, body, scimType] of WRONG_USERS)
    await t.test(name, async () => {
      const message = { schemas: [U], ...body };
      refused(await client.post('/Users', message), 400, scimType);
      refused(await client.put(`/Users/${id}`, message), 400, scimType);
    });
  await unchanged();
});

const WRONG_PATCHES: readonly (readonly [string, unknown, string])[] = [
  ['an unknown op', { op: 'move', path: 'title', value: 'x' }, 'invalidSyntax'],
  ['no op', { path: 'title', value: 'x' }, 'invalidSyntax'],
  ['an operation that is no object', 'replace', 'invalidSyntax'],
  ['an unknown path', { op: 'replace', path: 'shoeSize', value: 'x' }, 'invalidPath'],
  ['an unknown sub-attribute', { op: 'replace', path: 'name.nick', value: 'x' }, 'invalidPath'],
  ['an unclosed bracket', { op: 'replace', path: 'emails[type eq "work"', value: 'x' }, 'invalidPath'],
  ['a wrong filter', { op: 'replace', path: 'emails[type zz "work"].value', value: 'x' }, 'invalidFilter'],
  ['a path that is no text', { op: 'replace', path: 7, value: 'x' }, 'invalidPath'],
  ['a filter on a plain attribute', { op: 'replace', path: 'title[value eq "x"]', value: 'x' }, 'invalidPath'],
  ['remove without a path', { op: 'remove' }, 'noTarget'],
  ['remove of userName', { op: 'remove', path: 'userName' }, 'mutability'],
  ['null for active', { op: 'replace', path: 'active', value: null }, 'mutability'],
  ['an empty userName', { op: 'replace', path: 'userName', value: '' }, 'invalidValue'],
  ['a path to id', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
  ['a path to meta', { op: 'replace', path: 'meta.created', value: 'x' }, 'mutability'],
  ['a path to groups', { op: 'add', path: 'groups', value: [{ value: 'x' }] }, 'mutability'],
  ['add without a value', { op: 'add', path: 'title' }, 'invalidValue'],
  ['a pathless text', { op: 'replace', value: 'x' }, 'invalidValue'],
  [
    'a filter without equality that matches nothing',
    { op: 'add', path: 'emails[type co "zzz"].value', value: 'x' },
    'noTarget',
  ],
  ['a boolean out of a word', { op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
];

test('a refused operation undoes those before it', async (t) => {
  const { client, id, unchanged } = await stage(t);
  for (const [name, operation, scimType] of WRONG_PATCHES)
    await t.test(name, async () => {
      const first = { op: 'replace', path: 'displayName', value: 'changed' };
      refused(await client.patch(`/Users/${id}`, [first, operation]), 400, scimType);
    });
  await unchanged();
});

test('a PATCH message is judged before its operations', async (t) => {
  const { client, id, unchanged } = await stage(t);
  const send = (body: unknown) => client.send('PATCH', `/Users/${id}`, body);
  refused(await send({ schemas: [U], Operations: [] }), 400, 'invalidSyntax');
  refused(await send({ schemas: [P] }), 400, 'invalidSyntax');
  refused(await send({ schemas: [P], Operations: {} }), 400, 'invalidSyntax');
  const operation = { op: 'add', path: 'title', value: 'x' };
  refused(await send({ schemas: [P], Operations: Array(300).fill(operation).concat([7]) }), 400, 'invalidSyntax');
  assert.equal((await send({ Operations: [] })).status, 200);
  assert.equal((await send({ schemas: [P], operations: [] })).status, 200);
  await unchanged();
  const strict = await stage(t, 'rfc');
  refused(await strict.client.send('PATCH', `/Users/${strict.id}`, { Operations: [operation] }), 400, 'invalidSyntax');
  refused(await strict.client.patch(`/Users/${strict.id}`, []), 400, 'invalidSyntax');
});

test('unknown attributes are dropped for identity providers and refused for the strict profiles', async (t) => {
  const body = { schemas: [U], userName: 'x', shoeSize: 7, 'urn:example:1.0:User': { a: 1 } };
  const { client } = await stage(t);
  const { status, text } = await client.post('/Users', body);
  assert.equal(status, 201);
  assert.doesNotMatch(text, /shoeSize|example:1/);
  for (const profile of ['rfc', 'interop'] as const)
    refused(await (await stage(t, profile)).client.post('/Users', body), 400, 'invalidSyntax');
});

test('strict profiles insist on schemas, booleans and matching value paths', async (t) => {
  const { client, id, unchanged } = await stage(t, 'rfc');
  refused(await client.post('/Users', { userName: 'x' }), 400, 'invalidSyntax');
  refused(await client.post('/Users', { schemas: [G], userName: 'x' }), 400, 'invalidSyntax');
  refused(await client.post('/Users', { schemas: [U], userName: 'x', active: 'True' }), 400, 'invalidValue');
  const replace = { op: 'replace', path: 'emails[type eq "home"].value', value: 'x' };
  refused(await client.patch(`/Users/${id}`, [replace]), 400, 'noTarget');
  refused(await client.patch(`/Users/${id}`, [{ op: 'remove', path: 'emails[type eq "home"]' }]), 400, 'noTarget');
  await unchanged();
});

const WRONG_QUERIES: readonly (readonly [string, string, string])[] = [
  ['an unknown operator', 'filter=userName zz "x"', 'invalidFilter'],
  ['an unknown attribute', 'filter=shoeSize eq "x"', 'invalidFilter'],
  ['an order of booleans', 'filter=active gt true', 'invalidFilter'],
  ['a filter on the password', 'filter=password eq "x"', 'invalidFilter'],
  ['an unterminated string', 'filter=userName eq "x', 'invalidFilter'],
  ['a filter over the limit', `filter=userName eq "${'x'.repeat(4096)}"`, 'invalidFilter'],
  ['deep parentheses', `filter=${'('.repeat(2000)}`, 'invalidFilter'],
  ['a count that is no number', 'count=ten', 'invalidValue'],
  ['a fraction', 'startIndex=1.5', 'invalidValue'],
  ['an unknown sort order', 'sortBy=userName&sortOrder=up', 'invalidValue'],
  ['an unknown attribute to sort by', 'sortBy=shoeSize', 'invalidPath'],
  ['both projections', 'attributes=userName&excludedAttributes=name', 'invalidValue'],
];

test('wrong queries are 400, never unfiltered results', async (t) => {
  const { client } = await stage(t);
  for (const [name, query, scimType] of WRONG_QUERIES)
    await t.test(name, async () => {
      const encoded = query.replace(/=(.*?)(&|$)/g, (_, value, end) => `=${encodeURIComponent(value)}${end}`);
      refused(await client.get(`/Users?${encoded}`), 400, scimType);
    });
});

test('scopes are enforced before anything else', async (t) => {
  const { world, id, group, unchanged } = await stage(t);
  const table: readonly (readonly [string, string, string])[] = [
    ['GET', '/Users', 'users:read'],
    ['GET', `/Users/${id}`, 'users:read'],
    ['POST', '/Users/.search', 'users:read'],
    ['POST', '/Users', 'users:write'],
    ['PUT', `/Users/${id}`, 'users:write'],
    ['PATCH', `/Users/${id}`, 'users:write'],
    ['DELETE', `/Users/${id}`, 'users:write'],
    ['GET', '/Groups', 'groups:read'],
    ['GET', `/Groups/${group}`, 'groups:read'],
    ['POST', '/Groups/.search', 'groups:read'],
    ['POST', '/Groups', 'groups:write'],
    ['PUT', `/Groups/${group}`, 'groups:write'],
    ['PATCH', `/Groups/${group}`, 'groups:write'],
    ['DELETE', `/Groups/${group}`, 'groups:write'],
  ];
  const every = ['users:read', 'users:write', 'groups:read', 'groups:write'];
  for (const [method, path, scope] of table) {
    const without: Client = world.as(
      'okta',
      every.filter((item) => item !== scope),
    );
    const answer = await without.send(method, path, method === 'GET' || method === 'DELETE' ? undefined : '{broken');
    refused(answer, 403);
    assert.match(answer.body.detail, new RegExp(scope));
  }
  refused(await world.as('okta', ['groups:write']).send('POST', '/.search', { startIndex: 1 }), 403);
  await unchanged();
});

test('methods, endpoints and content types that are not there', async (t) => {
  const { client, id, unchanged } = await stage(t);
  for (const [method, path, allow] of [
    ['PUT', '/Users', 'GET, HEAD, POST'],
    ['DELETE', '/Groups', 'GET, HEAD, POST'],
    ['POST', `/Users/${id}`, 'GET, HEAD, PUT, PATCH, DELETE'],
    ['GET', '/Users/.search', 'POST'],
    ['POST', '/Schemas', 'GET, HEAD'],
    ['PUT', `/Schemas/${U}`, 'GET, HEAD'],
    ['DELETE', '/ResourceTypes/User', 'GET, HEAD'],
    ['PATCH', '/ServiceProviderConfig', 'GET, HEAD'],
    ['POST', '/ServiceProviderConfig', 'GET, HEAD'],
    ['GET', '/Bulk', 'POST'],
  ] as const) {
    const answer = await client.send(method, path, method === 'GET' ? undefined : {});
    refused(answer, 405);
    assert.equal(answer.headers.allow, allow);
  }
  for (const path of ['/Users/.search', '/Groups/.search', '/.search', '/Bulk']) {
    const { status, headers } = await client.send('HEAD', path);
    assert.deepEqual([status, headers.allow], [405, 'POST'], path);
  }
  refused(await client.send('POST', '/Me', {}), 501);
  refused(await client.get('/Me'), 501);
  for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])
    refused(await client.send('POST', '/Users', 'x', { 'content-type': type }), 415);
  assert.match((await client.send('POST', '/Users', 'x', { 'content-type': '' })).body.detail, /^Content type none is/);
  refused(await client.get('/Users/unknown'), 404);
  refused(await client.delete('/Groups/unknown'), 404);
  refused(await client.patch('/Users/unknown', [{ op: 'add', path: 'title', value: 'x' }]), 404);
  await unchanged();
});

test('a wrong base path is told the right one', async (t) => {
  const { world, client } = await stage(t);
  for (const path of ['/Users/', '/scim/v2/Users', '/users', '/Foo', `/Users/a/b`]) {
    const answer = await client.get(path);
    refused(answer, 404);
    assert.match(answer.body.detail, /https:\/\/scim\.example\.test\/scim\/v2/);
  }
  for (const url of ['/Users', '/scim/Users', '/scim/v1/Groups']) {
    const answer = await world.app.inject({ method: 'GET', url, headers: { host: 'evil.test' } });
    assert.equal(answer.statusCode, 404);
    assert.match(answer.json().detail, /https:\/\/scim\.example\.test\/scim\/v2/);
    assert.doesNotMatch(answer.body, /evil/);
  }
});

test('no password gets into an answer, an event, a log line or the database', async (t) => {
  const { world, client, id } = await stage(t);
  const canary = 'Canary-7f3a-Passw0rd';
  await client.post('/Users', { schemas: [U], userName: 'bo', password: canary });
  const answers = [
    await client.put(`/Users/${id}`, { schemas: [U], userName: 'ana', password: canary }),
    await client.patch(`/Users/${id}`, [{ op: 'replace', path: 'password', value: canary }]),
    await client.patch(`/Users/${id}`, [{ op: 'replace', value: { password: canary, title: 'x' } }]),
    await client.get(`/Users/${id}?attributes=password`),
    await client.send('POST', '/Users', `{"userName":"cy","password":"${canary}",}`),
    await client.post('/Users', { schemas: [U], userName: 7, password: canary }),
    await client.post('/Users', { schemas: [U], userName: 'ok', password: { a: canary } }),
  ];
  const rows = await world.store.read((db) => db.selectFrom('users').selectAll().execute());
  const journal = await world.store.read((db) => db.selectFrom('journal').selectAll().execute());
  const seen = JSON.stringify([answers.map(({ text }) => text), world.events, world.lines, rows, journal]);
  assert.doesNotMatch(seen, /Canary-7f3a/);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200, 400, 400, 201],
  );
});

test('keys like __proto__ and constructor are attributes nobody knows', async (t) => {
  const { client, id } = await stage(t);
  const text = `{"schemas":["${U}"],"userName":"bo","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"name":{"__proto__":{"polluted":1},"givenName":"Bo"}}`;
  assert.equal((await client.send('POST', '/Users', text)).status, 201);
  const patch = `{"schemas":["${P}"],"Operations":[{"op":"add","value":{"__proto__":{"polluted":1},"title":"x"}}]}`;
  assert.equal((await client.send('PATCH', `/Users/${id}`, patch)).status, 200);
  for (const path of ['__proto__', '__proto__.polluted', 'constructor.prototype', 'toString', 'name.__proto__'])
    refused(await client.patch(`/Users/${id}`, [{ op: 'add', path, value: { polluted: 1 } }]), 400, 'invalidPath');
  refused(await client.get('/Users?filter=__proto__ pr'), 400, 'invalidFilter');
  assert.equal('polluted' in {}, false);
  assert.doesNotMatch((await client.get(`/Users/${id}`)).text, /polluted/);
});

test('of repeated keys the last one holds; two spellings of one attribute are refused', async (t) => {
  const { client } = await stage(t);
  const { body } = await client.send('POST', '/Users', '{"userName":"one","userName":"two"}');
  assert.equal(body.userName, 'two');
  const mixed = await client.send('POST', '/Users', '{"userName":"three","USERNAME":"four"}');
  assert.deepEqual([mixed.status, mixed.body.scimType], [400, 'invalidSyntax']);
});

test('a key that is there in two spellings is refused in every message, for two readers would not agree on it', async (t) => {
  const { client, id: ana } = await stage(t);
  const bo = await client.user('bo');
  const schemas = [P];
  const off = { op: 'replace', path: 'active', value: false };
  const bodies = [
    { schemas, Operations: [{ ...off, Value: true }] },
    { schemas, Operations: [{ ...off, Path: 'displayName' }] },
    { schemas, Operations: [off], operations: [] },
    { schemas, Operations: [{ op: 'replace', value: { active: false, Active: true } }] },
    { schemas, Operations: [{ op: 'replace', value: { 'name.givenName': 'A', 'Name.GivenName': 'B' } }] },
    { schemas, Operations: [{ op: 'replace', value: { active: true, [`${U}:active`]: false } }] },
    { schemas, Operations: [{ op: 'replace', value: { [U]: { active: false }, active: true } }] },
    {
      schemas,
      Operations: [
        { op: 'add', value: { [ENTERPRISE_USER]: { department: 'a' }, [`${ENTERPRISE_USER}:department`]: 'b' } },
      ],
    },
  ];
  for (const body of bodies)
    refused(await client.send('PATCH', `/Users/${ana}`, JSON.stringify(body)), 400, 'invalidSyntax');
  assert.equal((await client.get(`/Users/${ana}`)).body.active, true);
  refused(
    await client.post('/Groups', { displayName: 'g', members: [{ value: ana, Value: bo }] }),
    400,
    'invalidSyntax',
  );
  refused(
    await client.post('/Groups', { displayName: 'g', members: [{ value: ana, type: 'User', TYPE: 'Group' }] }),
    400,
    'invalidSyntax',
  );
  const search = { schemas: [SEARCH_REQUEST], filter: 'userName eq "ana"', Filter: 'userName eq "bo"' };
  refused(await client.post('/Users/.search', search), 400, 'invalidSyntax');
  const operation = { method: 'DELETE', path: `/Users/${ana}`, Path: `/Users/${bo}` };
  const bulk = await client.post('/Bulk', { schemas: [BULK_REQUEST], Operations: [operation] });
  assert.deepEqual([bulk.status, bulk.body.Operations.map(({ status }: { status: string }) => status)], [200, ['400']]);
  refused(
    await client.post('/Bulk', { schemas: [BULK_REQUEST], Operations: [], operations: [operation] }),
    400,
    'invalidSyntax',
  );
});

test('every SCIM route is a 401 in SCIM form without a token, whatever is sent', async (t) => {
  const { world, unchanged } = await stage(t);
  const all = routes(world.app).filter(({ url }) => url.startsWith('/scim/v2'));
  assert.ok(all.length > 60, `${all.length} routes`);
  for (const [index, { method, url }] of all.entries()) {
    const answer = await world.app.inject({
      method: method as 'GET',
      url,
      // So many wrong tokens are a 429 for one address.
      remoteAddress: `10.0.0.${index}`,
      headers: { 'content-type': 'application/scim+json' },
      payload: method === 'GET' || method === 'HEAD' ? '' : '{broken',
    });
    assert.equal(answer.statusCode, 401, `${method} ${url}`);
    assert.match(String(answer.headers['www-authenticate']), /^Bearer /);
    if (method !== 'HEAD') assert.deepEqual(answer.json().schemas, [ERROR]);
  }
  await unchanged();
});

test('a body that is encoded is refused before it is read, with what is understood (RFC 9110 §12.5.3); identity is no encoding', async (t) => {
  const { client, unchanged } = await stage(t);
  for (const encoding of ['gzip', 'br', 'GZIP', 'identity, gzip', 'x']) {
    const answer = await client.send('POST', '/Users', { userName: 'packed' }, { 'content-encoding': encoding });
    refused(answer, 415);
    assert.equal(answer.headers['accept-encoding'], 'identity', encoding);
  }
  await unchanged();
  for (const [n, encoding] of ['identity', ' Identity '].entries()) {
    const body = { schemas: [U], userName: `plain-${n}` };
    const answer = await client.send('POST', '/Users', body, { 'content-encoding': encoding });
    assert.equal(answer.status, 201, answer.text);
  }
});
