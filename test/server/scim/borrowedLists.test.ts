import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, E, G, type Json, P, scimWorld, U } from './world.ts';

/** More of what other projects test and their users reported (see `borrowed.test.ts`): filters, and members of groups. */
const LENIENT = ['okta', 'entra', 'generic'] as const;

interface Stage {
  readonly client: Client;
  readonly group: string;
  readonly ana: string;
  readonly bo: string;
}

async function stage(client: Client): Promise<Stage> {
  const ana = await client.user('OMalley', {
    schemas: [U, E],
    name: { familyName: "O'Malley" },
    emails: [
      { value: 'a@example.com', type: 'work', primary: true },
      { value: 'a@home.test', type: 'home' },
    ],
    [E]: { employeeNumber: '1234', manager: { value: 'boss' } },
  });
  const bo = await client.user('bo', { schemas: [U], name: { familyName: 'Employee' } });
  const group = await client.group('Research and Development - "Admins"', [ana, bo]);
  await client.group('Nobody');
  return { client, group, ana, bo };
}

/** Where it is from, the filter, how many it finds; or the scimType of the refusal. */
const USERS: readonly (readonly [string, string, number | string])[] = [
  ['scim2-filter-parser test_lexer.py', `name.familyName co "O'Malley"`, 1],
  ['UnboundID FilterParsingTestCase', ' userName  pr  and  name.familyName  eq  "Employee" ', 1],
  ['UnboundID FilterParsingTestCase', 'userName co "\\ufe00\\"\\n\\t\\\\"', 0],
  ['UnboundID FilterParsingTestCase', 'not ( userName ew "bo" ) ', 1],
  ['UnboundID FilterParsingTestCase', 'userName pr or title pr and not (title pr)', 2],
  ['UnboundID FilterParsingTestCase', '(userName pr)()', 'invalidFilter'],
  ['UnboundID FilterParsingTestCase', 'userName eq "bo" userName pr', 'invalidFilter'],
  ['UnboundID FilterParsingTestCase', 'userName[userName pr]])', 'invalidFilter'],
  ['UnboundID FilterParsingTestCase', 'meta.lastModified lte "2011-05-13T04:42:34Z"', 'invalidFilter'],
  ['UnboundID FilterEvaluatorTestCase', 'name.familyName eq null or title ne null', 0],
  ['go-scim expr/filter_test.go', `${U}:meta.created gt "2019-10-10T10:10:10"`, 2],
  ['Microsoft, SCIM Inbound collection', 'meta.lastModified ge "0001-01-03T00:00:00.0000000Z" and active eq true', 2],
  ['scimitar #115', 'name[familyName eq "employee"].familyName pr and emails ne "home_1@test.com"', 1],
  ['SCIM-SDK FilterResourceResolverTest', `${U}:emails[type eq "work"].value sw "a@"`, 1],
  ['SCIM-SDK FilterVisitorTest', `${E}:manager.value eq "boss" and emails pr and not (emails.primary eq true)`, 0],
  ['SCIM-SDK FilterVisitorTest: a name of the extension without its URN', 'employeeNumber eq "1234"', 1],
  ['scim2-server tests/test_utils.py', 'emails[value pr].type co "home"', 1],
  ['scim2-server tests/test_utils.py', 'not (emails[value pr])', 1],
  ['elimity filter_test.go', 'emails[type eq "work"].invalid eq "x"', 'invalidFilter'],
  ['laravel-scim-server FilterQueryTest', 'groups[$ref eq "https://scim.test/Groups/1"]', 'invalidFilter'],
  // scimmy takes it: RFC 7644 §3.4.2.2, figure 1, has brackets behind `not`.
  ['scimmy test/lib/types/filter.json', 'not userName pr', 'invalidFilter'],
  ['scimmy test/lib/types/filter.json', 'emails[type eq "work"] pr', 'invalidFilter'],
];

/** Taken by the lenient profiles, refused as `invalidFilter` by `rfc`. */
const BARE: readonly (readonly [string, string, number])[] = [
  ['Microsoft, PostmanCollection.json', 'userName sw O', 1],
  [
    'Microsoft, PostmanCollection.json',
    'name.FamilyName eq Employee and (emails.Value co example.com or emails.Value co example.org)',
    0,
  ],
  ['Microsoft, PostmanCollection.json', 'meta.Created gt 2015-10-10T14:38:21.8617979-07:00', 2],
  ['authentik #16455', 'userName eq bo', 1],
];

