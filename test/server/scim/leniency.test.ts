import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extensions } from '../../../src/config/extension.ts';
import { LENIENCIES, type Leniency } from '../../../src/scim/profiles/leniency.ts';
import { configuredCatalogue } from '../../../src/scim/schemas/configured.ts';
import { type Client, E, G, type Json, P, type ScimWorld, scimWorld, U } from './world.ts';

const ADSCIM = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';

const E1 = 'urn:scim:schemas:extension:enterprise:1.0';
const X = 'urn:example:scim:ci:2.0:User';
const CONFIGURED = configuredCatalogue(
  extensions.parse({ [X]: { attributes: { level: { type: 'integer' }, tags: { multiValued: true } } } }),
);

/** What was counted for a connection. */
async function counted(world: ScimWorld, connection: string): Promise<Record<string, number>> {
  const lines = (await world.metrics()).matchAll(
    /^jenkins_scim_lenient_total\{connection="([^"]+)",kind="([^"]+)"\} (\d+)$/gm,
  );
  return Object.fromEntries(
    [...lines].flatMap(([, of, kind, count]) => (of === connection ? [[kind, Number(count)]] : [])),
  );
}

const patch = (operation: object) => (client: Client, id: string) => client.patch(`/Users/${id}`, [operation]);

const SHAPES: Readonly<Record<Leniency, (client: Client, id: string) => Promise<unknown>>> = {
  'unknown-attribute': (client) => client.user('bo', { schemas: [U], shoeSize: 7, urnless: { a: 1 } }),
  'foreign-schema': (client) => client.post('/Groups', { schemas: [G, ADSCIM], displayName: 'team' }),
  'text-boolean': patch({ op: 'replace', path: 'active', value: 'False' }),
  'text-number': patch({ op: 'replace', path: `${X}:level`, value: '7' }),
  'empty-text': (client) => client.user('bo', { schemas: [U], title: '', nickName: '' }),
  shorthand: (client) => client.user('bo', { schemas: [U], emails: { value: 'bo@x.test' } }),
  'bare-word': (client) => client.get('/Users?filter=userName+eq+ana'),
  'missing-schemas': (client) => client.post('/Users', { userName: 'bo' }),
  'empty-operations': (client, id) => client.patch(`/Users/${id}`, []),
  'op-case': patch({ op: 'Replace', path: 'title', value: 'x' }),
  'packed-value': patch({ op: 'add', path: 'roles', value: [{ value: '{"value":"ci.admin"}' }] }),
  'unmatched-path': patch({ op: 'replace', path: 'emails[type eq "work"].value', value: 'a@x.test' }),
  'repeated-value': (client) => client.user('bo', { schemas: [U], roles: [{ value: 'dev' }, { value: 'DEV' }] }),
  'former-urn': (client) => client.user('bo', { schemas: [U, E1], [E1]: { department: 'Build' } }),
  'member-type': async (client, id) => {
    const team = (await client.post('/Groups', { schemas: [G], displayName: 'team' })).body.id;
    await client.patch(`/Groups/${team}`, [{ op: 'add', path: 'members', value: [{ value: id, type: 'Group' }] }]);
  },
  'silent-members': async (client) => {
    const team = await client.group('team');
    await client.put(`/Groups/${team}`, { schemas: [G], displayName: 'team' });
  },
  'text-data': (client) =>
    client.post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'POST', path: '/Users', bulkId: '1', data: JSON.stringify({ schemas: [U], userName: 'bo' }) },
      ],
    }),
};

for (const kind of LENIENCIES)
  test(`counted once for a request that needs it, and for nothing else: ${kind}`, async (t) => {
    const world = await scimWorld(t, {}, CONFIGURED);
    const client = world.as('entra');
    const id = await client.user('ana', { schemas: [U] });
    assert.deepEqual(await counted(world, 'entra'), {});
    await SHAPES[kind](client, id);
    assert.deepEqual(await counted(world, 'entra'), { [kind]: 1 });
    assert.deepEqual(await counted(world, 'okta'), {});
  });

