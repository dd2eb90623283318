import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, BASE, type Client, E, ERROR, G, type Json, P, scimWorld, U } from '../../server/scim/world.ts';
import { FULL_USER } from './examples7643.ts';

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

const BJENSEN = {
  schemas: [U],
  userName: 'bjensen',
  externalId: 'bjensen',
  name: { formatted: 'Ms. Barbara J Jensen III', familyName: 'Jensen', givenName: 'Barbara' },
};

test('RFC 7644 §3.3 and §3.4.1: create and read', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const { status, headers, body } = await client.post('/Users', BJENSEN);
  assert.equal(status, 201);
  assert.equal(headers['content-type'], 'application/scim+json; charset=utf-8');
  assert.equal(headers.location, `${BASE}/Users/${body.id}`);
  const { id: _, meta, ...attributes } = body;
  assert.deepEqual(attributes, { ...BJENSEN, active: true });
  assert.deepEqual(Object.keys(meta).sort(), ['created', 'lastModified', 'location', 'resourceType', 'version']);
  assert.deepEqual((await client.get(`/Users/${body.id}`)).body, body);
});

test('RFC 7643 §3.1, RFC 7644 §3.4.1 and §3.5: an answer with one resource says where it is', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const user = await client.user('bjensen');
  const group = await client.group('Guides', [user]);
  const rename = [{ op: 'replace', path: 'displayName', value: 'Tour Guides' }];
  const answers: readonly (readonly [string, Promise<Answer>])[] = [
    [`/Users/${user}`, client.get(`/Users/${user}`)],
    [`/Users/${user}`, client.get(`/Users/${user}?attributes=userName`)],
    [`/Users/${user}`, client.put(`/Users/${user}`, BJENSEN)],
    [`/Users/${user}`, client.patch(`/Users/${user}`, rename)],
    [`/Groups/${group}`, client.get(`/Groups/${group}`)],
    [`/Groups/${group}`, client.patch(`/Groups/${group}?attributes=displayName`, rename)],
    [`/Groups/${group}`, client.put(`/Groups/${group}`, { schemas: [G], displayName: 'Guides' })],
  ];
  for (const [path, answer] of answers) {
    const { status, headers } = await answer;
    assert.deepEqual([status, headers.location, headers['content-location']], [200, BASE + path, BASE + path], path);
  }
  const { headers } = await client.post('/Users', { schemas: [U], userName: 'mandy' });
  assert.equal(headers['content-location'], headers.location);
  const { headers: known } = await client.get(`/Groups/${group}`);
  const again = await client.get(`/Groups/${group}`, { 'if-none-match': String(known.etag) });
  assert.deepEqual([again.status, again.headers['content-location']], [304, `${BASE}/Groups/${group}`]);
  for (const path of ['/ServiceProviderConfig', '/ResourceTypes/User', `/Schemas/${U}`]) {
    const { body, headers: own } = await client.get(path);
    assert.deepEqual([own['content-location'], own.location], [body.meta.location, body.meta.location], path);
  }
  assert.equal((await client.get('/Users')).headers['content-location'], undefined);
});

/** People that the filters of §3.4.2.2 tell apart. */
async function people(client: Client): Promise<void> {
  const mail = (value: string, type: string) => ({ value, type });
  await client.user('bjensen', { title: 'Guide', userType: 'Employee', emails: [mail('b@example.com', 'work')] });
  await client.user('jsmith', {
    name: { familyName: "O'Malley" },
    userType: 'Employee',
    emails: [mail('j@example.org', 'home')],
    [E]: { department: 'Tours' },
    schemas: [U, E],
  });
  await client.user('intern', { userType: 'Intern', ims: [{ value: 'i@foo.com', type: 'xmpp' }] });
  await client.user('guest', { userType: 'Guest', emails: [mail('g@elsewhere.test', 'work')] });
}

/** The filters of §3.4.2.2 and of the two examples before it, and whom they find. */
const FILTERS: readonly (readonly [string, readonly string[]])[] = [
  ['userName Eq "bjensen"', ['bjensen']],
  ['userName eq "bjensen"', ['bjensen']],
  ['name.familyName co "O\'Malley"', ['jsmith']],
  ['userName sw "J"', ['jsmith']],
  [`${U}:userName sw "J"`, ['jsmith']],
  ['title pr', ['bjensen']],
  ['meta.lastModified gt "2011-05-13T04:42:34Z"', ['bjensen', 'guest', 'intern', 'jsmith']],
  ['meta.lastModified ge "2011-05-13T04:42:34Z"', ['bjensen', 'guest', 'intern', 'jsmith']],
  ['meta.lastModified lt "2011-05-13T04:42:34Z"', []],
  ['meta.lastModified le "2011-05-13T04:42:34Z"', []],
  ['title pr and userType eq "Employee"', ['bjensen']],
  ['title pr or userType eq "Intern"', ['bjensen', 'intern']],
  [`schemas eq "${E}"`, ['jsmith']],
  ['userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', ['bjensen', 'jsmith']],
  ['userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")', ['guest', 'intern']],
  ['userType eq "Employee" and (emails.type eq "work")', ['bjensen']],
  ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', ['bjensen']],
  [
    'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
    ['bjensen', 'intern'],
  ],
];