async function found(client: Client, type: 'Users' | 'Groups', filter: string): Promise<number | string> {
  const { status, body } = await client.get(`/${type}?filter=${encodeURIComponent(filter)}`);
  return status === 200 ? body.totalResults : body.scimType;
}

test('filters, as other projects test them', async (t) => {
  const world = await scimWorld(t);
  for (const profile of ['rfc', 'entra'] as const) {
    const { client, group, ana } = await stage(world.as(profile));
    for (const [name, filter, wanted] of USERS)
      assert.equal(await found(client, 'Users', filter), wanted, `${profile}, ${name}: ${filter}`);
    for (const [name, filter, wanted] of BARE)
      assert.equal(
        await found(client, 'Users', filter),
        profile === 'rfc' ? 'invalidFilter' : wanted,
        `${name}: ${filter}`,
      );
    const groups: readonly (readonly [string, string, number])[] = [
      [
        'better-auth scim-filter-interoperability.test.ts',
        'displayName eq "Research and Development - \\"Admins\\""',
        1,
      ],
      ['laravel-scim-server FilterQueryTest', `not (members[value eq "${ana}"])`, 1],
      ['scim2-filter-parser test_query.py', `members[value eq "${ana}"] or displayName eq "nobody"`, 2],
      ['Entra, whether somebody is a member', `id eq "${group}" and members eq "${ana}"`, 1],
    ];
    for (const [name, filter, wanted] of groups)
      assert.equal(await found(client, 'Groups', filter), wanted, `${profile}, ${name}`);
  }
});

/** Where it is from, the operations, who is a member afterwards (of ana and bo, who were); `rfc` refuses it with the last column. */
const MEMBERS: readonly (readonly [string, (stage: Stage) => object[], (stage: Stage) => string[], string?])[] = [
  [
    'SCIM-SDK #757: what Okta sends for an empty group',
    () => [{ op: 'replace', path: 'members', value: [] }],
    () => [],
  ],
  [
    'SCIM-SDK MsAzurePatchRemoveRebuilderTest: several by one path',
    ({ ana, bo }) => [{ op: 'remove', path: `members[value eq "${ana}" or value eq "${bo}"]` }],
    () => [],
  ],
  [
    'Microsoft, PostmanCollection.json: an operation with a name, a member with a displayName',
    ({ ana }) => [{ name: 'addMember', op: 'add', path: 'members', value: [{ displayName: 'new User', value: ana }] }],
    ({ ana, bo }) => [ana, bo],
  ],
  [
    'Microsoft, PostmanCollection.json: a member as a text',
    ({ ana }) => [{ op: 'remove', path: 'members', value: ana }],
    ({ bo }) => [bo],
    'invalidValue',
  ],
  [
    'UnboundID NonStandardRemoveOperationTest: the list in an object',
    ({ ana }) => [{ op: 'remove', path: 'members', value: { members: [{ value: ana }] } }],
    ({ bo }) => [bo],
    'invalidValue',
  ],
  [
    'UnboundID NonStandardRemoveOperationTest: an empty list in an object takes nobody away',
    () => [{ op: 'remove', path: 'members', value: { members: [] } }],
    ({ ana, bo }) => [ana, bo],
    'invalidValue',
  ],
  [
    'bitwarden PatchGroupCommandTests: an externalId by its path and in an object',
    () => [
      { op: 'add', path: 'externalId', value: 'x' },
      { op: 'replace', value: { externalId: 'y' } },
    ],
    ({ ana, bo }) => [ana, bo],
  ],
  [
    'WSO2 #12758: members in an object, without a path',
    ({ bo }) => [{ op: 'replace', value: { members: [{ value: bo }] } }],
    ({ bo }) => [bo],
  ],
];

test('members, as other projects and their users saw them', async (t) => {
  const world = await scimWorld(t);
  for (const profile of [...LENIENT, 'rfc'] as const) {
    const made = await stage(world.as(profile));
    const { client, group, ana, bo } = made;
    const both = [ana, bo].map((value) => ({ value }));
    for (const [name, operations, wanted, scimType] of MEMBERS) {
      await client.patch(`/Groups/${group}`, [{ op: 'replace', path: 'members', value: both }]);
      const answer = await client.patch(`/Groups/${group}`, operations(made));
      const refused = profile === 'rfc' ? scimType : undefined;
      assert.equal(answer.status === 204 ? undefined : answer.body.scimType, refused, `${profile}, ${name}`);
      const left = refused === undefined ? wanted(made) : [ana, bo];
      assert.deepEqual(await client.members(group), left.sort(), `${profile}, ${name}`);
    }
  }
});

