import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { refuse } from '../../src/errors.ts';
import { accessOfPath } from '../../src/server/gate.ts';
import { routes } from './routes.ts';
import { serviceWorld } from './world.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'PURGE'];
const PUBLIC = ['/livez', '/readyz'];

function challenged(answer: LightMyRequestResponse, what: string): void {
  assert.equal(answer.statusCode, 401, what);
  assert.match(String(answer.headers['www-authenticate']), /^Bearer realm="jenkins-scim"/, what);
}

test('walking every registered route anonymously: only the declared public ones answer', async (t) => {
  const { app } = await serviceWorld(t);
  await app.ready();
  const all = routes(app);
  assert.ok(all.some(({ url }) => url.startsWith('/scim/v2/Users')));
  assert.ok(all.some(({ url }) => url.startsWith('/api/v1')));
  assert.ok(all.some(({ url }) => url === '/oauth/token'));
  assert.ok(all.length > 15);
  for (const { method, url } of all) {
    const answer = await app.inject({ method: method as 'GET', url });
    const reads = ['GET', 'HEAD'].includes(method);
    if (PUBLIC.includes(url)) assert.equal(answer.statusCode, reads ? 200 : 405, `${method} ${url}`);
    else if (url === '/oauth/token') {
      assert.equal(answer.statusCode, method === 'POST' ? 401 : 405);
      if (method !== 'POST') continue;
      assert.match(String(answer.headers['www-authenticate']), /^Basic realm="jenkins-scim"/);
    } else challenged(answer, `${method} ${url}`);
  }
});

test('a route that declares no access cannot be registered', async (t) => {
  const { app } = await serviceWorld(t);
  assert.throws(() => app.get('/open', async () => 'hello'), /GET \/open declares no access/);
  assert.throws(
    () => app.get('/open', { config: { access: 'everyone' as 'public' } }, async () => 'hello'),
    /declares/,
  );
  await assert.rejects(async () => {
    app.register(async (inner) => void inner.post('/deep', async () => 'hello'), { prefix: '/scim/v2' });
    await app.ready();
  }, /POST \/scim\/v2\/deep declares no access/);
});

test('everything under /api/v1 and /scim/v2 is a 401: any path, any method, any spelling', async (t) => {
  const { app } = await serviceWorld(t);
  const urls = [
    '/api/v1',
    '/api/v1/',
    '/api/v1/x/',
    '/api/v1/openapi.json',
    '/api/v1/a/b/c?x=1',
    '//api//v1//x',
    '/%61pi/v1/x',
  ];
  urls.push('/api%2fv1/x', '/API/V1/x', '/api/v1/%zz', '/api/v1;a=b', '/scim/v2', '/scim/v2/Nope', '/scim/v2/%zz');
  urls.push('/scim/v2/Users/', `/api/v1/${'a'.repeat(2000)}`);
  for (const method of METHODS)
    for (const url of urls) challenged(await app.inject({ method: method as 'GET', url }), `${method} ${url}`);
});

test('a token of one kind is refused on the routes of another', async (t) => {
  const { app, token } = await serviceWorld(t);
  const headers = {
    scim: await token({ kind: 'scim', connection: 'okta' }),
    metrics: await token({ kind: 'metrics' }),
    operator: await token({ kind: 'operator' }),
    client: await token({ kind: 'client', connection: 'okta' }),
  };
  const urls = { scim: '/scim/v2/Users', metrics: '/metrics', operator: '/api/v1/x' };
  const passed = { scim: 200, metrics: 200, operator: 404 };
  for (const kind of ['scim', 'metrics', 'operator'] as const)
    for (const other of ['scim', 'metrics', 'operator', 'client'] as const) {
      const answer = await app.inject({ url: urls[kind], headers: headers[other] });
      if (kind === other) assert.equal(answer.statusCode, passed[kind], kind);
      else challenged(answer, `${other} on ${kind}`);
    }
});

test('SCIM routes are told connection, credential, scopes and request', async (t) => {
  const { app, credentials } = await serviceWorld(t);
  const { id, token } = await credentials.create({ kind: 'scim', connection: 'okta', scopes: ['users:read'] }, 'test');
  const answer = await app.inject({ url: '/scim/v2/Users', headers: { authorization: `Bearer ${token}` } });
  const request = answer.headers['x-request-id'];
  assert.deepEqual(answer.json(), { connection: 'okta', credential: id, scopes: ['users:read'], request });
});

