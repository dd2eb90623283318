import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, BASE, type Client, E, type Json, P, scimWorld, U } from './world.ts';

const LENIENT = ['okta', 'entra', 'generic'] as const;
const EVERY = [...LENIENT, 'rfc', 'interop'] as const;

const OKTA_CREATE = {
  schemas: [U],
  userName: 'ana@corp.test',
  name: { givenName: 'Ana', familyName: 'Diaz' },
  emails: [{ primary: true, value: 'ana@corp.test', type: 'work' }],
  displayName: 'Ana Diaz',
  locale: 'en-US',
  externalId: '00u1abcd',
  groups: [],
  password: 't3mp-Xy',
  active: true,
};
const ENTRA_CREATE = {
  schemas: [U, E],
  externalId: 'f0b1',
  userName: 'ana@corp.test',
  active: true,
  emails: [{ primary: true, type: 'work', value: 'ana@corp.test' }],
  meta: { resourceType: 'User' },
  name: { formatted: 'Ana Diaz', familyName: 'Diaz', givenName: 'Ana' },
  roles: [],
};

/** One request shape of an identity provider, for each profile that sends it, on Okta's Ana. */
function shape(
  name: string,
  profiles: readonly (typeof EVERY)[number][],
  play: (client: Client, id: string, profile: (typeof EVERY)[number]) => Promise<void>,
  create: object = OKTA_CREATE,
): void {
  for (const profile of profiles)
    test(`${name} (${profile})`, async (t) => {
      const client = (await scimWorld(t)).as(profile);
      const { status, body, text } = await client.post('/Users', create);
      assert.equal(status, 201, text);
      await play(client, body.id, profile);
    });
}

async function read(client: Client, id: string): Promise<Json> {
  const { status, body } = await client.get(`/Users/${id}`);
  assert.equal(status, 200);
  return body;
}

function ok(answer: Answer): Json {
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

shape('1 Okta probe', EVERY, async (client) => {
  const body = ok(await client.get('/Users?startIndex=1&count=2'));
  assert.deepEqual([body.totalResults, body.startIndex, body.itemsPerPage], [1, 1, 1]);
  assert.deepEqual(body.schemas, ['urn:ietf:params:scim:api:messages:2.0:ListResponse']);
});

shape('2 Okta lookup', EVERY, async (client, id) => {
  const body = ok(await client.get('/Users?filter=userName%20eq%20%22ana%40corp.test%22&startIndex=1&count=100'));
  assert.deepEqual(
    body.Resources.map((item: Json) => item.id),
    [id],
  );
  const shouted = ok(await client.get('/Users?filter=USERNAME%20EQ%20%22ANA%40CORP.TEST%22'));
  assert.equal(shouted.totalResults, 1);
});

shape('3 Okta create', EVERY, async (client, id) => {
  const { status, headers, body } = await client.get(`/Users/${id}`);
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/scim+json; charset=utf-8');
  assert.equal(headers.etag, body.meta.version);
  assert.deepEqual(body.schemas, [U]);
  assert.equal(body.meta.location, `${BASE}/Users/${id}`);
  assert.deepEqual(body.emails, OKTA_CREATE.emails);
  assert.deepEqual(body.name, OKTA_CREATE.name);
  assert.equal(body.externalId, '00u1abcd');
  assert.equal('password' in body, false);
  assert.equal('groups' in body, false);
  const again = await client.post('/Users', { ...OKTA_CREATE, userName: 'ANA@corp.test' });
  assert.equal(again.status, 409);
  assert.equal(again.body.scimType, 'uniqueness');
  assert.equal(again.body.status, '409');
});

shape('4 Okta PUT (AIW)', LENIENT, async (client, id) => {
  const before = await read(client, id);
  const body = ok(
    await client.put(`/Users/${id}`, {
      schemas: [U],
      id,
      userName: 'ana@corp.test',
      name: { givenName: 'Ana', middleName: '', familyName: 'Ruiz' },
      emails: [{ primary: true, value: 'ana@corp.test', type: 'work', display: 'ana@corp.test' }],
      active: true,
      groups: [],
      meta: { resourceType: 'User' },
    }),
  );
  assert.deepEqual(body.name, { givenName: 'Ana', familyName: 'Ruiz' });
  assert.equal(body.id, id);
  assert.equal('displayName' in body, false);
  assert.notEqual(body.meta.version, before.meta.version);
  assert.equal(body.meta.created, before.meta.created);
});

shape('5 and 6 Okta deactivate, reactivate', [...LENIENT, 'rfc'], async (client, id) => {
  for (const active of [false, true]) {
    const body = ok(await client.patch(`/Users/${id}`, [{ op: 'replace', value: { active } }]));
    assert.equal(body.active, active);
    assert.equal((await read(client, id)).active, active);
  }
});

shape('7 Okta password changes nothing that can be read', [...LENIENT, 'rfc'], async (client, id) => {
  const before = await read(client, id);
  const answer = await client.patch(`/Users/${id}`, [{ op: 'replace', value: { password: 'n3w-Pw' } }]);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, before);
  assert.doesNotMatch(answer.text, /n3w-Pw/);
});

