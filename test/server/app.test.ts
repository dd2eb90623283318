import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../src/errors.ts';
import { serviceWorld } from './world.ts';

test('a wrong base path is told the right one, in SCIM form, with or without a token', async (t) => {
  const { app, token } = await serviceWorld(t);
  const headers = await token({ kind: 'scim', connection: 'okta' });
  const open = [
    '/Users',
    '/Groups?filter=x',
    '/scim/Users',
    '/scim',
    '/v2/Users',
    '/scim/v1/Users/1',
    '/ServiceProviderConfig',
  ];
  const guarded = ['/scim/v2/Users/', '/scim/v2/scim/v2/Users', '/scim/v2', '/scim/v2/', '/scim/v2/users'];
  for (const url of [...open, ...guarded]) {
    const answer = await app.inject({ url, headers });
    assert.equal(answer.statusCode, 404, url);
    assert.match(String(answer.headers['content-type']), /^application\/scim\+json/, url);
    assert.match(answer.json().detail, /the base URL is https:\/\/scim\.example\.test\/scim\/v2\./, url);
  }
  for (const url of open) assert.equal((await app.inject({ url })).statusCode, 404, url);
});

test('a path is named as it was sent, a slash too many with it', async (t) => {
  const { app, token } = await serviceWorld(t);
  const answer = await app.inject({
    url: '/scim/v2//Users?filter=x',
    headers: await token({ kind: 'scim', connection: 'okta' }),
  });
  assert.match(answer.json().detail, /at \/scim\/v2\/\/Users;/);
});

test('the base URL never comes from Host or a forwarded header', async (t) => {
  const { app } = await serviceWorld(t, {
    server: { externalUrl: 'https://scim.example.test/', behindProxy: ['127.0.0.0/8'] },
  });
  const headers = { host: 'evil.test', 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'gopher' };
  assert.doesNotMatch((await app.inject({ url: '/Users', headers })).body, /evil|gopher/);
});

test('other unknown addresses are a small 404', async (t) => {
  const { app } = await serviceWorld(t);
  for (const url of ['/', '/favicon.ico', '/x/y', '/.env']) {
    const answer = await app.inject({ url });
    assert.equal(answer.statusCode, 404, url);
    assert.equal(answer.json().error.code, 'API_ROUTE');
  }
});

test('what is too large, malformed or of another type is a 4xx in SCIM form', async (t) => {
  const { app, token } = await serviceWorld(t);
  const auth = await token({ kind: 'scim', connection: 'okta' });
  const post = (payload: string, type = 'application/json') =>
    app.inject({ method: 'POST', url: '/scim/v2/Users', headers: { ...auth, 'content-type': type }, payload });
  for (const [status, answer] of [
    [413, await post(JSON.stringify({ a: 'x'.repeat(20_000) }))],
    [400, await post('{"a":')],
    [400, await post('{"__proto__":{"a":1}}')],
    [415, await post('<a/>', 'application/xml')],
    [415, await post('<a/>', 'x'.repeat(300))],
  ] as const) {
    assert.equal(answer.statusCode, status);
    assert.equal(answer.json().status, String(status));
    assert.match(String(answer.headers['content-type']), /^application\/scim\+json/);
  }
});

test('an error of ours tells the request id and nothing else', async (t) => {
  const { app, lines, token } = await serviceWorld(t);
  const headers = await token({ kind: 'scim', connection: 'okta' });
  const answer = await app.inject({ url: '/scim/v2/broken', headers });
  assert.equal(answer.statusCode, 500);
  assert.match(answer.json().detail, new RegExp(String(answer.headers['x-request-id'])));
  assert.doesNotMatch(answer.body, /bug|Error:|at /);
  const told = lines.find(({ level }) => level === 'error');
  assert.equal(told?.fields.request, answer.headers['x-request-id']);
  assert.match(String(told?.fields.reason), /a bug with details/);
});

test('an error of the catalogue keeps its status, form and remedy', async (t) => {
  const { app, token } = await serviceWorld(t, {
    scim: () => async (inner) => {
      inner.get('/busy', { config: { access: 'scim' } }, async () => {
        throw refuse('STORE_BUSY');
      });
      inner.get('/taken', { config: { access: 'scim' } }, async () => {
        throw refuse('SCIM_UNIQUENESS', { attribute: 'userName', value: 'ana', resource: 'User' });
      });
    },
  });
  const headers = await token({ kind: 'scim', connection: 'okta' });
  const busy = await app.inject({ url: '/scim/v2/busy', headers });
  assert.equal(busy.statusCode, 503);
  assert.ok(Number(busy.headers['retry-after']) > 0);
  const taken = await app.inject({ url: '/scim/v2/taken', headers });
  assert.equal(taken.statusCode, 409);
  assert.equal(taken.json().scimType, 'uniqueness');
});