test('a number in a text is one where a number is wanted, and nothing else is', async (t) => {
  const world = await scimWorld(t, {}, CONFIGURED);
  const client = world.as('entra');
  const id = await client.user('ana', { schemas: [U, X], [X]: { level: '-1' } });
  assert.equal((await client.get(`/Users/${id}`)).body[X].level, -1);
  for (const value of ['', ' 7', '07', '7.5', '0x7', 'Infinity', '1e400', 'seven']) {
    const answer = await client.patch(`/Users/${id}`, [{ op: 'add', path: `${X}:level`, value }]);
    if (value === '') assert.equal(answer.body[X], undefined);
    else assert.deepEqual([answer.status, answer.body.scimType], [400, 'invalidValue'], value);
  }
  await client.patch(`/Users/${id}`, [{ op: 'Replace', path: `${X}:level`, value: '7' }]);
  const found = async (profile: 'entra' | 'rfc', filter: string): Promise<number | string> => {
    const { body } = await world.as(profile).get(`/Users?filter=${encodeURIComponent(filter)}`);
    return body.totalResults ?? body.scimType;
  };
  assert.equal(await found('entra', `${X}:level eq "7"`), 1);
  assert.equal(await found('entra', `${X}:level gt "seven"`), 'invalidFilter');
  assert.equal(await found('rfc', `${X}:level eq "7"`), 'invalidFilter');
});

test('a list of texts as Entra sends it, each in an object', async (t) => {
  const world = await scimWorld(t, {}, CONFIGURED);
  const client = world.as('entra');
  const id = await client.user('ana', { schemas: [U, X], [X]: { tags: ['a'] } });
  const add = { op: 'Add', path: `${X}:tags`, value: [{ value: 'b' }, { value: 'a' }] };
  const answer = await client.patch(`/Users/${id}`, [add]);
  assert.deepEqual(answer.body[X].tags, ['a', 'b']);
  const less = await client.patch(`/Users/${id}`, [{ op: 'Remove', path: `${X}:tags`, value: [{ value: 'a' }] }]);
  assert.deepEqual(less.body[X].tags, ['b']);
  const strict = world.as('rfc');
  const other = await strict.user('ana', { schemas: [U] });
  assert.equal((await strict.patch(`/Users/${other}`, [add])).body.scimType, 'invalidValue');
});

test('what a remove does not find, and what an extension does not have, is counted', async (t) => {
  const world = await scimWorld(t, {}, CONFIGURED);
  const client = world.as('entra');
  const id = await client.user('ana', { schemas: [U, X], [X]: { level: 1, shoeSize: 7 } });
  assert.deepEqual(await counted(world, 'entra'), { 'unknown-attribute': 1 });
  const answer = await client.patch(`/Users/${id}`, [{ op: 'remove', path: 'emails[type eq "work"]' }]);
  assert.equal(answer.status, 200);
  assert.deepEqual(await counted(world, 'entra'), { 'unknown-attribute': 1, 'unmatched-path': 1 });
});

test('a PUT is read twice and counted once', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('okta');
  const id = await client.user('ana', { schemas: [U] });
  await client.put(`/Users/${id}`, { schemas: [U], userName: 'ana', active: 'true', title: '', middle: 1 });
  await client.put(`/Users/${id}`, { schemas: [U], userName: 'ana', active: 'False' });
  assert.deepEqual(await counted(world, 'okta'), { 'text-boolean': 2, 'empty-text': 1, 'unknown-attribute': 1 });
});

test('the strict profiles forgive nothing but data in a text, letters of op and what is said twice', async (t) => {
  const world = await scimWorld(t);
  for (const profile of ['rfc', 'interop'] as const) {
    const client = world.as(profile);
    const id = await client.user('ana', { schemas: [U] });
    for (const kind of LENIENCIES) await SHAPES[kind](client, id).catch(() => {});
    assert.deepEqual(Object.keys(await counted(world, profile)).sort(), [
      'foreign-schema',
      'op-case',
      'repeated-value',
      'text-data',
    ]);
  }
});

