import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { mapIdentities } from '../../src/plan/identity.ts';
import { identityInput, person } from '../plan/make.ts';
import { routes } from '../server/routes.ts';
import { type Client, E, G, P, scimWorld, U } from '../server/scim/world.ts';
import { serviceWorld } from '../server/world.ts';
import { cpuTime } from '../sim/cpuTime.ts';
import { snapshot } from './snapshot.ts';

// One test for each class of flaw in reference §5 (scim.md), named after where it was found.

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

/** A world with a person and a group in two connections, and a proof that nothing of it was touched. */
async function stage(t: TestContext) {
  const world = await scimWorld(t);
  const okta = world.as('okta');
  const entra = world.as('entra');
  const ana = await okta.user('ana', { externalId: '1', emails: [{ value: 'ana@corp.test', type: 'work' }] });
  const team = await okta.group('admins', [ana]);
  const before = await snapshot(world.store);
  return {
    ...world,
    okta,
    entra,
    ana,
    team,
    unchanged: async () => assert.deepEqual([...(await snapshot(world.store)).resources], [...before.resources]),
  };
}

test('Grafana CVE-2025-41115: no value of a client becomes an id of ours', async (t) => {
  const { okta, entra, ana } = await stage(t);
  for (const [number, externalId] of ['1', '0', '-1', ana, 'admin', '1e0'].entries()) {
    const created = await okta.post('/Users', { schemas: [U], id: externalId, userName: `new-${number}`, externalId });
    assert.equal(created.status, 201);
    assert.match(created.body.id, /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    assert.notEqual(created.body.id, externalId);
    if (externalId !== ana) assert.equal((await okta.get(`/Users/${encodeURIComponent(externalId)}`)).status, 404);
  }
  const other = await entra.post('/Users', { schemas: [U], userName: 'x', externalId: '1' });
  assert.notEqual(other.body.id, ana, 'the same externalId of two connections is two people');
  const reserved = ['admin', 'anonymous', 'authenticated', 'SYSTEM'].map((name) => person(`okta/${name}`));
  const { people } = mapIdentities(identityInput({ people: reserved }));
  for (const { id, userName } of reserved)
    assert.ok('none' in people.get(id)!, `${userName} is nobody on a controller`);
});

test('Casdoor CVE-2025-4210: no route of SCIM answers without a token, in any spelling', async (t) => {
  const { app, unchanged, ana } = await stage(t);
  const bases = ['/scim/v2', '/scim/v2/', '//scim/v2', '/SCIM/V2', '/scim%2fv2', '/scim/v2/.', '/scim/v2;x'];
  const body = JSON.stringify({ schemas: [U], userName: 'intruder' });
  for (const base of bases)
    for (const path of [
      '/Users',
      `/Users/${ana}`,
      '/Groups',
      '/Bulk',
      '/Me',
      '/Schemas',
      '/ServiceProviderConfig',
      '/x',
      '',
    ])
      for (const method of METHODS) {
        const headers = { 'content-type': 'application/scim+json' };
        const { statusCode, body: text } = await app.inject({
          method,
          url: `${base}${path}`,
          headers,
          payload: body,
          remoteAddress: nextAddress(),
        });
        assert.ok(statusCode === 401 || statusCode === 404, `${method} ${base}${path}: ${statusCode}`);
        assert.equal(text.includes('ana'), false);
      }
  for (const { method, url } of await routesOf(app)) {
    if (!url.startsWith('/scim/')) continue;
    const { statusCode } = await app.inject({
      method: method as 'GET',
      url: url.replace(/:\w+/, ana),
      remoteAddress: nextAddress(),
    });
    assert.equal(statusCode, 401, `${method} ${url}`);
  }
  await unchanged();
});

/** Who fails often has to wait: each of these requests is somebody else's. */
let address = 0;
function nextAddress(): string {
  address += 1;
  return `10.0.${address >> 8}.${address & 255}`;
}

async function routesOf(app: Parameters<typeof routes>[0]) {
  await app.ready();
  return routes(app);
}

test('better-auth CVE-2026-67330: a token never touches what another connection provisioned', async (t) => {
  const { entra, ana, team, unchanged } = await stage(t);
  for (const [path, attempt] of Object.entries({
    user: () => entra.get(`/Users/${ana}`),
    put: () => entra.put(`/Users/${ana}`, { schemas: [U], userName: 'mine' }),
    patch: () => entra.patch(`/Users/${ana}`, [{ op: 'replace', path: 'active', value: false }]),
    delete: () => entra.delete(`/Users/${ana}`),
    group: () => entra.patch(`/Groups/${team}`, [{ op: 'remove', path: 'members' }]),
    'delete group': () => entra.delete(`/Groups/${team}`),
  }))
    assert.equal((await attempt()).status, 404, path);
  const stolen = await entra.post('/Groups', { schemas: [G], displayName: 'mine', members: [{ value: ana }] });
  assert.equal(stolen.status, 400);
  for (const path of [
    '/Users',
    '/Groups',
    '/Users?filter=userName%20eq%20%22ana%22',
    '/Users?filter=externalId%20eq%20%221%22',
  ])
    assert.equal((await entra.get(path)).body.totalResults, 0, path);
  await unchanged();
});

test('better-auth GHSA-j8v8-g9cx-5qf4: a token without an owner, or of one that is gone, opens nothing', async (t) => {
  const record = (connection: string | null) => ({
    id: 'token',
    kind: 'scim' as const,
    connection,
    scopes: ['users:read', 'users:write'],
    createdAt: '2026-11-24T08:00:00.000Z',
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
  });
  for (const connection of [null, '', 'gone', '__proto__', 'constructor']) {
    const { app } = await serviceWorld(t, { credentials: { verify: async () => record(connection) } });
    const { statusCode } = await app.inject({ url: '/scim/v2/Users', headers: { authorization: 'Bearer x' } });
    assert.equal(statusCode, 401, String(connection));
  }
});

test('GitLab CVE-2022-1680: a changed name or e-mail takes over nobody', async (t) => {
  const { okta, ana } = await stage(t);
  const eve = await okta.user('eve', { emails: [{ value: 'eve@corp.test', type: 'work' }] });
  for (const name of ['ana', 'ANA', '\uff41na'])
    assert.equal(
      (await okta.patch(`/Users/${eve}`, [{ op: 'replace', path: 'userName', value: name }])).status,
      409,
      name,
    );
  await okta.patch(`/Users/${eve}`, [{ op: 'replace', path: 'emails[type eq "work"].value', value: 'ana@corp.test' }]);
  const both = await okta.get('/Users?filter=emails.value%20eq%20%22ana@corp.test%22&attributes=userName');
  assert.equal(both.body.totalResults, 2, 'an address joins no two people');
  assert.equal((await okta.get(`/Users/${ana}`)).body.userName, 'ana');

  const identity = { user: 'email', group: 'displayName', transform: 'none', stripDomain: false } as const;
  const [victim, thief] = [
    person('okta/ana', { email: 'ana@corp.test' }),
    person('okta/eve', { email: 'eve@corp.test' }),
  ];
  const first = mapIdentities(identityInput({ people: [victim, thief], identity }));
  const later = mapIdentities(
    identityInput({
      people: [victim, { ...thief, email: 'ANA@corp.test' }],
      identity,
      claims: [...first.owners.values()],
    }),
  );
  assert.equal(later.owners.get('ana@corp.test')?.person, victim.id, 'the account stays with whom it was');
  const kept = later.people.get(thief.id)!;
  assert.ok('none' in kept || kept.id === 'eve@corp.test', 'the thief has what was theirs, or nothing');
});

test('Bitwarden CVE-2026-43640: a token can be seen by nobody once it is made, not even with a token', async (t) => {
  const { app, credentials, store, token, lines } = await serviceWorld(t);
  const { authorization } = await token({ kind: 'scim', connection: 'okta' });
  const secret = authorization.replace('Bearer ', '');
  await app.ready();
  for (const { method, url } of routes(app)) {
    const answer = await app.inject({
      method: method as 'GET',
      url: url.replace(/[:*]\w*/, 'x'),
      headers: { authorization },
    });
    assert.equal(
      answer.body.includes(secret) || JSON.stringify(answer.headers).includes(secret),
      false,
      `${method} ${url}`,
    );
  }
  assert.equal(JSON.stringify(await credentials.list()).includes(secret), false);
  const rows = await store.read((db) => db.selectFrom('tokens').selectAll().execute());
  assert.equal(rows.length, 1);
  const inside = secret.slice(-20);
  assert.equal(JSON.stringify(rows).includes(inside), false);
  assert.equal(JSON.stringify(lines).includes(inside), false);
});

test('Fleet #50724: of many additions and removals at once none is lost', async (t) => {
  const { okta } = await stage(t);
  const people = await Promise.all(Array.from({ length: 60 }, (_, index) => okta.user(`p${index}`)));
  const group = await okta.group('big', people.slice(0, 20));
  await Promise.all(
    people.map((value, index) =>
      index < 20
        ? okta.patch(`/Groups/${group}`, [{ op: 'remove', path: `members[value eq "${value}"]` }])
        : okta.patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value }] }]),
    ),
  );
  assert.deepEqual(await okta.members(group), people.slice(20).sort());
});