test('authentik #11249, scimgateway #95: what OneLogin puts', async (t) => {
  const { client, ana, bo, group } = await stage((await scimWorld(t)).as('generic'));
  const schemas = ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:extension:enterprise:2.0'];
  const put = await client.put(`/Users/${bo}?`, { schemas, userName: 'bo', name: { familyName: ' User 01' } });
  assert.equal(put.status, 200, put.text);
  assert.deepEqual(put.body.schemas, [U]);
  const members = [{ value: ana, display: null }];
  const renamed = await client.put(`/Groups/${group}`, { schemas: [G], id: group, displayName: 'Test', members });
  assert.equal(renamed.status, 200, renamed.text);
  assert.deepEqual(await client.members(group), [ana]);
  const answer: Json = await client.send('PATCH', `/Groups/${group}?`, {
    schemas: [P],
    Operations: [{ op: 'add', path: 'members', value: [{ value: bo }] }],
  });
  assert.equal(answer.status, 204);
});

/** Go and Java leave an empty list out of what they write (`omitempty`, `NON_EMPTY`): of a group whose last member left, PUT says nobody. */
test('Pocket ID scimsync/service.go, libre.sh keycloak-scim GroupAdapter: the last member leaves', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('whole');
  const page = (await client.get('/Users?startIndex=1&count=1000')).body;
  assert.deepEqual([page.Resources, page.totalResults, page.itemsPerPage], [[], 0, 0]);
  const person = { schemas: [U], externalId: 'p1', userName: 'ana', name: { givenName: 'Ana' }, active: true };
  const ana = (await client.post('/Users', { ...person, emails: [{ value: 'a@corp.test', primary: true }] })).body.id;
  const team = { schemas: [G], externalId: 'g1', displayName: 'team' };
  const made = await client.post('/Groups', { ...team, members: [{ value: ana }] });
  assert.equal(made.status, 201, made.text);
  const path = `/Groups/${made.body.id}`;
  const renamed = await client.put(path, { ...team, displayName: 'Team', members: [{ value: ana }] });
  assert.deepEqual(renamed.body.members[0].value, ana);
  const left = await client.put(path, { ...team, displayName: 'Team' });
  assert.deepEqual([left.status, left.body.members], [200, []]);
  assert.deepEqual(await client.members(made.body.id), []);
  assert.equal('groups' in (await client.get(`/Users/${ana}`)).body, false);
  const bulk = { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'] };
  await client.put(path, { ...team, members: [{ value: ana }] });
  const sent = await client.post('/Bulk', { ...bulk, Operations: [{ method: 'PUT', path, data: team }] });
  assert.equal(sent.body.Operations[0].status, '200', sent.text);
  assert.deepEqual(await client.members(made.body.id), []);
  // A PATCH that does not speak of members never empties a group.
  await client.put(path, { ...team, members: [{ value: ana }] });
  await client.patch(path, [{ op: 'replace', value: { displayName: 'other' } }]);
  assert.deepEqual(await client.members(made.body.id), [ana]);
});

test('rauthy clients_scim.rs: a person is put with the groups of the answer, and taken out of what is too much', async (t) => {
  const { client, group } = await stage((await scimWorld(t)).as('generic'));
  const person = {
    schemas: [U],
    externalId: 'r1',
    userName: 'eve@corp.test',
    displayName: 'eve@corp.test',
    active: true,
  };
  const whole = { ...person, name: { familyName: '', givenName: 'Eve' }, roles: [], custom: { shoe: 7 } };
  const eve = (await client.post('/Users', whole)).body;
  assert.equal(eve.externalId, 'r1');
  assert.equal(await found(client, 'Users', 'externalId eq "r1"'), 1);
  await client.patch(`/Groups/${group}`, [
    { op: 'add', path: 'members', value: [{ value: eve.id, display: 'eve@corp.test' }] },
  ]);
  const put = await client.put(`/Users/${eve.id}`, { ...whole, id: eve.id, externalId: null });
  assert.deepEqual(
    put.body.groups.map(({ value, display }: Json) => [value, display]),
    [[group, 'Research and Development - "Admins"']],
  );
  assert.equal(put.body.externalId, undefined);
  await client.patch(`/Groups/${group}`, [{ op: 'remove', path: 'members', value: [{ value: eve.id }] }]);
  assert.equal((await client.members(group)).includes(eve.id), false);
  const renamed = await client.patch(`/Groups/${group}`, [
    { op: 'replace', value: { displayName: 'R&D', externalId: null } },
  ]);
  assert.equal(renamed.status, 204, renamed.text);
});