test('members that are no list are forgiven and counted', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('okta');
  const ana = await client.user('ana');
  const made = await client.post('/Groups', { schemas: [G], displayName: 'team', members: { value: ana } });
  assert.equal(made.body.members.length, 1);
  assert.deepEqual(await counted(world, 'okta'), { shorthand: 1 });
});

test('roles: packed, plain, by the path that Entra uses for a single one, and taken away again', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('entra');
  const pack = (value: string, displayName: string) => JSON.stringify({ id: `id-${value}`, value, displayName });
  const id = await client.user('ana', {
    schemas: [U],
    roles: [{ value: pack('ci.admin', 'CI Admin') }, { value: 'ci.plain' }],
  });
  const roles = async (): Promise<Json> => (await client.get(`/Users/${id}`)).body.roles;
  assert.deepEqual(await roles(), [{ display: 'CI Admin', value: 'ci.admin' }, { value: 'ci.plain' }]);
  const found = async (filter: string): Promise<number> =>
    (await client.get(`/Users?filter=${encodeURIComponent(filter)}`)).body.totalResults;
  assert.equal(await found('roles.value eq "CI.ADMIN"'), 1);
  assert.equal(await found('roles eq "ci.plain"'), 1);
  assert.equal(await found('roles[value eq "ci.admin" and display eq "CI Admin"]'), 1);
  assert.equal(await found('roles[value eq "ci.admin" and display eq "other"]'), 0);
  assert.equal(await found('roles.value eq "ci"'), 0);
  await client.patch(`/Users/${id}`, [
    { op: 'Remove', path: 'roles', value: [{ value: pack('ci.admin', 'CI Admin') }] },
  ]);
  assert.deepEqual(await roles(), [{ value: 'ci.plain' }]);
  assert.equal(await found('roles.value eq "ci.admin"'), 0);
  await client.patch(`/Users/${id}`, [{ op: 'Remove', path: 'roles' }]);
  await client.patch(`/Users/${id}`, [
    { op: 'Add', path: 'roles[primary eq "True"].value', value: pack('ci.dev', 'Developer') },
  ]);
  assert.deepEqual(await roles(), [{ primary: true, display: 'Developer', value: 'ci.dev' }]);
  await client.patch(`/Users/${id}`, [{ op: 'Replace', path: 'roles[primary eq "True"].value', value: 'ci.ops' }]);
  assert.equal((await roles())[0].value, 'ci.ops');
  assert.deepEqual([await found('roles.value eq "ci.dev"'), await found('roles.value eq "ci.ops"')], [0, 1]);
  await client.delete(`/Users/${id}`);
  const left = await world.store.read((db) => db.selectFrom('user_roles').selectAll().execute());
  assert.deepEqual(left, []);
});

// MicrosoftDocs/entra-docs #215 (POST) and azure-docs #50772 (PATCH): AppRoleAssignmentsComplex names the label differently.
test('a packed role without a value, as the default one of an application is, has its name alone, under Entra', async (t) => {
  const client = (await scimWorld(t)).as('entra');
  const none = (value: unknown) => JSON.stringify({ id: '18d1', value, displayName: 'User' });
  const id = await client.user('ana', { roles: [{ value: none(null) }, { value: 'ci.dev', primary: true }] });
  const roles = async () => (await client.get(`/Users/${id}`)).body.roles;
  assert.deepEqual(await roles(), [{ display: 'User' }, { value: 'ci.dev', primary: true }]);
  await client.patch(`/Users/${id}`, [{ op: 'Add', path: 'roles', value: [{ value: none('') }] }]);
  assert.equal((await roles()).length, 2, 'it is there');
  await client.patch(`/Users/${id}`, [{ op: 'Replace', path: 'roles[primary eq "True"].value', value: none(null) }]);
  assert.deepEqual(await roles(), [{ display: 'User' }, { display: 'User', primary: true }]);
  await client.patch(`/Users/${id}`, [{ op: 'Remove', path: 'roles', value: [{ value: none(null) }] }]);
  assert.equal(await roles(), undefined);
});

