import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADSCIM_GROUP } from '../../../src/scim/urns.ts';
import { BASE, type Client, E, G, type Json, P, type ScimWorld, scimWorld, U } from './world.ts';

const LENIENT = ['okta', 'entra', 'generic'] as const;
const EVERY = [...LENIENT, 'rfc', 'interop'] as const;

interface Stage {
  readonly client: Client;
  readonly world: ScimWorld;
  /** A group `ci-admins` of ana and bo; cy is not in it. */
  readonly group: string;
  readonly ana: string;
  readonly bo: string;
  readonly cy: string;
}

function shape(name: string, profiles: readonly (typeof EVERY)[number][], play: (stage: Stage) => Promise<void>): void {
  for (const profile of profiles)
    test(`${name} (${profile})`, async (t) => {
      const world = await scimWorld(t);
      const client = world.as(profile);
      const [ana, bo, cy] = [await client.user('ana'), await client.user('bo'), await client.user('cy')];
      await play({ client, world, ana, bo, cy, group: await client.group('ci-admins', [ana, bo]) });
    });
}

/** A PATCH of a group answers 204, without a body. */
async function patch(client: Client, group: string, ...operations: unknown[]): Promise<void> {
  const answer = await client.patch(`/Groups/${group}`, operations);
  assert.equal(answer.status, 204, answer.text);
  assert.equal(answer.text, '');
  assert.match(String(answer.headers.etag), /^W\/"\d+"$/);
}

async function name(client: Client, group: string): Promise<string> {
  return (await client.get(`/Groups/${group}?excludedAttributes=members`)).body.displayName;
}

for (const profile of EVERY)
  test(`8 Okta group create (${profile})`, async (t) => {
    const client = (await scimWorld(t)).as(profile);
    const created = await client.post('/Groups', { schemas: [G], displayName: 'ci-admins', members: [] });
    assert.equal(created.status, 201, created.text);
    assert.equal(created.headers.location, `${BASE}/Groups/${created.body.id}`);
    assert.equal(created.body.meta.location, created.headers.location);
    assert.equal(created.body.displayName, 'ci-admins');
    assert.deepEqual(created.body.schemas, [G]);
    const again = await client.post('/Groups', { schemas: [G], displayName: 'CI-Admins', members: [] });
    assert.deepEqual([again.status, again.body.scimType], [409, 'uniqueness']);
  });

shape('9 Okta rename with an echo of the id', [...LENIENT, 'rfc'], async ({ client, group, ana, bo }) => {
  await patch(client, group, { op: 'replace', value: { id: group, displayName: 'ci-owners' } });
  assert.equal(await name(client, group), 'ci-owners');
  assert.deepEqual(await client.members(group), [ana, bo].sort());
});

shape('10 Okta member swap', EVERY, async ({ client, group, ana, bo, cy }) => {
  await patch(
    client,
    group,
    { op: 'remove', path: `members[value eq "${ana}"]` },
    { op: 'add', path: 'members', value: [{ value: cy, display: 'cy@corp.test' }] },
  );
  assert.deepEqual(await client.members(group), [bo, cy].sort());
});

shape('11 Okta full push', EVERY, async ({ client, group, ana, cy }) => {
  const value = [
    { value: ana, display: 'a' },
    { value: cy, display: 'c' },
  ];
  await patch(client, group, { op: 'replace', path: 'members', value });
  assert.deepEqual(await client.members(group), [ana, cy].sort());
});