/** Requests that speak of members without saying who is to go. */
const AMBIGUOUS: readonly (readonly [string, (client: Client, group: string) => Promise<unknown>])[] = [
  [
    'remove with an empty list',
    (client, id) => client.patch(`/Groups/${id}`, [{ op: 'remove', path: 'members', value: [] }]),
  ],
  ['remove with null', (client, id) => client.patch(`/Groups/${id}`, [{ op: 'remove', path: 'members', value: null }])],
  ['remove without a path', (client, id) => client.patch(`/Groups/${id}`, [{ op: 'remove', value: { members: [] } }])],
  [
    'remove of somebody else',
    (client, id) => client.patch(`/Groups/${id}`, [{ op: 'remove', path: 'members[value eq "x"]' }]),
  ],
  ['add of an empty list', (client, id) => client.patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value: [] }])],
  ['a pathless add', (client, id) => client.patch(`/Groups/${id}`, [{ op: 'add', value: { members: [] } }])],
  [
    'a pathless rename',
    (client, id) => client.patch(`/Groups/${id}`, [{ op: 'replace', value: { displayName: 'admins' } }]),
  ],
  [
    'a wrong filter',
    (client, id) => client.patch(`/Groups/${id}`, [{ op: 'remove', path: 'members[display eq "x"]' }]),
  ],
  [
    'a list with nobody in it',
    (client, id) => client.patch(`/Groups/${id}`, [{ op: 'remove', path: 'members', value: [{}] }]),
  ],
  [
    'a PUT that leaves members out',
    (client, id) => client.put(`/Groups/${id}`, { schemas: [G], displayName: 'admins' }),
  ],
  ['an empty PATCH', (client, id) => client.send('PATCH', `/Groups/${id}`, { schemas: [P], Operations: [] })],
];

