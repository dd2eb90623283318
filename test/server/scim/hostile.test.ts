import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ResourceType } from '../../../src/scim/resource.ts';
import { RESOURCE_TYPES } from '../../../src/scim/schemas/catalogue.ts';
import { COMMON } from '../../../src/scim/schemas/everyResource.ts';
import { filterish } from '../../scim/filters.ts';
import { type Client, E, P, scimWorld, U } from './world.ts';

/** Every attribute and sub-attribute of a type, as a client would name it. */
function names(type: ResourceType): string[] {
  const { core, extensions } = RESOURCE_TYPES[type];
  const schemas = [{ urn: core.urn, attributes: [...COMMON, ...core.attributes] }, ...extensions];
  return schemas.flatMap(({ urn, attributes }) =>
    attributes.flatMap(({ name, subAttributes }) => {
      const full = urn === core.urn ? name : `${urn}:${name}`;
      return [full, ...(subAttributes ?? []).map((sub) => `${full}.${sub.name}`)];
    }),
  );
}

const VALUES = ['"x"', '"%_\\\\"', 'true', '7', 'null', '"2026-01-01T00:00:00Z"', '"User"'];
const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];

async function answers(client: Client, url: string): Promise<void> {
  const { status, body, text } = await client.get(url);
  assert.ok(status === 200 || (status === 400 && body.status === '400'), `${decodeURIComponent(url)}: ${text}`);
}

for (const [type, endpoint] of [
  ['User', '/Users'],
  ['Group', '/Groups'],
] as const)
  test(`every comparison of every attribute of ${type} is answered or refused`, async (t) => {
    const client = (await scimWorld(t)).as('generic');
    const ana = await client.user('ana', { emails: [{ value: 'x', type: 'work' }], [E]: { department: 'x' } });
    await client.group('outer', [await client.group('inner', [ana])]);
    for (const name of names(type)) {
      const filters = [
        `${name} pr`,
        ...OPERATORS.flatMap((operator) => VALUES.map((value) => `${name} ${operator} ${value}`)),
        `${name}[value eq "x" and not (type pr or display co "x")]`,
        `not (${name} eq "x") or ${name} ne "x"`,
      ];
      for (const filter of filters) await answers(client, `${endpoint}?filter=${encodeURIComponent(filter)}`);
      for (const order of ['ascending', 'descending'])
        await answers(client, `${endpoint}?sortBy=${encodeURIComponent(name)}&sortOrder=${order}`);
      await answers(client, `${endpoint}?attributes=${encodeURIComponent(name)}`);
      await answers(client, `${endpoint}?excludedAttributes=${encodeURIComponent(name)}`);
    }
  });

test('the widest and the deepest filter that is accepted is answered', async (t) => {
  const client = (await scimWorld(t, { filterLength: 65_536, filterDepth: 256 })).as('generic');
  await client.user('ana');
  const wide = Array(256).fill('emails[type eq "a"]').join(' or ');
  const deep = `${'not ('.repeat(255)}userName pr${')'.repeat(255)}`;
  for (const filter of [wide, deep])
    assert.equal(
      (
        await client.send('POST', '/Users/.search', {
          filter,
          schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
        })
      ).status,
      200,
    );
});

const anything = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(null, '', [], {}, 'True', 1e308));
const operation = fc.record(
  {
    op: fc.oneof(fc.constantFrom('add', 'Replace', 'remove'), anything),
    path: fc.oneof(
      fc.constantFrom('members', 'emails', 'active', 'name', `${E}:manager`, 'members[value eq "x"]'),
      filterish,
      anything,
    ),
    value: fc.oneof(
      anything,
      fc.record({ value: fc.constantFrom('x', '\u0000', '\ud800'), type: fc.constantFrom('User', 'x') }),
      fc.array(fc.record({ value: fc.string({ unit: 'binary' }) }), { maxLength: 4 }),
    ),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  anything,
  fc.record({ schemas: fc.constant([P]), Operations: fc.oneof(fc.array(operation, { maxLength: 4 }), anything) }),
  fc.record(
    {
      schemas: fc.oneof(fc.constant([U]), anything),
      userName: fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), anything),
      displayName: fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), anything),
      active: anything,
      emails: anything,
      members: fc.oneof(fc.array(fc.record({ value: fc.string() }), { maxLength: 3 }), anything),
      [E]: anything,
    },
    { requiredKeys: [] },
  ),
);

test('whatever is sent, wherever: an answer in SCIM form, never a 5xx of ours', async (t) => {
  const world = await scimWorld(t);
  const user = await world.as('okta').user('ana');
  const group = await world.as('okta').group('team', [user]);
  const path = fc.oneof(
    fc.constantFrom(
      '/Users',
      '/Groups',
      `/Users/${user}`,
      `/Groups/${group}`,
      '/.search',
      '/Users/.search',
      '/Groups/.search',
    ),
    fc.string({ maxLength: 12 }).map((text) => `/Users/${encodeURIComponent(text)}`),
  );
  const query = fc.oneof(
    fc.constant(''),
    filterish.map((filter) => `?filter=${encodeURIComponent(filter)}`),
    fc
      .tuple(fc.string(), fc.string())
      .map(([a, b]) => `?count=${encodeURIComponent(a)}&attributes=${encodeURIComponent(b)}`),
  );
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH');
  await fc.assert(
    fc.asyncProperty(
      method,
      path,
      query,
      body,
      fc.constantFrom('okta', 'rfc'),
      async (verb, where, what, sent, profile) => {
        const answer = await world.as(profile).send(verb, `${where}${what}`, verb === 'GET' ? undefined : sent);
        assert.ok(answer.status < 500, `${verb} ${where}${what} ${JSON.stringify(sent)}: ${answer.text}`);
        if (answer.status >= 400) assert.equal(answer.body.status, String(answer.status));
      },
    ),
    { numRuns: 400 },
  );
});

test('the attributes of one person together are limited, and so are those of a group; who leaves is let go all the same', async (t) => {
  const okta = (await scimWorld(t)).as('okta');
  const long = (of: number) =>
    Array.from({ length: of }, (_, n) => ({ value: `${n} ${'x'.repeat(4_000)}`, type: 'other' }));
  const user = { schemas: [U], userName: 'ana', active: true };
  const refused = await okta.post('/Users', { ...user, ims: long(17) });
  assert.deepEqual([refused.status, refused.body.scimType], [400, 'invalidValue']);
  assert.match(refused.body.detail, /longer than 65536 characters together/);
  const { status, body } = await okta.post('/Users', { ...user, ims: long(15) });
  assert.equal(status, 201);
  const path = `/Users/${body.id}`;
  const grown = { ims: long(15), phoneNumbers: long(15) };
  const add = [{ op: 'add', path: 'phoneNumbers', value: long(15) }];
  assert.equal((await okta.patch(path, add)).status, 400);
  assert.equal((await okta.put(path, { ...user, ...grown })).status, 400);
  assert.equal((await okta.get(path)).body.phoneNumbers, undefined);
  for (const leave of [
    () => okta.put(path, { ...user, ...grown, active: false }),
    () => okta.patch(path, [...add, { op: 'replace', path: 'active', value: false }]),
  ]) {
    const { status, body } = await leave();
    assert.deepEqual([status, body.active], [200, false]);
    assert.deepEqual(
      [body.ims.length, body.phoneNumbers],
      [15, undefined],
      'nothing else is taken of what is too much',
    );
    assert.equal((await okta.patch(path, [{ op: 'replace', path: 'active', value: true }])).status, 200);
  }
});
