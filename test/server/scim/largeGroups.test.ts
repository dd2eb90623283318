import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd } from '../../directory/open.ts';
import { G, scimWorld } from './world.ts';

// More than are put into words in one turn, and more than one statement is about.
const SIZE = 4_500;

async function large(t: Parameters<typeof scimWorld>[0]) {
  const world = await scimWorld(t);
  const client = world.as('okta');
  const users = await crowd(world, SIZE);
  const made = await client.send('POST', '/Groups', {
    schemas: [G],
    displayName: 'large',
    members: users.map((value) => ({ value })),
  });
  assert.equal(made.status, 201);
  const small = await client.group('small', [...users].sort().slice(0, 3));
  return { client, users, made, id: made.body.id as string, small };
}

test('a group whose answer is put together in parts looks like any other', async (t) => {
  const { client, users, made, id, small } = await large(t);
  const [whole, model] = [await client.get(`/Groups/${id}`), await client.get(`/Groups/${small}`)];
  assert.deepEqual(whole.body, made.body);
  assert.equal(whole.headers.etag, made.headers.etag);
  assert.equal(whole.headers['content-type'], model.headers['content-type']);
  assert.deepEqual(Object.keys(whole.body).sort(), Object.keys(model.body).sort());
  assert.deepEqual(whole.body.members.slice(0, 3), model.body.members);
  assert.deepEqual(
    whole.body.members.map(({ value }: { value: string }) => value),
    [...users].sort(),
  );
  const known = await client.get(`/Groups/${id}`, { 'if-none-match': String(whole.headers.etag) });
  assert.deepEqual([known.status, known.text], [304, '']);
});

test('what is asked for of a large group is all that comes, alone and in a list', async (t) => {
  const { client, id, small } = await large(t);
  for (const what of [
    'attributes=displayName',
    'attributes=members.value',
    'attributes=members',
    'excludedAttributes=members',
    'excludedAttributes=members.display,members.$ref',
  ]) {
    const [whole, model] = [await client.get(`/Groups/${id}?${what}`), await client.get(`/Groups/${small}?${what}`)];
    assert.equal(whole.status, 200, what);
    assert.deepEqual(Object.keys(whole.body).sort(), Object.keys(model.body).sort(), what);
    assert.deepEqual(whole.body.members?.[0], model.body.members?.[0], what);
    const list = await client.get(`/Groups?${what}`);
    assert.deepEqual(
      list.body.Resources.find((group: { id: string }) => group.id === id),
      whole.body,
      what,
    );
    assert.deepEqual([list.body.totalResults, list.body.itemsPerPage, list.body.startIndex], [2, 2, 1], what);
  }
});

test('large groups that are in each other come to be in one Bulk, or none of them does', async (t) => {
  const world = await scimWorld(t);
  const client = world.as('okta');
  const users = await crowd(world, 12_000);
  const circle = async (names: readonly string[]) => {
    const { status, body } = await client.post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: names.map((displayName, n) => ({
        method: 'POST',
        path: '/Groups',
        bulkId: `${n}`,
        data: {
          schemas: [G],
          displayName,
          members: [...users, `bulkId:${(n + 1) % names.length}`].map((value) => ({ value })),
        },
      })),
    });
    assert.equal(status, 200);
    return body.Operations as { readonly status: string; readonly location?: string }[];
  };
  const made = await circle(['one', 'other']);
  assert.deepEqual(
    made.map(({ status }) => status),
    ['201', '201'],
  );
  const [one, other] = made.map(({ location }) => location!.slice(location!.lastIndexOf('/') + 1));
  assert.deepEqual(await client.members(one!), [...users, other].sort());
  assert.deepEqual(await client.members(other!), [...users, one].sort());
  await world.forget();
  const refused = await circle(['third', 'OTHER']);
  assert.deepEqual(
    refused.map(({ status }) => status),
    ['409', '409'],
  );
  assert.equal((await client.get('/Groups?count=0')).body.totalResults, 2);
  assert.deepEqual([world.events, await world.marks()], [[], []]);
});