test('the id of a request is ours, whatever the client sends', async (t) => {
  const { app } = await serviceWorld(t);
  const first = await app.inject({ url: '/livez', headers: { 'x-request-id': 'mine', 'request-id': 'mine' } });
  const second = await app.inject({ url: '/livez' });
  assert.match(String(first.headers['x-request-id']), /^[0-9a-f-]{36}$/);
  assert.notEqual(first.headers['x-request-id'], second.headers['x-request-id']);
});

test('the 401 of SCIM is in SCIM form, the same for unknown, expired and revoked', async (t) => {
  const { app, credentials, time } = await serviceWorld(t);
  const expiresAt = new Date(time.now() + 1).toISOString();
  const expired = await credentials.create({ kind: 'scim', connection: 'okta', expiresAt }, 'test');
  const revoked = await credentials.create({ kind: 'scim', connection: 'okta' }, 'test');
  const unconfigured = await credentials.create({ kind: 'scim', connection: 'gone' }, 'test');
  await credentials.revoke(revoked.id, 'test');
  await time.advance(1);
  const bodies = new Set<string>();
  for (const value of [expired.token, revoked.token, unconfigured.token, 'jscim_x', 'x']) {
    const answer = await app.inject({ url: '/scim/v2/Users', headers: { authorization: `Bearer ${value}` } });
    challenged(answer, value);
    assert.match(String(answer.headers['www-authenticate']), /error="invalid_token"/);
    assert.match(String(answer.headers['content-type']), /^application\/scim\+json/);
    const body = answer.json();
    assert.deepEqual(body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error']);
    assert.equal(body.status, '401');
    bodies.add(answer.body);
  }
  assert.equal(bodies.size, 1);
});

test('a body without credentials is not read', async (t) => {
  const { app } = await serviceWorld(t);
  const payload = '['.repeat(50_000);
  const headers = { 'content-type': 'application/json' };
  challenged(await app.inject({ method: 'POST', url: '/scim/v2/Users', headers, payload }), 'deep and too long');
});

test('after too many failures an address waits, the identity provider does not', async (t) => {
  const { app, time, token } = await serviceWorld(t, { throttle: { failures: 3, window: 60_000, addresses: 100 } });
  const good = await token({ kind: 'scim', connection: 'okta' });
  const guess = (remoteAddress = '192.0.2.1') =>
    app.inject({ url: '/scim/v2/Users', headers: { authorization: 'Bearer wrong' }, remoteAddress });
  for (let n = 0; n < 3; n++) challenged(await guess(), 'a failure');
  const answer = await guess();
  assert.equal(answer.statusCode, 429);
  assert.equal(answer.headers['retry-after'], '60');
  assert.equal(answer.json().status, '429');
  challenged(await guess('192.0.2.2'), 'another address');
  const same = await app.inject({ url: '/scim/v2/Users', headers: good, remoteAddress: '192.0.2.1' });
  assert.equal(same.statusCode, 200, 'a valid token passes from the same address');
  challenged(await app.inject({ url: '/api/v1/x', remoteAddress: '192.0.2.1' }), 'no token is no guess');
  await time.advance(60_000);
  challenged(await guess(), 'a new window');
});

test('guesses from all addresses of one IPv6 client are told of as one flood', async (t) => {
  const { app, lines } = await serviceWorld(t);
  const headers = { authorization: 'Bearer wrong' };
  for (let n = 1; n <= 40; n++)
    await app.inject({ url: '/scim/v2/Users', headers, remoteAddress: `2001:db8:0:1::${n.toString(16)}` });
  assert.equal(lines.filter(({ message }) => message === 'authentication failed').length, 10);
});

test('X-Forwarded-For is believed from configured proxies only', async (t) => {
  const throttle = { failures: 1, window: 60_000, addresses: 100 };
  const guess = (app: Awaited<ReturnType<typeof serviceWorld>>['app'], remoteAddress: string, client: string) =>
    app.inject({
      url: '/metrics',
      headers: { authorization: 'Bearer wrong', 'x-forwarded-for': client },
      remoteAddress,
    });
  const open = await serviceWorld(t, { throttle });
  await guess(open.app, '192.0.2.1', '198.51.100.1');
  assert.equal((await guess(open.app, '192.0.2.1', '198.51.100.2')).statusCode, 429, 'a forged header is no disguise');

  const server = { externalUrl: 'https://scim.example.test/', behindProxy: ['10.0.0.0/8'] };
  const behind = await serviceWorld(t, { throttle, server });
  await guess(behind.app, '10.1.2.3', '198.51.100.1');
  assert.equal((await guess(behind.app, '10.1.2.3', '198.51.100.2')).statusCode, 401);
  assert.equal((await guess(behind.app, '10.1.2.3', '198.51.100.1')).statusCode, 429);
  assert.equal(
    (await guess(behind.app, '10.1.2.3', '203.0.113.9, 198.51.100.1')).statusCode,
    429,
    'the last hop counts',
  );
  await guess(behind.app, '192.0.2.1', '198.51.100.7');
  assert.equal((await guess(behind.app, '192.0.2.1', '198.51.100.8')).statusCode, 429, 'not from the proxy');
});

test('a token of an identity provider opens nothing without a connection, or with one that is not configured', async (t) => {
  const { app, credentials, token } = await serviceWorld(t);
  const headers = await token({ kind: 'scim', connection: 'okta' });
  const known = await credentials.verify(headers.authorization, 'scim', '127.0.0.1');
  for (const connection of [null, 'elsewhere']) {
    t.mock.method(credentials, 'verify', async () => ({ ...known, connection }));
    challenged(await app.inject({ url: '/scim/v2/Users', headers }), String(connection));
  }
});

test('a client without a connection gets no token', async (t) => {
  const { app, clients, credentials } = await serviceWorld(t);
  const made = await credentials.createClient({ connection: 'okta' }, 'test');
  t.mock.method(clients, 'authenticate', async () => ({ ...made, connection: null }));
  const answer = await app.inject({
    ...{ method: 'POST', url: '/oauth/token', payload: 'grant_type=client_credentials' },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.deepEqual([answer.statusCode, answer.json().error], [401, 'invalid_client']);
});

test('a database that fails is a 503, not an open door', async (t) => {
  const { app, store, token } = await serviceWorld(t);
  const headers = await token({ kind: 'scim', connection: 'okta' });
  await store.close();
  const answer = await app.inject({ url: '/scim/v2/Users', headers });
  assert.ok(answer.statusCode === 503 || answer.statusCode === 500, String(answer.statusCode));
  assert.ok(!answer.body.includes('okta'));
});

test('a stranger is not told where the database is', async (t) => {
  const fails = async (): Promise<never> => {
    throw refuse('STORE_UNREACHABLE', { reason: 'nothing listens there (db-7.internal:5432)' });
  };
  const { app } = await serviceWorld(t, {
    credentials: { verify: fails },
    clients: { authenticate: fails, issue: fails },
  });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const [request, status] of [
    [{ url: '/scim/v2/Users', headers: { authorization: 'Bearer x' } }, 503],
    [{ url: '/metrics', headers: { authorization: 'Bearer x' } }, 503],
    [{ url: '/api/v1/x', headers: { authorization: 'Bearer x' } }, 503],
    [{ method: 'POST', url: '/oauth/token', headers: form, payload: 'grant_type=client_credentials' }, 503],
  ] as const) {
    const answer: LightMyRequestResponse = await app.inject(request as InjectOptions);
    assert.equal(answer.statusCode, status, request.url);
    assert.match(answer.body, /the log of the service tells why/, request.url);
    assert.doesNotMatch(answer.body, /internal|5432/, request.url);
    assert.equal(answer.headers['retry-after'], '1', request.url);
  }
});

test('what a path without a route asks for', () => {
  for (const path of ['/api/v1', '/api/v1/x', '/api/v1?x', '/API/v1/', '/api/v1#x'])
    assert.equal(accessOfPath(path), 'operator');
  for (const path of ['/scim/v2', '/scim/v2/x', '/Scim/V2/', '/scim\\v2', '//scim/\\v2/x'])
    assert.equal(accessOfPath(path), 'scim');
  for (const path of ['/', '/api/v12', '/apiv1', '/Users', '/x/api/v1', '/scim/v20'])
    assert.equal(accessOfPath(path), 'public');
});

test('a token behind the word Bearer twice is told so, never shown, and is no guess', async (t) => {
  const { app, token, lines } = await serviceWorld(t, { throttle: { failures: 1, window: 60_000, addresses: 10 } });
  const { authorization } = await token({ kind: 'scim', connection: 'okta' });
  for (const sent of [`Bearer ${authorization}`, `bearer  BEARER ${authorization.slice(7)}`, 'Bearer Bearer']) {
    const answer = await app.inject({ url: '/scim/v2/Users', headers: { authorization: sent } });
    challenged(answer, sent);
    assert.match(answer.json().detail, /Behind Bearer the word Bearer is there once more/, sent);
    assert.doesNotMatch(answer.body, /jscim_/);
  }
  assert.doesNotMatch(JSON.stringify(lines), /jscim_/);
  assert.equal((await app.inject({ url: '/scim/v2/Users', headers: { authorization } })).statusCode, 200);
});