test('RFC 7644 §3.4.2.2: its filters, by GET and by .search', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  await people(client);
  for (const [filter, wanted] of FILTERS)
    await t.test(filter, async () => {
      const got = await client.get(`/Users?attributes=userName&sortBy=userName&filter=${encodeURIComponent(filter)}`);
      assert.equal(got.status, 200, got.text);
      assert.deepEqual(got.body.schemas, [LIST]);
      assert.equal(got.body.totalResults, wanted.length);
      const names = ({ Resources = [] }: { Resources?: { userName: string }[] }) =>
        Resources.map(({ userName }) => userName);
      assert.deepEqual(names(got.body), wanted);
      const posted = await client.post('/Users/.search', {
        schemas: [SEARCH],
        attributes: ['userName'],
        sortBy: 'userName',
        filter,
      });
      assert.deepEqual(posted.body, got.body);
    });
});

test('RFC 7644 §3.4.2.4: a page of ten, and no more than there are', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  for (let number = 0; number < 12; number++) await client.user(`user-${number}`);
  const { body } = await client.get('/Users?startIndex=1&count=10');
  assert.deepEqual([body.totalResults, body.itemsPerPage, body.startIndex], [12, 10, 1]);
  const rest = (await client.get('/Users?startIndex=11&count=10')).body;
  assert.deepEqual([rest.itemsPerPage, rest.startIndex, rest.Resources.length], [2, 11, 2]);
});

test('RFC 7644 §3.4.3: the search over all types', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  await client.user('alice', { displayName: 'Alice Smith' });
  await client.user('jim', { displayName: 'James Smith' });
  await client.group('Smith Family');
  const { body } = await client.post('/.search', {
    schemas: [SEARCH],
    attributes: ['displayName', 'userName'],
    filter: 'displayName sw "smith"',
    startIndex: 1,
    count: 10,
  });
  assert.equal(body.totalResults, 1);
  assert.equal(body.Resources[0].displayName, 'Smith Family');
  assert.equal(
    (await client.post('/.search', { schemas: [SEARCH], filter: 'displayName co "smith"' })).body.totalResults,
    3,
  );
});

test('RFC 7644 §3.5.1: a PUT replaces, and clears what it leaves out', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const id = await client.user('bjensen', { nickName: 'Babs' });
  const { body } = await client.put(`/Users/${id}`, {
    schemas: [U],
    id,
    userName: 'bjensen',
    externalId: 'bjensen',
    name: { ...BJENSEN.name, middleName: 'Jane' },
    roles: [],
    emails: [{ value: 'bjensen@example.com' }, { value: 'babs@jensen.org' }],
  });
  assert.equal('nickName' in body || 'roles' in body, false);
  assert.equal(body.name.middleName, 'Jane');
  assert.equal(body.emails.length, 2);
});

/** The operations of §3.5.2.1 to §3.5.2.3 on a user that has everything (RFC 7643 §8.2), and what they make of it. */
const USER_PATCHES: readonly (readonly [string, unknown, (user: Json) => unknown, unknown])[] = [
  [
    '§3.5.2.1 add without a path',
    { op: 'add', value: { emails: [{ value: 'babs@jensen.example', type: 'other' }], nickname: 'Babs' } },
    (user) => [user.emails.length, user.nickName],
    [3, 'Babs'],
  ],
  [
    '§3.5.2.2 remove values that a filter selects',
    { op: 'remove', path: 'emails[type eq "work" and value ew "example.com"]' },
    (user) => user.emails,
    [{ value: 'babs@jensen.org', type: 'home' }],
  ],
  [
    '§3.5.2.3 replace a value that a filter selects',
    {
      op: 'replace',
      path: 'addresses[type eq "work"]',
      value: {
        type: 'work',
        streetAddress: '911 Universal City Plaza',
        locality: 'Hollywood',
        region: 'CA',
        postalCode: '91608',
        country: 'US',
        formatted: '911 Universal City Plaza\nHollywood, CA 91608 US',
        primary: true,
      },
    },
    (user) => user.addresses[0],
    {
      type: 'work',
      streetAddress: '911 Universal City Plaza',
      locality: 'Hollywood',
      region: 'CA',
      postalCode: '91608',
      country: 'US',
      formatted: '911 Universal City Plaza\nHollywood, CA 91608 US',
      primary: true,
    },
  ],
  [
    '§3.5.2.3 replace one sub-attribute',
    { op: 'replace', path: 'addresses[type eq "work"].streetAddress', value: '1010 Broadway Ave' },
    (user) => user.addresses.map(({ streetAddress }: Json) => streetAddress),
    ['1010 Broadway Ave', '456 Hollywood Blvd'],
  ],
  [
    '§3.5.2.3 replace without a path',
    {
      op: 'replace',
      value: { emails: [{ value: 'bjensen@example.com', type: 'work', primary: true }], nickname: 'B' },
    },
    (user) => [user.emails, user.nickName],
    [[{ value: 'bjensen@example.com', type: 'work', primary: true }], 'B'],
  ],
];

