import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { ACCESS_SECONDS, formatAccess, parseAccess } from '../../src/credentials/accessToken.ts';
import { SCIM_SCOPES } from '../../src/credentials/credentials.ts';
import { ASSERTION_TYPE } from '../../src/credentials/oauth/proof.ts';
import { formatToken, parseToken } from '../../src/credentials/tokenText.ts';
import { settle } from '../sim/time.ts';
import { bearer, code, credentialWorld } from './world.ts';

const ENDPOINT = 'https://scim.example.test/oauth/token';
const CLIENT = code('AUTH_CLIENT');
const DAY = 86_400_000;
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string => String(key.export({ format: 'pem', type: 'spki' }));
const basic = (id: string, secret: string): string => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

async function world(t: TestContext) {
  const made = await credentialWorld(t);
  const ask = (authorization: string | undefined, form: Record<string, string> = {}, from = '192.0.2.1') =>
    made.clients.authenticate({ authorization, form: new Map(Object.entries(form)), from, endpoint: ENDPOINT });
  const withSecret = async (more: object = {}) => {
    const client = await made.credentials.createClient({ connection: 'okta', ...more }, 'ana');
    return { ...client, token: client.token ?? assert.fail('no secret') };
  };
  const withKey = () => made.credentials.createClient({ connection: 'okta', publicKeys: pem(pair.publicKey) }, 'ana');
  const seconds = (): number => Math.floor(made.clock.now() / 1000);
  const sign = (
    id: string,
    claims: Record<string, unknown> = {},
    key: KeyObject = pair.privateKey,
    header: object = {},
  ) =>
    new SignJWT({ iss: id, sub: id, aud: ENDPOINT, exp: seconds() + 300, jti: 'one', ...claims })
      .setProtectedHeader({ alg: 'ES256', ...header })
      .sign(key);
  const assertion = (client_assertion: string) => ({ client_assertion, client_assertion_type: ASSERTION_TYPE });
  return { ...made, ask, withSecret, withKey, sign, assertion, seconds };
}

test('a client with a secret gets a token that opens SCIM for its connection, for fifteen minutes', async (t) => {
  const { ask, withSecret, clients, credentials, time } = await world(t);
  const { id, token } = await withSecret({ scopes: ['users', 'groups:read'] });
  const client = await ask(basic(id, token));
  assert.equal(client.method, 'client_secret_basic');
  const issued = await clients.issue(client, undefined);
  assert.equal(issued.token_type, 'Bearer');
  assert.equal(issued.expires_in, ACCESS_SECONDS);
  assert.deepEqual(issued.scope.split(' '), ['groups:read', 'users:read', 'users:write']);
  const found = await credentials.verify(bearer(issued.access_token), 'scim');
  assert.deepEqual([found.id, found.kind, found.connection], [id, 'scim', 'okta']);
  assert.equal(found.expiresAt, new Date(time.now() + ACCESS_SECONDS * 1000).toISOString());
  assert.deepEqual([...found.scopes].sort(), ['groups:read', 'users:read', 'users:write']);
  await time.advance(ACCESS_SECONDS * 1000 - 1);
  await credentials.verify(bearer(issued.access_token), 'scim');
  await time.advance(1);
  await assert.rejects(credentials.verify(bearer(issued.access_token), 'scim'), code('AUTH_INVALID'));
});

test('the secret of a client is no bearer token, and a bearer token is no client', async (t) => {
  const { ask, withSecret, credentials } = await world(t);
  const { token } = await withSecret();
  for (const kind of ['scim', 'metrics', 'operator'] as const)
    await assert.rejects(credentials.verify(bearer(token), kind), code('AUTH_INVALID'));
  const scim = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  await assert.rejects(ask(basic(scim.id, scim.token)), CLIENT);
});

test('an access token opens SCIM only', async (t) => {
  const { ask, withSecret, clients, credentials } = await world(t);
  const { id, token } = await withSecret();
  const { access_token } = await clients.issue(await ask(basic(id, token)), undefined);
  for (const kind of ['metrics', 'operator', 'client'] as const)
    await assert.rejects(credentials.verify(bearer(access_token), kind), code('AUTH_INVALID'));
});

