import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, type Json, P, scimWorld, U } from './world.ts';

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

const operation = async (client: Client, each: object): Promise<Json> => {
  const { body } = await client.post('/Bulk', { schemas: [BULK], Operations: [each] });
  return body.Operations[0].response;
};

/** What is asked, status, scimType, what the remedy has to speak of. */
const ASKED: readonly (readonly [string, (client: Client) => Promise<Json>, string, string | undefined, RegExp])[] = [
  ['a count', async (client) => (await client.get('/Users?count=x')).body, '400', 'invalidValue', /§3\.4\.2/],
  ['an order', async (client) => (await client.get('/Users?sortOrder=up')).body, '400', 'invalidValue', /§3\.4\.2/],
  [
    'two projections',
    async (client) => (await client.get('/Users?attributes=id&excludedAttributes=name')).body,
    '400',
    'invalidValue',
    /§3\.4\.2/,
  ],
  [
    'a search with a filter that is no text',
    async (client) => (await client.post('/Users/.search', { schemas: [SEARCH], filter: 7 })).body,
    '400',
    'invalidValue',
    /§3\.4\.2/,
  ],
  ['a filter of schemas', async (client) => (await client.get('/Schemas?filter=x')).body, '403', undefined, /without/],
  ['a schema', async (client) => (await client.get('/Schemas/urn:x')).body, '404', undefined, /See \/Schemas/],
  ['a type', async (client) => (await client.get('/ResourceTypes/Car')).body, '404', undefined, /\/ResourceTypes/],
  ['/Me', async (client) => (await client.get('/Me')).body, '501', undefined, /stands for a person.*\/Users/],
  ['a URL', async (client) => (await client.get('/Users/%zz')).body, '400', 'invalidSyntax', /percent/],
  ['a long id', async (client) => (await client.get(`/Users/${'a'.repeat(600)}`)).body, '400', 'invalidSyntax', /512/],
  [
    'a member that is not there',
    async (client) => (await client.post('/Groups', { displayName: 'team', members: [{ value: 'nobody' }] })).body,
    '400',
    'invalidValue',
    /first.*by the id/,
  ],
  [
    'what is read-only',
    async (client) =>
      (await client.patch(`/Users/${await client.user('ana')}`, [{ op: 'replace', path: 'id', value: 'x' }])).body,
    '400',
    'mutability',
    /Leave it out/,
  ],
  [
    'an operation of a bulk request',
    (client) => operation(client, { method: 'PUT', path: '/Users', data: {} }),
    '400',
    'invalidValue',
    /§3\.7/,
  ],
  [
    'a reference to nothing',
    (client) => operation(client, { method: 'PATCH', path: '/Users/bulkId:x', data: { schemas: [P], Operations: [] } }),
    '400',
    'invalidValue',
    /§3\.7/,
  ],
];

test('a remedy speaks of what was wrong', async (t) => {
  for (const [name, ask, status, scimType, remedy] of ASKED)
    await t.test(name, async (part) => {
      const body = await ask((await scimWorld(part)).as('generic'));
      assert.deepEqual([body.status, body.scimType], [status, scimType], JSON.stringify(body));
      assert.match(body.detail, remedy);
    });
});

test('an operation that cannot be tried has its method and location, as far as they could be read', async (t) => {
  const client = (await scimWorld(t)).as('generic');
  const id = await client.user('ana');
  const { body } = await client.post('/Bulk', {
    schemas: [BULK],
    Operations: [
      { method: 'DELETE', path: `/Users/${id}`, version: 7 },
      { method: 'PUT', path: `/Users/${id}`, data: '{' },
      { method: 'POST', path: '/Users', bulkId: 'x', data: '{' },
    ],
  });
  const location = `https://scim.example.test/scim/v2/Users/${id}`;
  assert.deepEqual(
    body.Operations.map(({ method, location, status }: Json) => [method, location, status]),
    [
      ['DELETE', location, '400'],
      ['PUT', location, '400'],
      ['POST', undefined, '400'],
    ],
  );
  assert.equal((await client.get(`/Users?filter=${encodeURIComponent('userName eq "ana"')}`)).body.totalResults, 1);
  assert.deepEqual((await client.get(`/Users/${id}`)).body.schemas, [U]);
});