test('13 Entra probe: an unknown user is an empty list', async (t) => {
  const client = (await scimWorld(t)).as('entra');
  const body = ok(
    await client.get('/Users?filter=userName+eq+%22AzureAD_Test-5f0c0f9e-0000-4000-8000-000000000000%22'),
  );
  assert.equal(body.totalResults, 0);
  assert.deepEqual(body.Resources, []);
});

shape(
  '14 Entra create',
  EVERY,
  async (client, id) => {
    const body = await read(client, id);
    assert.deepEqual(body.schemas, [U]);
    assert.deepEqual(body.name, ENTRA_CREATE.name);
    assert.equal('roles' in body, false);
    assert.equal(body.active, true);
  },
  ENTRA_CREATE,
);

shape('15 Entra matching by mail', EVERY, async (client, id) => {
  const filter = encodeURIComponent('emails[type eq "work"].value eq "ana@corp.test"');
  const body = ok(await client.get(`/Users?filter=${filter}`));
  assert.deepEqual(
    body.Resources.map((item: Json) => item.id),
    [id],
  );
  const home = encodeURIComponent('emails[type eq "home"].value eq "ana@corp.test"');
  assert.equal(ok(await client.get(`/Users?filter=${home}`)).totalResults, 0);
});

shape('16 Entra legacy disable', LENIENT, async (client, id) => {
  ok(await client.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'False' }]));
  assert.equal((await read(client, id)).active, false);
  ok(await client.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'True' }]));
  assert.equal((await read(client, id)).active, true);
});

shape('17 Entra legacy multi', EVERY, async (client, id) => {
  const body = ok(
    await client.patch(`/Users/${id}`, [
      { op: 'Replace', path: 'displayName', value: 'Ana R' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'ana.r@corp.test' },
      { op: 'Replace', path: 'name.familyName', value: 'Ruiz' },
      { op: 'Add', path: `${E}:department`, value: 'Build' },
    ]),
  );
  assert.equal(body.displayName, 'Ana R');
  assert.deepEqual(body.emails, [{ primary: true, value: 'ana.r@corp.test', type: 'work' }]);
  assert.deepEqual(body.name, { givenName: 'Ana', familyName: 'Ruiz' });
  assert.deepEqual(body[E], { department: 'Build' });
  assert.deepEqual(body.schemas, [U, E]);
});

shape('18 Entra legacy absent element is created once', EVERY, async (client, id) => {
  const body = ok(
    await client.patch(`/Users/${id}`, [
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+34 600' },
      { op: 'Add', path: 'addresses[type eq "work"].locality', value: 'Sevilla' },
      { op: 'Add', path: 'addresses[type eq "work"].country', value: 'ES' },
    ]),
  );
  assert.deepEqual(body.phoneNumbers, [{ type: 'mobile', value: '+34 600' }]);
  assert.deepEqual(body.addresses, [{ type: 'work', locality: 'Sevilla', country: 'ES' }]);
  assert.deepEqual(body.emails, OKTA_CREATE.emails);
});