test('wrong, mixed up, revoked, expired and missing: one answer', async (t) => {
  const { ask, withSecret, credentials, time, later } = await world(t);
  const one = await withSecret();
  const two = await withSecret();
  const revoked = await withSecret();
  const expired = await withSecret({ expiresAt: later(1) });
  await credentials.revoke(revoked.id, 'ana');
  await time.advance(1);
  const wrong = [
    undefined,
    '',
    'Basic',
    'Basic !!!',
    bearer(one.token),
    basic(one.id, two.token),
    basic(one.id, ''),
    basic('', one.token),
    basic(one.id, `${one.token}x`),
    basic(revoked.id, revoked.token),
    basic(expired.id, expired.token),
    basic('%zz', '%zz'),
    `Basic ${'A'.repeat(1e6)}`,
  ];
  for (const authorization of wrong) await assert.rejects(ask(authorization), CLIENT, authorization?.slice(0, 60));
  await assert.rejects(ask(basic(one.id, one.token), { client_id: two.id }), CLIENT);
  await ask(basic(one.id, one.token), { client_id: one.id });
});

test('a secret that is well formed but not the one of the client opens nothing', async (t) => {
  const { ask, withSecret, withKey } = await world(t);
  const one = await withSecret();
  const another = await withSecret();
  const signing = await withKey();
  const { secret } = parseToken(another.token) ?? assert.fail('it has a secret');
  for (const id of [one.id, signing.id, '00000000-0000-4000-8000-000000000000'])
    for (const tried of [secret, new Uint8Array(32)])
      await assert.rejects(ask(basic(id, formatToken({ id, secret: tried }))), CLIENT, id);
  await ask(basic(one.id.toUpperCase(), one.token));
});

test('a client that ends between its proof and its token gets none', async (t) => {
  const { ask, withSecret, clients, credentials, time, store, later } = await world(t);
  const asked = async (more: object = {}) => {
    const { id, token } = await withSecret(more);
    return ask(basic(id, token));
  };
  const revoked = await asked();
  await credentials.revoke(revoked.id, 'ana');
  const gone = await asked();
  await store.write(({ db }) => db.deleteFrom('tokens').where('id', '=', gone.id).execute());
  const expired = await asked({ expiresAt: later(1_000) });
  await time.advance(1_000);
  for (const client of [revoked, gone, expired]) await assert.rejects(clients.issue(client, undefined), CLIENT);
});

test('a client is seen at the token endpoint, and its refusals are in the log', async (t) => {
  const { ask, withSecret, credentials, time, told } = await world(t);
  const { id, token } = await withSecret();
  await ask(basic(id, token));
  await settle();
  assert.equal((await credentials.list())[0]?.lastUsedAt, new Date(time.now()).toISOString());
  await assert.rejects(ask(basic(id, token), { client_id: 'another' }), CLIENT);
  await assert.rejects(ask('Basic x'), CLIENT);
  assert.deepEqual(
    told.map(({ message, fields }) => [message, fields.client]),
    [
      ['a client was refused', id],
      ['a client was refused', undefined],
    ],
  );
});

test('id and secret may be form-encoded, as RFC 6749 §2.3.1 wants it', async (t) => {
  const { ask, withSecret } = await world(t);
  const { id, token } = await withSecret();
  const encoded = (text: string): string => text.replaceAll('-', '%2D').replaceAll('_', '%5f');
  assert.equal((await ask(basic(encoded(id), encoded(token)))).id, id);
});

test('a secret may come in the body, with the client it is of', async (t) => {
  const { ask, withSecret } = await world(t);
  const { id, token } = await withSecret();
  assert.equal((await ask(undefined, { client_id: id, client_secret: token })).id, id);
  assert.equal((await ask(undefined, { client_id: id.toUpperCase(), client_secret: token })).id, id, 'RFC 9562 §4');
  const other = await withSecret();
  for (const fields of [
    { client_secret: token },
    { client_id: other.id, client_secret: token },
    { client_id: id, client_secret: `${token}x` },
    { client_id: id, client_secret: 'jscim_x' },
    { client_id: id },
  ])
    await assert.rejects(ask(undefined, fields), CLIENT, JSON.stringify(fields));
});

