import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { SignJWT } from 'jose';
import { ASSERTION_TYPE } from '../../src/credentials/oauth/proof.ts';
import { serviceWorld } from './world.ts';

const GRANT = 'grant_type=client_credentials';
const FORM = 'application/x-www-form-urlencoded';
const basic = (id: string, secret: string): string => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

async function world(t: TestContext, throttle?: { failures: number; window: number; addresses: number }) {
  const made = await serviceWorld(t, throttle === undefined ? {} : { throttle });
  const ask = (payload: string, headers: Record<string, string> = {}, remoteAddress = '192.0.2.1') =>
    made.app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': FORM, ...headers },
      payload,
      remoteAddress,
    });
  const client = async (more: object = {}) => {
    const { id, token } = await made.credentials.createClient({ connection: 'okta', ...more }, 'test');
    return { id, authorization: basic(id, token ?? '') };
  };
  return { ...made, ask, client };
}

test('client credentials give a token that opens SCIM (RFC 6749 §4.4)', async (t) => {
  const { app, ask, client } = await world(t);
  const { id, authorization } = await client({ scopes: ['users:read'] });
  const answer = await ask(GRANT, { authorization });
  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers['content-type']), /^application\/json/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers.pragma, 'no-cache');
  const { access_token, token_type, expires_in, scope } = answer.json();
  assert.deepEqual([token_type, expires_in, scope], ['Bearer', 900, 'users:read']);
  const found = await app.inject({ url: '/scim/v2/Users', headers: { authorization: `Bearer ${access_token}` } });
  assert.equal(found.statusCode, 200);
  assert.deepEqual(
    [found.json().connection, found.json().credential, found.json().scopes],
    ['okta', id, ['users:read']],
  );
});

test('errors are those of RFC 6749 §5.2', async (t) => {
  const { ask, client } = await world(t);
  const { authorization } = await client({ scopes: ['users'] });
  const cases: readonly (readonly [string, Record<string, string>, number, string])[] = [
    [GRANT, {}, 401, 'invalid_client'],
    [GRANT, { authorization: basic('x', 'y') }, 401, 'invalid_client'],
    [GRANT, { authorization: 'Bearer x' }, 401, 'invalid_client'],
    ['', { authorization }, 400, 'invalid_request'],
    ['grant_type=', { authorization }, 400, 'invalid_request'],
    ['grant_type=password&username=a&password=b', { authorization }, 400, 'unsupported_grant_type'],
    [`${GRANT}&${GRANT}`, { authorization }, 400, 'invalid_request'],
    [`${GRANT}&client_secret=x`, {}, 401, 'invalid_client'],
    [`${GRANT}&client_secret=x`, { authorization }, 400, 'invalid_request'],
    [`${GRANT}&client_assertion=x`, { authorization }, 400, 'invalid_request'],
    [`${GRANT}&scope=admin`, { authorization }, 400, 'invalid_scope'],
    [`${GRANT}&scope=groups:read`, { authorization }, 400, 'invalid_scope'],
    [Array.from({ length: 30 }, (_, at) => `f${at}=1`).join('&'), { authorization }, 400, 'invalid_request'],
    [`${GRANT}&x=${'y'.repeat(20_000)}`, { authorization }, 413, 'invalid_request'],
    [
      '{"grant_type":"client_credentials"}',
      { authorization, 'content-type': 'application/json' },
      415,
      'invalid_request',
    ],
  ];
  for (const [payload, headers, status, error] of cases) {
    const answer = await ask(payload, headers);
    const what = `${payload.slice(0, 60)} ${answer.body}`;
    assert.equal(answer.statusCode, status, what);
    assert.equal(answer.json().error, error, what);
    assert.match(answer.json().error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/, what);
    assert.equal(answer.headers['cache-control'], 'no-store');
    if (status === 401) assert.match(String(answer.headers['www-authenticate']), /^Basic realm=/);
  }
});