shape('12 Okta AIW group PUT', EVERY, async ({ client, group, ana }) => {
  const answer = await client.put(`/Groups/${group}`, {
    schemas: [G],
    id: group,
    displayName: 'ci-owners',
    members: [{ value: ana, display: 'a' }],
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.displayName, 'ci-owners');
  assert.deepEqual(
    answer.body.members.map((member: Json) => member.value),
    [ana],
  );
});

shape('12 a PUT that does not speak of members empties no group', EVERY, async ({ client, group, ana, bo }) => {
  const answer = await client.put(`/Groups/${group}`, { schemas: [G], displayName: 'ci-owners' });
  assert.equal(answer.status, 200);
  assert.deepEqual(await client.members(group), [ana, bo].sort());
  await client.put(`/Groups/${group}`, { schemas: [G], displayName: 'ci-owners', members: [] });
  assert.deepEqual(await client.members(group), []);
});

shape('a group of nobody says so: authentik adds nobody where members are not told', EVERY, async ({ client, ana }) => {
  const group = await client.group('empty');
  const told = async (path: string) => (await client.get(path)).body;
  const list = `/Groups?filter=${encodeURIComponent(`id eq "${group}"`)}`;
  for (const projection of ['attributes=displayName,members', 'attributes=members.value', 'excludedAttributes=meta'])
    assert.deepEqual((await told(`/Groups/${group}?${projection}`)).members, [], projection);
  assert.deepEqual((await told(`/Groups/${group}`)).members, []);
  assert.deepEqual((await told(list)).Resources[0].members, []);
  assert.equal('members' in (await told(`/Groups/${group}?excludedAttributes=members`)), false);
  assert.equal('members' in (await told(`/Groups/${group}?attributes=displayName`)), false);
  const put = await client.put(`/Groups/${group}`, { schemas: [G], displayName: 'empty', members: [{ value: ana }] });
  assert.equal(put.body.members.length, 1);
  await patch(client, group, { op: 'remove', path: `members[value eq "${ana}"]` });
  assert.deepEqual((await told(`/Groups/${group}`)).members, []);
  assert.equal((await told(`/Groups?filter=${encodeURIComponent('members pr')}`)).totalResults, 1);
});

for (const profile of LENIENT)
  test(`23 Entra group create drops the ADSCIM schema (${profile})`, async (t) => {
    const client = (await scimWorld(t)).as(profile);
    const created = await client.post('/Groups', {
      schemas: [G, ADSCIM_GROUP],
      externalId: '8aa1',
      displayName: 'ci-admins',
      meta: { resourceType: 'Group' },
    });
    assert.equal(created.status, 201, created.text);
    assert.deepEqual(created.body.schemas, [G]);
    assert.equal(created.body.externalId, '8aa1');
    assert.doesNotMatch(created.text, /ADSCIM/);
  });

shape('24 Entra group lookup reads no members', EVERY, async ({ client, world, group }) => {
  const url = `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "CI-admins"')}`;
  world.statements();
  const { body } = await client.get(url);
  assert.equal(body.totalResults, 1);
  assert.equal(body.Resources[0].id, group);
  assert.equal('members' in body.Resources[0], false);
  assert.deepEqual(
    world.statements().filter((sql) => /members/i.test(sql.replaceAll('member_count', ''))),
    [],
  );
});

shape('24 Entra asks whether somebody is a member', EVERY, async ({ client, group, ana, cy }) => {
  const total = async (member: string) => {
    const filter = encodeURIComponent(`id eq "${group}" and members eq "${member}"`);
    return (await client.get(`/Groups?excludedAttributes=members&filter=${filter}`)).body.totalResults;
  };
  assert.deepEqual([await total(ana), await total(cy)], [1, 0]);
});

shape('25 Entra add', EVERY, async ({ client, group, ana, bo, cy }) => {
  await patch(client, group, { op: 'Add', path: 'members', value: [{ $ref: null, value: cy }] });
  assert.deepEqual(await client.members(group), [ana, bo, cy].sort());
});

shape('26 Entra legacy remove takes the listed, nobody else', EVERY, async ({ client, group, ana, bo }) => {
  await patch(client, group, { op: 'Remove', path: 'members', value: [{ $ref: null, value: ana }] });
  assert.deepEqual(await client.members(group), [bo]);
});

shape('26 an empty list removes nobody', EVERY, async ({ client, group, ana, bo }) => {
  await patch(client, group, { op: 'Remove', path: 'members', value: [] });
  await patch(client, group, { op: 'Remove', path: 'members', value: null });
  assert.deepEqual(await client.members(group), [ana, bo].sort());
});

shape('26 a bare remove clears, and that is recorded', EVERY, async ({ client, world, group }) => {
  await patch(client, group, { op: 'remove', path: 'members' });
  assert.deepEqual(await client.members(group), []);
  assert.equal(world.events.at(-1)?.body.cleared, true);
  assert.deepEqual(
    world.lines.map(({ level, fields }) => [level, fields.group]),
    [['warn', group]],
  );
});

shape('27 flag remove, also of somebody who is not in it', EVERY, async ({ client, group, ana, bo }) => {
  await patch(client, group, { op: 'remove', path: `members[value eq "${ana}"]` });
  await patch(client, group, { op: 'remove', path: `members[value eq "${ana}"]` });
  await patch(client, group, { op: 'remove', path: 'members[value eq "7f4b"]' });
  assert.deepEqual(await client.members(group), [bo]);
});

shape('30 pathless members append', [...LENIENT, 'rfc'], async ({ client, group, ana, bo, cy }) => {
  await patch(client, group, { op: 'add', value: { members: [{ value: cy }] } });
  assert.deepEqual(await client.members(group), [ana, bo, cy].sort());
});

shape('31 authentik rename', ['generic', 'okta', 'entra', 'rfc'], async ({ client, group, ana, bo }) => {
  await patch(client, group, {
    op: 'replace',
    value: { schemas: [G], externalId: 'pk', displayName: 'ci', id: group },
  });
  const { body } = await client.get(`/Groups/${group}`);
  assert.deepEqual([body.displayName, body.externalId], ['ci', 'pk']);
  assert.deepEqual(await client.members(group), [ana, bo].sort());
});

shape('32 authentik chunk', EVERY, async ({ client, group, ana, bo, cy }) => {
  await patch(
    client,
    group,
    { op: 'add', path: 'members', value: [{ value: cy }] },
    { op: 'remove', path: 'members', value: [{ value: ana }] },
  );
  assert.deepEqual(await client.members(group), [bo, cy].sort());
});

shape(
  'a group PATCH is atomic: an unknown member undoes the rename',
  EVERY,
  async ({ client, world, group, ana, bo }) => {
    const before = (await client.get(`/Groups/${group}`)).body;
    const events = world.events.length;
    const answer = await client.patch(`/Groups/${group}`, [
      { op: 'replace', path: 'displayName', value: 'renamed' },
      { op: 'remove', path: 'members', value: [{ value: ana }] },
      { op: 'add', path: 'members', value: [{ value: 'nobody' }] },
    ]);
    assert.deepEqual([answer.status, answer.body.scimType], [400, 'invalidValue']);
    assert.deepEqual((await client.get(`/Groups/${group}`)).body, before);
    assert.deepEqual(await client.members(group), [ana, bo].sort());
    assert.equal(world.events.length, events);
  },
);

shape('members are answered where attributes are asked for', EVERY, async ({ client, group, ana, bo, cy }) => {
  const answer = await client.send('PATCH', `/Groups/${group}?attributes=members.value,displayName`, {
    schemas: [P],
    Operations: [{ op: 'add', path: 'members', value: [{ value: cy }] }],
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.members.map((member: Json) => member.value).sort(), [ana, bo, cy].sort());
  assert.equal(answer.body.displayName, 'ci-admins');
  assert.deepEqual(Object.keys(answer.body).sort(), ['displayName', 'id', 'members', 'schemas']);
  const without = await client.send('PATCH', `/Groups/${group}?excludedAttributes=members`, {
    schemas: [P],
    Operations: [{ op: 'add', path: 'members', value: [{ value: cy }] }],
  });
  assert.equal(without.status, 200);
  assert.equal('members' in without.body, false);
});

shape('members of another connection do not exist', ['okta'], async ({ client, world, group, ana }) => {
  const stranger = await world.as('entra').user('eve');
  const wordings = [];
  for (const value of [stranger, 'nobody'])
    wordings.push((await client.patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value }] }])).body);
  assert.equal(wordings[0].scimType, 'invalidValue');
  assert.equal(wordings[0].detail.replace(stranger, 'nobody'), wordings[1].detail);
  for (const path of [`/Groups/${group}`, `/Users/${ana}`]) {
    assert.equal((await world.as('entra').get(path)).status, 404);
    assert.equal(
      (await world.as('entra').patch(path, [{ op: 'replace', path: 'displayName', value: 'x' }])).status,
      404,
    );
    assert.equal((await world.as('entra').delete(path)).status, 404);
  }
});

shape('membership shows at the user and ends with the user', EVERY, async ({ client, group, ana, bo }) => {
  const { body } = await client.get(`/Users/${ana}`);
  assert.deepEqual(body.groups, [
    { value: group, display: 'ci-admins', type: 'direct', $ref: `${BASE}/Groups/${group}` },
  ]);
  assert.deepEqual(body.schemas, [U]);
  assert.equal(E in body, false);
  assert.equal((await client.delete(`/Users/${ana}`)).status, 204);
  assert.equal((await client.delete(`/Users/${ana}`)).status, 404);
  assert.deepEqual(await client.members(group), [bo]);
  assert.notEqual(await client.user('ana'), ana);
});

test('interop: PATCH without a path is 400 invalidSyntax', async (t) => {
  const client = (await scimWorld(t)).as('interop');
  const group = await client.group('ci');
  const answer = await client.patch(`/Groups/${group}`, [{ op: 'replace', value: { displayName: 'x' } }]);
  assert.deepEqual([answer.status, answer.body.scimType], [400, 'invalidSyntax']);
});