test('two ways at once are refused by name', async (t) => {
  const { ask, withSecret, assertion } = await world(t);
  const { id, token } = await withSecret();
  const posted = { client_id: id, client_secret: token };
  await assert.rejects(ask(basic(id, token), assertion('x.y.z')), code('AUTH_REQUEST'));
  await assert.rejects(ask(basic(id, token), posted), code('AUTH_REQUEST'));
  await assert.rejects(ask(undefined, { ...posted, ...assertion('x.y.z') }), code('AUTH_REQUEST'));
});

test('a client is bound to its networks at the token endpoint, and so are its tokens', async (t) => {
  const { ask, withSecret, clients, credentials } = await world(t);
  const { id, token } = await withSecret({ networks: ['192.0.2.0/24'] });
  await assert.rejects(ask(basic(id, token), {}, '198.51.100.1'), CLIENT);
  const { access_token } = await clients.issue(await ask(basic(id, token)), undefined);
  await credentials.verify(bearer(access_token), 'scim', '192.0.2.9');
  await assert.rejects(credentials.verify(bearer(access_token), 'scim', '198.51.100.1'), code('AUTH_INVALID'));
});

test('fewer scopes may be asked for, others not', async (t) => {
  const { ask, withSecret, clients, credentials } = await world(t);
  const { id, token } = await withSecret({ scopes: ['users'] });
  const client = await ask(basic(id, token));
  const { access_token, scope } = await clients.issue(client, 'users:read');
  assert.equal(scope, 'users:read');
  assert.deepEqual((await credentials.verify(bearer(access_token), 'scim')).scopes, ['users:read']);
  for (const asked of ['groups:read', 'users:read groups:write', 'admin', ' ', 'users:read  users:write'])
    await assert.rejects(clients.issue(client, asked), code('AUTH_SCOPES'), asked);
});

test('a token never outlives its client', async (t) => {
  const { ask, withSecret, clients, later } = await world(t);
  const { id, token } = await withSecret({ expiresAt: later(60_000) });
  assert.equal((await clients.issue(await ask(basic(id, token)), undefined)).expires_in, 60);
});

test('whatever ends or changes the client ends its access tokens at once', async (t) => {
  const { ask, withSecret, clients, credentials, rotations, store } = await world(t);
  const issue = async () => {
    const { id, token } = await withSecret();
    return { id, ...(await clients.issue(await ask(basic(id, token)), undefined)) };
  };
  const revoked = await issue();
  await credentials.revoke(revoked.id, 'ana');
  const rotated = await issue();
  await rotations.start({ id: rotated.id }, 'ana');
  await credentials.verify(bearer(rotated.access_token), 'scim');
  await rotations.complete(rotated.id, 'ana');
  for (const edit of [
    { connection: 'entra' },
    { scopes: '["users:read"]' },
    { expires_at: null, created_by: 'x' },
    { mac: '' },
  ]) {
    const edited = await issue();
    await store.write(({ db }) => db.updateTable('tokens').set(edit).where('id', '=', edited.id).execute());
    await assert.rejects(credentials.verify(bearer(edited.access_token), 'scim'), code('AUTH_INVALID'));
  }
  for (const { access_token } of [revoked, rotated])
    await assert.rejects(credentials.verify(bearer(access_token), 'scim'), code('AUTH_INVALID'));
});

test('an access token with any other claim or MAC is not valid', async (t) => {
  const { ask, withSecret, clients, credentials, keys } = await world(t);
  keys.byVersion.set(2, new Uint8Array(32).fill(2));
  const one = await withSecret({ scopes: ['users:read'] });
  const two = await withSecret();
  const { access_token } = await clients.issue(await ask(basic(one.id, one.token)), undefined);
  const { mac, ...claims } = parseAccess(access_token)!;
  await credentials.verify(bearer(formatAccess(claims, mac)), 'scim');
  for (const change of [
    { client: two.id },
    { client: '00000000-0000-4000-8000-000000000000' },
    { expires: claims.expires + 1 },
    { scopes: SCIM_SCOPES },
    { scopes: [] },
    { version: 2 },
    { version: 3 },
  ])
    await assert.rejects(
      credentials.verify(bearer(formatAccess({ ...claims, ...change }, mac)), 'scim'),
      code('AUTH_INVALID'),
      JSON.stringify(change),
    );
  await assert.rejects(credentials.verify(bearer(formatAccess(claims, '0'.repeat(64))), 'scim'), code('AUTH_INVALID'));
});