test('an assertion is meant for our endpoint as others reach it, never for what Host says', async (t) => {
  const { ask, credentials, time } = await world(t);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const publicKeys = String(publicKey.export({ format: 'pem', type: 'spki' }));
  const { id } = await credentials.createClient({ connection: 'okta', publicKeys }, 'test');
  const send = async (aud: string, jti: string) => {
    const exp = Math.floor(time.now() / 1000) + 60;
    const assertion = await new SignJWT({ iss: id, sub: id, aud, exp, jti })
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(privateKey);
    const form = new URLSearchParams({ client_assertion_type: ASSERTION_TYPE, client_assertion: assertion });
    return (await ask(`${GRANT}&${form}`, { host: 'evil.test' })).statusCode;
  };
  assert.equal(await send('https://scim.example.test/oauth/token', 'a'), 200);
  assert.equal(await send('https://scim.example.test/oauth/token', 'a'), 401, 'a replay');
  assert.equal(await send('https://evil.test/oauth/token', 'b'), 401);
  assert.equal(await send('https://scim.example.test/', 'c'), 401);
});

test('a client of a connection that is gone gets nothing', async (t) => {
  const { ask, client } = await world(t);
  const { authorization } = await client({ connection: 'gone' });
  const answer = await ask(GRANT, { authorization });
  assert.deepEqual([answer.statusCode, answer.json().error], [401, 'invalid_client']);
});

test('guesses are counted by address; the right client passes', async (t) => {
  const { ask, client } = await world(t, { failures: 2, window: 60_000, addresses: 10 });
  const { authorization } = await client();
  for (let n = 0; n < 2; n++) assert.equal((await ask(GRANT, { authorization: basic('x', 'y') })).statusCode, 401);
  const third = await ask(GRANT, { authorization: basic('x', 'y') });
  assert.deepEqual([third.statusCode, third.json().error], [429, 'temporarily_unavailable']);
  assert.equal(third.headers['retry-after'], '60');
  assert.equal((await ask(GRANT, { authorization })).statusCode, 200);
});

test('no secret, token or assertion is in the log', async (t) => {
  const { ask, client, lines, app } = await world(t);
  const { authorization } = await client();
  const { access_token } = (await ask(`${GRANT}&x=canary`, { authorization })).json();
  await app.inject({ url: `/scim/v2/Users/${access_token}`, headers: { authorization: `Bearer ${access_token}` } });
  await app.inject({ url: `/${access_token}/x` });
  await app.inject({ url: '/eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln' });
  const log = JSON.stringify(lines);
  for (const secret of [access_token, authorization, 'canary', 'eyJzdWIi']) assert.ok(!log.includes(secret), secret);
});

test('the access kind of the token endpoint is for it alone', async (t) => {
  const { app } = await world(t);
  assert.throws(
    () => app.post('/other', { config: { access: 'client' } }, async () => 'x'),
    /\/other is not the token endpoint/,
  );
});

test('without clients there is no token endpoint', async (t) => {
  const made = await serviceWorld(t);
  const { createServer } = await import('../../src/server/app.ts');
  const app = createServer({
    ...made,
    server: {},
    limits: { body: 1000 },
    connections: new Set(['okta']),
    ready: async () => true,
    clock: made.time,
    timers: made.time,
    scim: () => async () => undefined,
    clients: undefined as never,
  });
  t.after(() => app.close());
  assert.equal((await app.inject({ method: 'POST', url: '/oauth/token' })).statusCode, 404);
});

test('a token bound to networks is checked against the address that the choke point knows', async (t) => {
  const server = { externalUrl: 'https://scim.example.test/', behindProxy: ['10.0.0.0/8'] };
  const { app, token, lines } = await serviceWorld(t, { server });
  const headers = await token({ kind: 'scim', connection: 'okta', networks: ['198.51.100.0/24'] });
  const from = (remoteAddress: string, forwarded?: string) =>
    app.inject({
      url: '/scim/v2/Users',
      headers: { ...headers, ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) },
      remoteAddress,
    });
  assert.equal((await from('198.51.100.1')).statusCode, 200);
  assert.equal((await from('10.1.1.1', '198.51.100.1')).statusCode, 200);
  assert.equal((await from('10.1.1.1', '198.51.100.1, 203.0.113.5')).statusCode, 401);
  const forged = await from('192.0.2.1', '198.51.100.1');
  const wrong = await app.inject({ url: '/scim/v2/Users', headers: { authorization: 'Bearer x' } });
  assert.equal(forged.statusCode, 401);
  assert.equal(forged.body, wrong.body);
  assert.ok(lines.some(({ fields }) => fields.client === '192.0.2.1' && fields.credential !== undefined));
});