test('every answer says that it is not to be kept or guessed at', async (t) => {
  const { app } = await serviceWorld(t);
  for (const url of ['/livez', '/x', '/scim/v2/Users', '/api/v1']) {
    const { headers } = await app.inject({ url });
    assert.equal(headers['cache-control'], 'no-store', url);
    assert.equal(headers['x-content-type-options'], 'nosniff', url);
  }
});

test('a URL that cannot be decoded is a 400 for who sent a token, with the headers of every answer', async (t) => {
  const { app, token } = await serviceWorld(t);
  const headers = await token({ kind: 'scim', connection: 'okta' });
  for (const url of ['/scim/v2/Users/%zz', '/scim/v2/%c0%af', '/scim/v2/Users/%']) {
    const answer = await app.inject({ url, headers });
    assert.equal(answer.statusCode, 400, url);
    assert.equal(answer.json().scimType, 'invalidSyntax');
    for (const name of ['x-request-id', 'cache-control', 'x-content-type-options'])
      assert.ok(name in answer.headers, name);
    assert.equal((await app.inject({ url })).statusCode, 401, url);
  }
});

test('an unknown address under /scim/v2 is refused in SCIM form, whatever its body is', async (t) => {
  const { app, token } = await serviceWorld(t);
  const headers = { ...(await token({ kind: 'scim', connection: 'okta' })), 'content-type': 'text/x' };
  const answer = await app.inject({ method: 'POST', url: '/scim/v2/Nope', headers, payload: 'x' });
  assert.equal(answer.json().status, String(answer.statusCode));
});

test('an address that does not exist is a 404 whatever body is sent to it: no content type, size or syntax is looked at', async (t) => {
  const { app, token } = await serviceWorld(t);
  const headers = await token({ kind: 'scim', connection: 'okta' });
  const bodies = {
    'text/x': 'x',
    'application/json; charse0.9e-400t=utf-8': '{"a":',
    'application/scim+json': 'x'.repeat(20_000),
  };
  for (const [type, payload] of Object.entries(bodies))
    for (const [url, form] of [
      ['/scim/Users', 'scim'],
      ['/scim/v2/Nope', 'scim'],
      ['/s../u3@', 'json'],
    ] as const)
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        const answer = await app.inject({ method, url, headers: { ...headers, 'content-type': type }, payload });
        assert.equal(answer.statusCode, 404, `${method} ${url} ${type}`);
        if (form === 'scim') assert.match(answer.json().detail, /the base URL is/);
        else assert.equal(answer.json().error.code, 'API_ROUTE');
      }
});

test('a method that a known address does not take is a 405 with Allow, behind the token it asks for, whatever is sent', async (t) => {
  const { app, token } = await serviceWorld(t);
  const headers = await token({ kind: 'metrics' });
  const cases = [
    ['/oauth/token', 'POST', {}],
    ['/livez', 'GET, HEAD', {}],
    ['/readyz', 'GET, HEAD', {}],
    ['/metrics', 'GET, HEAD', headers],
  ] as const;
  for (const [url, allow, sent] of cases)
    for (const method of app.supportedMethods.filter((one) => !allow.includes(one))) {
      const payload = ['GET', 'HEAD', 'TRACE'].includes(method) ? {} : { payload: '<x>' };
      const answer = await app.inject({ method: method as 'GET', url, headers: sent, ...payload });
      assert.deepEqual([answer.statusCode, answer.headers.allow], [405, allow], `${method} ${url}`);
    }
  const told = await app.inject('/oauth/token');
  assert.equal(told.json().error, 'invalid_request');
  assert.match(told.json().error_description, /GET is not supported at \/oauth\/token/);
  assert.equal((await app.inject({ method: 'DELETE', url: '/metrics' })).statusCode, 401);
});

test('a method that no address takes is a 501, not an address that is not there', async (t) => {
  const { app, token } = await serviceWorld(t);
  const headers = await token({ kind: 'scim', connection: 'okta' });
  for (const url of ['/scim/v2/Users', '/oauth/token', '/readyz', '/nowhere']) {
    const answer = await app.inject({ method: 'PROPFIND' as 'GET', url, headers });
    assert.equal(answer.statusCode, 501, url);
    assert.match(answer.body, /The method PROPFIND is not implemented/, url);
  }
});