test('access tokens survive formatting; one wrong character does not', () => {
  const claims = fc.record({
    client: fc.uuid(),
    expires: fc.nat(2 ** 31),
    scopes: fc.subarray([...SCIM_SCOPES]),
    version: fc.nat(1000),
  });
  const mac = 'ab'.repeat(32);
  fc.assert(
    fc.property(claims, fc.nat(130), fc.constantFrom(...'0123456789abcdefxyz_'), (value, at, letter) => {
      const text = formatAccess(value, mac);
      assert.deepEqual(parseAccess(text), { ...value, mac });
      fc.pre(text[at] !== letter);
      assert.equal(parseAccess(text.slice(0, at) + letter + text.slice(at + 1)), undefined);
    }),
  );
});

test('a client with a key signs assertions; each works once', async (t) => {
  const { ask, withKey, sign, assertion, clients, credentials, time } = await world(t);
  const made = await withKey();
  assert.equal(made.token, null);
  assert.equal(made.method, 'private_key_jwt');
  const first = assertion(await sign(made.id));
  const client = await ask(undefined, first);
  await credentials.verify(bearer((await clients.issue(client, undefined)).access_token), 'scim');
  await assert.rejects(ask(undefined, first), CLIENT, 'a replay');
  await assert.rejects(
    ask(undefined, assertion(await sign(made.id, { exp: Math.floor(time.now() / 1000) + 301 }))),
    CLIENT,
  );
  await ask(undefined, assertion(await sign(made.id, { jti: 'two' })));
});

test('of the same assertion sent many times at once one counts', async (t) => {
  const { ask, withKey, sign, assertion } = await world(t);
  const { id } = await withKey();
  const form = assertion(await sign(id));
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => ask(undefined, form)));
  assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('assertions that were used are remembered a month longer than they are valid, and then forgotten', async (t) => {
  const { ask, withKey, sign, assertion, store, time, leap, seen } = await world(t);
  const { id } = await withKey();
  const form = assertion(await sign(id));
  const known = async (jti: string): Promise<number> => {
    await ask(undefined, assertion(await sign(id, { jti })));
    return (await store.read((db) => db.selectFrom('assertions').selectAll().execute())).length;
  };
  await ask(undefined, form);
  await time.advance(300_000 + 59_000);
  await assert.rejects(ask(undefined, form), CLIENT, 'within the skew it is still a replay');
  await time.advance(2_000);
  await seen();
  assert.equal(await known('new'), 2);
  leap(-400_000);
  await assert.rejects(ask(undefined, form), CLIENT, 'the clock went back');
  leap(300 * DAY);
  assert.equal(await known('ahead'), 3, 'nothing is forgotten by a clock that leapt');
  leap(400_000 - 300 * DAY);
  await time.advance(30 * DAY + 300_000 + 61_000);
  await seen();
  assert.equal(await known('later'), 2, 'of the others one is of the time that was never');
});

test('an assertion that was used and is forgotten is refused where the clock is set back by more than a month; others are not by less', async (t) => {
  const { ask, withKey, sign, assertion, time, leap, seen, told } = await world(t);
  const { id } = await withKey();
  const form = assertion(await sign(id));
  await ask(undefined, form);
  await time.advance(33 * DAY);
  await seen();
  await ask(undefined, assertion(await sign(id, { jti: 'later' })));
  leap(-29 * DAY);
  await ask(undefined, assertion(await sign(id, { jti: 'back' })));
  leap(-4 * DAY);
  await assert.rejects(ask(undefined, form), CLIENT);
  assert.match(String(told.at(-1)!.fields.reason), /clock was set back/);
});