test('a role whose label is its displayName keeps it, under Entra', async (t) => {
  const world = await scimWorld(t);
  const sent = { primary: false, type: 'WindowsAzureActiveDirectoryRole', displayName: 'CI Admin', value: 'ci.admin' };
  for (const [profile, display] of [
    ['entra', 'CI Admin'],
    ['generic', undefined],
  ] as const) {
    const client = world.as(profile);
    const id = await client.user('ana', { schemas: [U], roles: [sent] });
    const roles = async (): Promise<Json> => (await client.get(`/Users/${id}`)).body.roles;
    assert.equal((await roles())[0].display, display);
    await client.patch(`/Users/${id}`, [
      { op: 'Replace', path: 'roles', value: [{ id: '827f', value: 'ci.dev', displayName: 'CI Admin' }] },
    ]);
    assert.deepEqual(await roles(), [{ ...(display === undefined ? {} : { display }), value: 'ci.dev' }]);
    await client.patch(`/Users/${id}`, [{ op: 'Replace', path: 'roles', value: [{ ...sent, display: 'Mine' }] }]);
    assert.equal((await roles())[0].display, 'Mine');
  }
  assert.equal((await counted(world, 'entra'))['packed-value'], 2);
});

test('a packed role is found and taken away by its packed text, too', async (t) => {
  const world = await scimWorld(t);
  const packed = JSON.stringify({ id: '827f', value: 'ci.admin', displayName: 'CI Admin' });
  const filters = ['roles', 'roles.value'].map((name) => `${name} eq ${JSON.stringify(packed)}`);
  for (const [profile, count] of [
    ['entra', 1],
    ['generic', 0],
  ] as const) {
    const client = world.as(profile);
    const id = await client.user('ana', { schemas: [U], roles: [{ value: 'ci.admin' }, { value: 'ci.dev' }] });
    for (const filter of filters) {
      const { body } = await client.get(`/Users?filter=${encodeURIComponent(filter)}`);
      assert.equal(body.totalResults, count, `${profile}: ${filter}`);
    }
    await client.patch(`/Users/${id}`, [{ op: 'Remove', path: `roles[value eq ${JSON.stringify(packed)}]` }]);
    const { roles } = (await client.get(`/Users/${id}`)).body;
    assert.equal(roles.length, 2 - count, profile);
  }
  assert.equal((await counted(world, 'entra'))['packed-value'], 3);
});

test('the label of a packed role is a text, and anything else is none', async (t) => {
  const client = (await scimWorld(t)).as('entra');
  const value = JSON.stringify({ id: '827f', value: 'ci.admin', displayName: 7 });
  const answer = await client.post('/Users', { schemas: [U], userName: 'ana', roles: [{ value }] });
  assert.deepEqual([answer.status, answer.body.roles], [201, [{ value: 'ci.admin' }]]);
});

test('a text in braces that is no packed value stays as it is', async (t) => {
  const client = (await scimWorld(t)).as('entra');
  for (const [index, value] of [
    '{',
    '{"value":7}',
    '{"value":""}',
    '{"a":1}',
    '[1]',
    `{"value":"${'x'.repeat(5000)}`,
  ].entries()) {
    const answer = await client.post('/Users', { schemas: [U], userName: `u${index}`, roles: [{ value }] });
    if (value.length > 4096) assert.equal(answer.status, 400);
    else assert.deepEqual(answer.body.roles, [{ value }]);
  }
});

test('interopProfileConformant is told to connections of that profile only', async (t) => {
  const world = await scimWorld(t);
  for (const profile of ['okta', 'entra', 'generic', 'rfc', 'interop'] as const) {
    const { body } = await world.as(profile).get('/ServiceProviderConfig');
    assert.equal(body.interopProfileConformant, profile === 'interop' ? true : undefined);
  }
  const client = world.as('interop');
  const id = await client.user('ana', { schemas: [U] });
  const pathless = await client.send('PATCH', `/Users/${id}`, {
    schemas: [P],
    Operations: [{ op: 'replace', value: { title: 'x' } }],
  });
  assert.deepEqual([pathless.status, pathless.body.scimType], [400, 'invalidSyntax']);
});

