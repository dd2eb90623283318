import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROFILES } from '../../../src/config/connection.ts';
import { BASE, E, scimWorld } from '../../server/scim/world.ts';
import { ENTERPRISE_USER, FULL_USER, groupExample, MINIMAL_USER } from './examples7643.ts';

/** What of an example is the client's to say: ids, meta, memberships and names of others are the service's, a password is nobody's. */
function sayable(example: object): Record<string, unknown> {
  const { id: _, meta: __, groups: ___, password: ____, ...rest } = example as Record<string, unknown>;
  const extension = rest[E] as { manager: { value: string } } | undefined;
  if (extension === undefined) return rest;
  return { ...rest, [E]: { ...extension, manager: { value: extension.manager.value } } };
}

const USERS = {
  '§8.1 minimal user': MINIMAL_USER,
  '§8.2 full user': FULL_USER,
  '§8.3 enterprise user': ENTERPRISE_USER,
};

for (const profile of PROFILES)
  for (const [name, example] of Object.entries(USERS))
    test(`RFC 7643 ${name} is created, read and replaced as it is, profile ${profile}`, async (t) => {
      const client = (await scimWorld(t)).as(profile);
      const created = await client.post('/Users', example);
      assert.equal(created.status, 201, created.text);
      const { id, meta, ...attributes } = created.body;
      assert.notEqual(id, example.id);
      assert.deepEqual(attributes, { active: true, ...sayable(example) });
      assert.equal(meta.location, `${BASE}/Users/${id}`);
      assert.equal(meta.resourceType, 'User');
      assert.equal(created.headers.location, meta.location);
      assert.equal(created.headers.etag, meta.version);
      assert.deepEqual((await client.get(`/Users/${id}`)).body, created.body);
      const replaced = await client.put(`/Users/${id}`, example);
      assert.deepEqual(replaced.body, created.body, 'the same resource is no change');
      assert.equal(created.text.includes(FULL_USER.password), false);
    });

test('RFC 7643 §8.4: a group with its members', async (t) => {
  for (const profile of PROFILES) {
    const client = (await scimWorld(t)).as(profile);
    const [babs, mandy] = [await client.user('babs'), await client.user('mandy')];
    const created = await client.post('/Groups', groupExample(babs, mandy));
    assert.equal(created.status, 201, created.text);
    assert.equal(created.body.displayName, 'Tour Guides');
    assert.deepEqual(await client.members(created.body.id), [babs, mandy].sort());
    const { body } = await client.get(`/Users/${babs}`);
    const { id } = created.body;
    assert.deepEqual(body.groups, [
      { value: id, $ref: `${BASE}/Groups/${id}`, display: 'Tour Guides', type: 'direct' },
    ]);
  }
});

const CONFIGURATION = ['patch', 'bulk', 'filter', 'changePassword', 'sort', 'etag', 'authenticationSchemes'];

test('RFC 7643 §8.5 and §8.6: the shapes of configuration and resource types', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const { body } = await client.get('/ServiceProviderConfig');
  for (const name of CONFIGURATION) assert.ok(name in body, name);
  assert.deepEqual(Object.keys(body.bulk).sort(), ['maxOperations', 'maxPayloadSize', 'supported']);
  const types = (await client.get('/ResourceTypes')).body.Resources;
  assert.deepEqual(
    types.map((type: { id: string; endpoint: string; schema: string }) => [type.id, type.endpoint, type.schema]),
    [
      ['User', '/Users', 'urn:ietf:params:scim:schemas:core:2.0:User'],
      ['Group', '/Groups', 'urn:ietf:params:scim:schemas:core:2.0:Group'],
    ],
  );
  assert.deepEqual(types[0].schemaExtensions, [{ schema: E, required: false }]);
});

/** What RFC 7643 §8.7.1 publishes of each attribute: type, multiValued, mutability, returned, uniqueness, required, caseExact. */
const CHARACTERISTICS: Readonly<Record<string, readonly unknown[]>> = {
  userName: ['string', false, 'readWrite', 'default', 'server', true, false],
  'name.familyName': ['string', false, 'readWrite', 'default', 'none', false, false],
  displayName: ['string', false, 'readWrite', 'default', 'none', false, false],
  profileUrl: ['reference', false, 'readWrite', 'default', 'none', false, undefined],
  active: ['boolean', false, 'readWrite', 'default', undefined, false, undefined],
  password: ['string', false, 'writeOnly', 'never', 'none', false, undefined],
  emails: ['complex', true, 'readWrite', 'default', 'none', false, undefined],
  'emails.primary': ['boolean', false, 'readWrite', 'default', undefined, false, undefined],
  addresses: ['complex', true, 'readWrite', 'default', 'none', false, undefined],
  groups: ['complex', true, 'readOnly', 'default', undefined, false, undefined],
  'groups.value': ['string', false, 'readOnly', 'default', 'none', false, undefined],
  'x509Certificates.value': ['binary', false, 'readWrite', 'default', 'none', false, undefined],
};

test('RFC 7643 §8.7.1: attributes of the user have the characteristics that are published there', async (t) => {
  const client = (await scimWorld(t)).as('rfc');
  const { body } = await client.get('/Schemas/urn:ietf:params:scim:schemas:core:2.0:User');
  for (const [name, [type, multiValued, mutability, returned, uniqueness, required, caseExact]] of Object.entries(
    CHARACTERISTICS,
  )) {
    const [outer, inner] = name.split('.');
    const attribute = body.attributes.find((item: { name: string }) => item.name === outer);
    const found =
      inner === undefined ? attribute : attribute.subAttributes.find((item: { name: string }) => item.name === inner);
    const expected = { type, multiValued, mutability, returned, uniqueness, required, caseExact };
    for (const [key, value] of Object.entries(expected))
      if (value !== undefined) assert.equal(found[key], value, `${name}: ${key}`);
  }
});