test('a forged or misplaced assertion is refused', async (t) => {
  const { ask, withKey, withSecret, sign, assertion, seconds, credentials } = await world(t);
  const { id } = await withKey();
  const secret = await withSecret();
  const revoked = await withKey();
  await credentials.revoke(revoked.id, 'ana');
  const now = seconds();
  const unsigned = (header: object, claims: object): string =>
    `${[header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
  const claims = { iss: id, sub: id, aud: ENDPOINT, exp: now + 300, jti: 'x' };
  const hs256 = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(pem(pair.publicKey)));
  const good = await sign(id, { jti: 'g' });
  const cases: Record<string, string> = {
    'another key': await sign(id, { jti: 'a' }, other.privateKey),
    'key in the header': await sign(id, { jti: 'b' }, other.privateKey, {
      jwk: other.publicKey.export({ format: 'jwk' }),
    }),
    'no audience': await sign(id, { aud: undefined }),
    'audience of another service': await sign(id, { aud: 'https://elsewhere.test/oauth/token' }),
    expired: await sign(id, { exp: now - 61 }),
    'no expiry': await sign(id, { exp: undefined }),
    'too long a life': await sign(id, { exp: now + 3600 + 61 }),
    'not yet': await sign(id, { nbf: now + 61 }),
    'no jti': await sign(id, { jti: undefined }),
    'empty jti': await sign(id, { jti: '' }),
    'jti of another type': await sign(id, { jti: 7 }),
    'huge jti': await sign(id, { jti: 'j'.repeat(257) }),
    'another subject': await sign(id, { sub: secret.id }),
    'another issuer': await sign(id, { iss: secret.id }),
    'a client with a secret': await sign(secret.id),
    'unknown client': await sign('00000000-0000-4000-8000-000000000000'),
    'client id that is none': await sign('x'),
    'revoked client': await sign(revoked.id),
    'critical extension': await sign(id, {}, pair.privateKey, { crit: ['b64'], b64: true }),
    'alg none': unsigned({ alg: 'none' }, claims),
    'alg none, signature kept': unsigned({ alg: 'none' }, claims) + good.split('.')[2],
    'HS256 with the public key': hs256,
    'payload exchanged': [
      good.split('.')[0],
      unsigned({}, { ...claims, jti: 'h' }).split('.')[1],
      good.split('.')[2],
    ].join('.'),
    huge: `${good}${'A'.repeat(10_000)}`,
    empty: '.',
    'no JWT': 'x',
  };
  for (const [name, text] of Object.entries(cases)) await assert.rejects(ask(undefined, assertion(text)), CLIENT, name);
  await assert.rejects(ask(undefined, { client_assertion: good }), CLIENT, 'the type is missing');
  await assert.rejects(
    ask(undefined, {
      client_assertion: good,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
    }),
    CLIENT,
  );
  await ask(undefined, assertion(good));
});

test('the log says why a client was refused, and nothing of what it sent', async (t) => {
  const { ask, withKey, withSecret, sign, assertion, seconds, told } = await world(t);
  const { id } = await withKey();
  const secret = await withSecret();
  const now = seconds();
  const mistyped = basic(
    secret.id,
    secret.token.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
  );
  const cases: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
    [() => ask(undefined, {}), /did not say who it is/],
    [() => ask(mistyped, {}), /no id and secret of ours in it, or they are mistyped/],
    [async () => ask(undefined, assertion(await sign(id, { exp: now - 61 }))), /it has expired/],
    [async () => ask(undefined, assertion(await sign(id, {}, other.privateKey))), /its signature is wrong/],
    [async () => ask(undefined, assertion(await sign(id, { aud: 'x' }))), /its claim aud is wrong.*oauth\/token/],
  ];
  for (const [attempt, expected] of cases) {
    told.length = 0;
    await assert.rejects(attempt(), CLIENT);
    assert.match(String(told[0]?.fields.reason), expected);
  }
});

test('the public key is sealed with the row: another one in the database opens nothing', async (t) => {
  const { ask, withKey, sign, assertion, store } = await world(t);
  const { id } = await withKey();
  const jwks = JSON.stringify({ keys: [other.publicKey.export({ format: 'jwk' })] });
  await store.write(({ db }) => db.updateTable('tokens').set({ jwks }).where('id', '=', id).execute());
  await assert.rejects(ask(undefined, assertion(await sign(id, {}, other.privateKey))), CLIENT);
});

test('a client may have several keys, told apart by kid', async (t) => {
  const { ask, credentials, sign, assertion } = await world(t);
  const keys = [
    { ...pair.publicKey.export({ format: 'jwk' }), kid: 'a' },
    { ...other.publicKey.export({ format: 'jwk' }), kid: 'b' },
  ];
  const { id } = await credentials.createClient({ connection: 'okta', publicKeys: JSON.stringify({ keys }) }, 'ana');
  await ask(undefined, assertion(await sign(id, { jti: '1' }, pair.privateKey, { kid: 'a' })));
  await ask(undefined, assertion(await sign(id, { jti: '2' }, other.privateKey, { kid: 'b' })));
  await ask(undefined, assertion(await sign(id, { jti: '3' }, other.privateKey)));
  await assert.rejects(ask(undefined, assertion(await sign(id, { jti: '4' }, other.privateKey, { kid: 'a' }))), CLIENT);
  await assert.rejects(ask(undefined, assertion(await sign(id, { jti: '5' }, other.privateKey, { kid: 'c' }))), CLIENT);
});

test('only public keys that are worth something are taken', async (t) => {
  const { credentials } = await world(t);
  const order = (publicKeys: string) => credentials.createClient({ connection: 'okta', publicKeys }, 'ana');
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const wrong = [
    '',
    'x',
    '{',
    '{"keys":[]}',
    '{"keys":[7]}',
    '{"keys":{}}',
    JSON.stringify({ kty: 'oct', k: 'AAAA' }),
    JSON.stringify(pair.privateKey.export({ format: 'jwk' })),
    String(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })),
    pem(weak.publicKey),
    pem(curve.publicKey),
    JSON.stringify({ keys: Array.from({ length: 11 }, () => pair.publicKey.export({ format: 'jwk' })) }),
    `{"kty":"EC","x":"${'A'.repeat(70_000)}"}`,
    JSON.stringify({ ...pair.publicKey.export({ format: 'jwk' }), use: 'enc' }),
    JSON.stringify({ ...pair.publicKey.export({ format: 'jwk' }), key_ops: ['deriveKey'] }),
    JSON.stringify({ ...pair.publicKey.export({ format: 'jwk' }), alg: 'ECDH-ES' }),
  ];
  for (const text of wrong) await assert.rejects(order(text), code('AUTH_ORDER'), text.slice(0, 60));
  for (const key of [generateKeyPairSync('rsa', { modulusLength: 2048 }), generateKeyPairSync('ed25519')])
    assert.equal((await order(pem(key.publicKey))).method, 'private_key_jwt');
  await assert.rejects(
    credentials.create({ kind: 'scim', connection: 'okta', publicKeys: pem(pair.publicKey) } as never, 'ana'),
    code('AUTH_ORDER'),
  );
});

test('a rotation of a client that signs needs its new key, and one with a secret takes none', async (t) => {
  const { withKey, withSecret, rotations, credentials, ask, sign, assertion } = await world(t);
  const signing = await withKey();
  await assert.rejects(rotations.start({ id: signing.id }, 'ana'), /give the new public key of the client/);
  const next = await rotations.start({ id: signing.id, publicKeys: pem(other.publicKey) }, 'ana');
  assert.equal(next.token, null);
  await ask(undefined, assertion(await sign(signing.id)));
  await ask(undefined, assertion(await sign(next.id, {}, other.privateKey)));
  const secret = await withSecret();
  const order = { id: secret.id, publicKeys: pem(other.publicKey) };
  await assert.rejects(rotations.start(order, 'ana'), code('AUTH_ROTATION'));
  const token = await credentials.create({ kind: 'scim', connection: 'okta' }, 'ana');
  const strange = rotations.start({ id: token.id, publicKeys: pem(other.publicKey) }, 'ana');
  await assert.rejects(strange, /only an OAuth client has a public key/);
});
