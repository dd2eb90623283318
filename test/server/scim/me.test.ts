import assert from 'node:assert/strict';
import { test } from 'node:test';
import { E, scimWorld, U } from './world.ts';

async function stage(t: Parameters<typeof scimWorld>[0]) {
  const world = await scimWorld(t);
  const okta = world.as('okta');
  const ana = await okta.user('Ana', {
    externalId: '00u1',
    emails: [{ value: 'Ana@corp.test' }, { value: 'both@corp.test' }],
    [E]: { department: 'D' },
  });
  const bo = await okta.user('bo', { externalId: '00u2', emails: [{ value: 'both@corp.test' }] });
  const team = await okta.group('team', [ana]);
  const me = async (person: string, method = 'GET', query = '', body?: object, connection = 'okta') => {
    const answer = await world.app.inject({
      method: method as 'GET',
      url: `/scim/v2${query.startsWith('/') ? query : `/Me${query}`}`,
      headers: {
        authorization: `Bearer ${connection}  ${person}`,
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? undefined : answer.json() };
  };
  return { world, okta, ana, bo, team, me };
}

test('/Me is the person that the token stands for, by userName, externalId or e-mail address', async (t) => {
  const { me, ana, team } = await stage(t);
  for (const person of ['userName=ANA', 'externalId=00u1', 'emails=ana@CORP.test']) {
    const { status, body, headers } = await me(person);
    assert.deepEqual([status, body.id, body.groups[0].value], [200, ana, team], person);
    assert.equal(body.meta.location, `https://scim.example.test/scim/v2/Users/${ana}`);
    assert.equal(headers['content-location'], body.meta.location);
    // RFC 7644 §3.11 has Location in any answer.
    assert.equal(headers.location, body.meta.location);
    assert.equal(headers.etag, body.meta.version);
  }
});

test('it is projected, has a HEAD, and is not sent again to who has it', async (t) => {
  const { world, me, ana } = await stage(t);
  const { body } = await me('userName=ana', 'GET', '?attributes=userName');
  assert.deepEqual(body, { schemas: [U, E], id: ana, userName: 'Ana' });
  assert.equal((await me('userName=ana', 'HEAD')).status, 200);
  const { headers } = await me('userName=ana');
  const again = await world.app.inject({
    method: 'GET',
    url: '/scim/v2/Me',
    headers: { authorization: 'Bearer okta  userName=ana', 'if-none-match': String(headers.etag) },
  });
  assert.equal(again.statusCode, 304);
});

test('nobody, two people, or somebody of another connection: 404 in one wording', async (t) => {
  const { me } = await stage(t);
  const answers = [
    await me('userName=eve'),
    await me('externalId=00U1'),
    await me('emails=both@corp.test'),
    await me('userName=ana', 'GET', '', undefined, 'entra'),
    await me('userName=ana" or userName pr or userName eq "x'),
  ];
  for (const { status, body } of answers) assert.deepEqual([status, body], [404, answers[0]!.body]);
});

test('it can be read only, and the token opens nothing else', async (t) => {
  const { me, ana, team, okta } = await stage(t);
  const before = await okta.get(`/Users/${ana}`);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const { status, headers } = await me('userName=ana', method, '', { schemas: [U], userName: 'root' });
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
  }
  for (const path of ['/Users', `/Users/${ana}`, '/Groups', `/Groups/${team}`])
    assert.equal((await me('userName=ana', 'GET', path)).status, 403, path);
  assert.equal((await me('userName=ana', 'POST', '/.search', { schemas: [] })).status, 403);
  assert.equal((await me('userName=ana', 'DELETE', `/Users/${ana}`)).status, 403);
  assert.deepEqual((await okta.get(`/Users/${ana}`)).body, before.body);
});

test('a token of an identity provider is nobody: 501 for each method', async (t) => {
  const { okta } = await stage(t);
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
    assert.equal((await okta.send(method, '/Me', method === 'GET' ? undefined : {})).status, 501, method);
});