shape('19 Entra manager as a string', LENIENT, async (client, id) => {
  const body = ok(await client.patch(`/Users/${id}`, [{ op: 'Add', path: `${E}:manager`, value: 'BOSSID' }]));
  assert.deepEqual(body[E], { manager: { value: 'BOSSID' } });
});

for (const [name, operation] of Object.entries({
  'by remove': { op: 'Remove', path: `${E}:manager` },
  'by an empty string': { op: 'Replace', path: `${E}:manager`, value: '' },
  'by an empty string added': { op: 'Add', path: `${E}:manager`, value: '' },
  'by a value path': { op: 'Remove', path: `${E}:manager[value eq "BOSSID"]` },
  'by an empty value': { op: 'replace', path: `${E}:manager.value`, value: '' },
  'by null': { op: 'replace', path: `${E}:manager`, value: null },
}))
  shape(`20 Entra manager cleared ${name}`, LENIENT, async (client, id) => {
    ok(await client.patch(`/Users/${id}`, [{ op: 'Add', path: `${E}:manager`, value: 'BOSSID' }]));
    ok(await client.patch(`/Users/${id}`, [operation]));
    const body = await read(client, id);
    assert.equal(E in body, false);
    assert.deepEqual(body.schemas, [U]);
  });

shape('20 another manager is not cleared by a value path', LENIENT, async (client, id) => {
  ok(await client.patch(`/Users/${id}`, [{ op: 'Add', path: `${E}:manager`, value: 'BOSSID' }]));
  ok(await client.patch(`/Users/${id}`, [{ op: 'Remove', path: `${E}:manager[value eq "OTHER"]` }]));
  assert.equal((await read(client, id))[E].manager.value, 'BOSSID');
});

shape('21 Entra flag disable', EVERY, async (client, id) => {
  const answer = await client.send('PATCH', `/Users/${id}?aadOptscim062020`, {
    schemas: [P],
    Operations: [{ op: 'replace', path: 'active', value: false }],
  });
  assert.equal(ok(answer).active, false);
});

shape('22 Entra flag multi', [...LENIENT, 'rfc'], async (client, id) => {
  const body = ok(
    await client.patch(`/Users/${id}`, [
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'ana.r@corp.test' },
      {
        op: 'replace',
        value: {
          displayName: 'Ana R',
          'name.givenName': 'Anita',
          'name.familyName': 'Ruiz',
          [`${E}:employeeNumber`]: '77',
        },
      },
    ]),
  );
  assert.equal(body.emails[0].value, 'ana.r@corp.test');
  assert.deepEqual(body.name, { givenName: 'Anita', familyName: 'Ruiz' });
  assert.deepEqual(body[E], { employeeNumber: '77' });
});

shape('28 Entra app roles as packed strings', EVERY, async (client, id, profile) => {
  const value = '{"id":"827f","value":"ci.admin","displayName":"CI Admin"}';
  const operation = { op: 'Add', path: 'roles', value: [{ value }] };
  const body = ok(await client.patch(`/Users/${id}`, [operation]));
  const taken = [{ value: 'ci.admin', display: 'CI Admin' }];
  assert.deepEqual(body.roles, profile === 'entra' ? taken : [{ value }]);
  const again = ok(await client.patch(`/Users/${id}`, [operation]));
  assert.equal(again.meta.version, body.meta.version);
  assert.equal(again.meta.lastModified, body.meta.lastModified);
});

shape('29 SailPoint disable', ['generic', 'rfc'], async (client, id) => {
  assert.equal(ok(await client.patch(`/Users/${id}`, [{ op: 'add', value: { active: false } }])).active, false);
});

shape('35 delta reader', EVERY, async (client, id) => {
  const filter = (from: string, to: string) =>
    encodeURIComponent(`active eq true and (meta.lastModified ge "${from}" and meta.lastModified le "${to}")`);
  const list = async (from: string, to: string) =>
    ok(await client.get(`/Users?filter=${filter(from, to)}&startIndex=1&count=100`)).Resources.map(
      (item: Json) => item.id,
    );
  assert.deepEqual(await list('2000-01-01T00:00:00Z', '2099-01-01T00:00:00Z'), [id]);
  assert.deepEqual(await list('2000-01-01T00:00:00Z', '2001-01-01T00:00:00+02:00'), []);
});