test('RFC 7644 §3.5.2: its operations on a user', async (t) => {
  for (const [name, operation, part, wanted] of USER_PATCHES)
    await t.test(name, async () => {
      const client = (await scimWorld(t)).as('rfc');
      const { body: before } = await client.post('/Users', FULL_USER);
      const { status, body, text } = await client.patch(`/Users/${before.id}`, [operation]);
      assert.equal(status, 200, text);
      assert.deepEqual(part(body), wanted);
      assert.deepEqual((await client.get(`/Users/${before.id}`)).body, body);
    });
});

test('RFC 7644 §3.5.2: its operations on a group', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const [babs, james, mandy] = [await client.user('babs'), await client.user('james'), await client.user('mandy')];
  const group = await client.group('Tour Guides', [james]);
  const member = (value: string, display: string) => ({
    display,
    $ref: `https://example.com/v2/Users/${value}`,
    value,
  });
  const steps: readonly (readonly [unknown[], readonly string[]])[] = [
    [[{ op: 'add', path: 'members', value: [member(babs, 'Babs Jensen')] }], [babs, james]],
    [[{ op: 'remove', path: `members[value eq "${babs}"]` }], [james]],
    [
      [
        { op: 'remove', path: `members[value eq "${james}"]` },
        { op: 'add', path: 'members', value: [member(mandy, 'Mandy')] },
      ],
      [mandy],
    ],
    [
      [{ op: 'replace', path: 'members', value: [member(babs, 'Babs Jensen'), member(james, 'James Smith')] }],
      [babs, james],
    ],
    [[{ op: 'remove', path: 'members' }], []],
  ];
  for (const [operations, wanted] of steps) {
    const { status, text } = await client.patch(`/Groups/${group}`, operations);
    assert.ok(status === 200 || status === 204, text);
    assert.deepEqual(await client.members(group), [...wanted].sort());
  }
});

test('RFC 7644 §3.6: deleted, then nowhere', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const id = await client.user('bjensen');
  assert.equal((await client.delete(`/Users/${id}`, { 'if-match': '*' })).status, 204);
  const { status, body } = await client.get(`/Users/${id}`);
  assert.equal(status, 404);
  assert.deepEqual([body.schemas, body.status], [[ERROR], '404']);
  assert.equal((await client.get('/Users?filter=userName eq "bjensen"'.replaceAll(' ', '%20'))).body.totalResults, 0);
  await client.user('bjensen');
});

test('RFC 7644 §3.9: parts of a resource', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const id = await client.user('bjensen', { displayName: 'Babs' });
  const { body } = await client.get(`/Users/${id}?attributes=userName`);
  assert.deepEqual(Object.keys(body).sort(), ['id', 'schemas', 'userName']);
});

/** Table 9 of §3.12, and a request that earns each word. */
const ERRORS: readonly (readonly [string, string, string, unknown, number])[] = [
  ['invalidFilter', 'GET', '/Users?filter=userName%20is%20bjensen', undefined, 400],
  ['uniqueness', 'POST', '/Users', { schemas: [U], userName: 'BJensen' }, 409],
  ['mutability', 'PATCH', '/Users/ID', { schemas: [P], Operations: [{ op: 'replace', path: 'id', value: 'x' }] }, 400],
  ['invalidSyntax', 'POST', '/Users', '{"schemas":', 400],
  [
    'invalidPath',
    'PATCH',
    '/Users/ID',
    { schemas: [P], Operations: [{ op: 'add', path: 'emails[', value: 'x' }] },
    400,
  ],
  ['noTarget', 'PATCH', '/Users/ID', { schemas: [P], Operations: [{ op: 'remove' }] }, 400],
  ['invalidValue', 'POST', '/Users', { schemas: [U] }, 400],
];

test('RFC 7644 §3.12: each word for an error, with its status as text', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const id = await client.user('bjensen');
  for (const [scimType, method, path, sent, wanted] of ERRORS) {
    const { status, body, headers } = await client.send(method, path.replace('ID', id), sent);
    assert.equal(status, wanted, scimType);
    assert.deepEqual([body.schemas, body.status, body.scimType], [[ERROR], String(wanted), scimType]);
    assert.equal(typeof body.detail, 'string');
    assert.equal(headers['content-type'], 'application/scim+json; charset=utf-8');
  }
});

test('RFC 7644 §3.14: versions', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const id = await client.user('bjensen');
  const { headers, body } = await client.get(`/Users/${id}`);
  assert.equal(headers.etag, body.meta.version);
  assert.match(String(headers.etag), /^W\/"/);
  assert.equal((await client.get(`/Users/${id}`, { 'if-none-match': String(headers.etag) })).status, 304);
  await client.patch(`/Users/${id}`, [{ op: 'add', path: 'title', value: 'x' }], { 'if-match': String(headers.etag) });
  const stale = await client.patch(`/Users/${id}`, [{ op: 'add', path: 'title', value: 'y' }], {
    'if-match': String(headers.etag),
  });
  assert.equal(stale.status, 412);
});