test('what is given twice is stored once, by every way in: persons, members, bulk', async (t) => {
  const world = await scimWorld(t);
  for (const profile of ['okta', 'entra', 'generic', 'rfc', 'interop'] as const) {
    const client = world.as(profile);
    const roles = [{ value: 'dev' }, { value: 'DEV', primary: true, display: 'Developer' }, { value: 'ops' }];
    const stored = [{ value: 'dev', display: 'Developer', primary: true }, { value: 'ops' }];
    const sorted = (list: Json[]) => list.map((item) => Object.fromEntries(Object.entries(item).sort()));
    const id = await client.user('ana', { schemas: [U], roles });
    const made = await client.get(`/Users/${id}`);
    assert.deepEqual(sorted(made.body.roles), sorted(stored), profile);
    const put = await client.put(`/Users/${id}`, {
      schemas: [U],
      userName: 'ana',
      roles: [...roles, ...roles.slice(2)],
    });
    assert.equal(put.body.meta.version, made.body.meta.version, 'it is no change');
    const patched = await client.patch(`/Users/${id}`, [
      { op: 'add', path: 'roles', value: [...roles, { value: 'Ops' }] },
    ]);
    assert.equal(patched.body.roles.length, 2, profile);
    const team = await client.post('/Groups', {
      schemas: [G],
      displayName: 'team',
      members: [{ value: id }, { value: id, type: 'User' }],
    });
    assert.equal(team.status, 201, team.text);
    assert.deepEqual(await client.members(team.body.id), [id]);
    await client.put(`/Groups/${team.body.id}`, {
      schemas: [G],
      displayName: 'team',
      members: [{ value: id }, { value: id }],
    });
    await client.patch(`/Groups/${team.body.id}`, [
      { op: 'add', path: 'members', value: [{ value: id }, { value: id }] },
    ]);
    assert.deepEqual(await client.members(team.body.id), [id]);
    const bulk = await client.post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [{ method: 'POST', path: '/Users', bulkId: '1', data: { schemas: [U], userName: 'bo', roles } }],
    });
    const bo = bulk.body.Operations[0].location.split('/').at(-1);
    assert.deepEqual(sorted((await client.get(`/Users/${bo}`)).body.roles), sorted(stored), profile);
    // Two persons, PUT, PATCH, and the group three times.
    assert.deepEqual(await counted(world, profile), { 'repeated-value': 7 }, profile);
  }
});

test('OneLogin: the enterprise extension of SCIM 1.1 is that of today, and answers have only that', async (t) => {
  const world = await scimWorld(t);
  for (const profile of ['okta', 'entra', 'generic'] as const) {
    const client = world.as(profile);
    const sent = { schemas: ['urn:scim:schemas:core:1.0', E1], userName: 'ana', [E1]: { department: 'Build' } };
    const made = await client.post('/Users', sent);
    assert.equal(made.status, 201, made.text);
    assert.deepEqual([made.body.schemas, made.body[E]], [[U, E], { department: 'Build' }]);
    assert.equal(E1 in made.body, false);
    const put = await client.put(`/Users/${made.body.id}`, { ...sent, [E1]: { department: 'Test' } });
    assert.deepEqual(put.body[E], { department: 'Test' });
    const filter = encodeURIComponent(`${E1}:department eq "Test"`);
    const list = await client.get(`/Users?filter=${filter}&sortBy=${E1}:department&attributes=${E1}:department`);
    assert.deepEqual([list.body.totalResults, list.body.Resources[0][E]], [1, { department: 'Test' }]);
    const one = await client.get(`/Users/${made.body.id}?excludedAttributes=${E1}`);
    assert.equal(E in one.body, false);
    assert.deepEqual(await counted(world, profile), { 'foreign-schema': 2, 'former-urn': 4 }, profile);
  }
  const strict = world.as('rfc');
  const refused = await strict.post('/Users', { schemas: [U, E1], userName: 'ana', [E1]: { department: 'Build' } });
  assert.deepEqual([refused.status, refused.body.scimType], [400, 'invalidSyntax']);
});
