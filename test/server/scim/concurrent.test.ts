import assert from 'node:assert/strict';
import { test } from 'node:test';
import { G, scimWorld } from './world.ts';

for (const many of [40, 400])
  test(`${many} concurrent adds of a member lose none`, async (t) => {
    const client = (await scimWorld(t)).as('entra');
    const people = await Promise.all(Array.from({ length: many }, (_, index) => client.user(`user-${index}`)));
    const group = await client.group('everybody');
    const answers = await Promise.all(
      people.map((value) =>
        client.patch(`/Groups/${group}`, [{ op: 'Add', path: 'members', value: [{ $ref: null, value }] }]),
      ),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [204]);
    assert.deepEqual(await client.members(group), people.sort());
  });

test('concurrent adds, removals and a rename end as if one had followed the other', async (t) => {
  const client = (await scimWorld(t)).as('okta');
  const people = await Promise.all(Array.from({ length: 60 }, (_, index) => client.user(`user-${index}`)));
  const group = await client.group('team', people.slice(0, 30));
  await Promise.all([
    ...people
      .slice(30)
      .map((value) => client.patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value }] }])),
    ...people
      .slice(0, 30)
      .map((id) => client.patch(`/Groups/${group}`, [{ op: 'remove', path: `members[value eq "${id}"]` }])),
    client.patch(`/Groups/${group}`, [{ op: 'replace', value: { id: group, displayName: 'crew' } }]),
  ]);
  assert.deepEqual(await client.members(group), people.slice(30).sort());
  assert.equal((await client.get(`/Groups/${group}?attributes=displayName`)).body.displayName, 'crew');
});

test('of 20 concurrent creates of one name one succeeds', async (t) => {
  const client = (await scimWorld(t)).as('okta');
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => client.post('/Groups', { schemas: [G], displayName: 'one' })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(19).fill(409)]);
});

test('adding one member to a large group is as many statements as to a small one', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('entra');
  const people = await Promise.all(Array.from({ length: 300 }, (_, index) => client.user(`user-${index}`)));
  const [small, large] = [await client.group('small'), await client.group('large', people.slice(0, 298))];
  const counts = [];
  for (const [group, value] of [
    [small, people[298]],
    [large, people[299]],
  ]) {
    world.statements();
    await client.patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value }] }]);
    counts.push(world.statements().length);
  }
  assert.equal(counts[0], counts[1]);
});