test('langwatch #7136: no ambiguous request empties a group', async (t) => {
  for (const profile of ['okta', 'entra', 'generic', 'interop', 'rfc'] as const) {
    const client = (await scimWorld(t)).as(profile);
    const ana = await client.user('ana');
    const group = await client.group('admins', [ana]);
    for (const [name, request] of AMBIGUOUS) {
      await request(client, group);
      assert.deepEqual(await client.members(group), [ana], `${name} (${profile})`);
    }
  }
});

test('SCIMMY 1.3.5 and scim2-parse-filter: no filter of 4,096 characters holds the event loop or its stack', async (t) => {
  const { okta } = await stage(t);
  const long = (text: string) => text.repeat(Math.floor(3_900 / text.length));
  const filters = [
    `userName eq "${long('\\')}`,
    `userName eq "${long('\\\\"')}`,
    `userName eq "${long('\n')}`,
    long('('),
    long('not ('),
    `${'('.repeat(1_900)}active pr${')'.repeat(1_900)}`,
    long('emails['),
    `${E}:manager[${long('value eq "x" and ')}`,
  ];
  for (const filter of filters) {
    const from = cpuTime();
    const { status, body } = await okta.get(`/Users?filter=${encodeURIComponent(filter)}`);
    assert.deepEqual([status, body.scimType], [400, 'invalidFilter'], filter.slice(0, 40));
    assert.ok(cpuTime() - from < 1_000, filter.slice(0, 40));
  }
});
