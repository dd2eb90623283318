import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { SILENT } from '../../src/access/ports/log.ts';
import type { JwtConfig } from '../../src/config/jwt.ts';
import { jwt } from '../../src/config/jwt.ts';
import { markCompromised } from '../../src/credentials/compromise.ts';
import { createExternalTokens } from '../../src/credentials/external/externalTokens.ts';
import { FRESH, KEEP, PAUSE } from '../../src/credentials/external/issuerKeys.ts';
import { readKeySet, unreadIssuers } from '../../src/credentials/external/keySet.ts';
import { SimulatedTime, settle } from '../sim/time.ts';
import { bearer, code, credentialWorld, FakeKeys } from './world.ts';

const INVALID = code('AUTH_INVALID');
const UNKNOWN = code('AUTH_KEYS');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKey = (pair: { publicKey: KeyObject }, kid?: string): object => ({
  ...pair.publicKey.export({ format: 'jwk' }),
  ...(kid === undefined ? {} : { kid }),
  use: 'sig',
});

const ISSUER = 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/';
const entra = jwt.parse({
  issuer: ISSUER,
  audience: '8adf8e6e-67b2-4cf2-a259-e3dc5476c621',
  tenant: '11111111-2222-3333-4444-555555555555',
  caller: { claim: 'appid', value: '00000014-0000-0000-c000-000000000000' },
});

async function world(t: TestContext, options: { jwt?: JwtConfig; more?: { name: string; jwt: JwtConfig }[] } = {}) {
  const http = new FakeKeys([publicKey(rsa, 'r1'), publicKey(ec, 'e1')]);
  const connections = [{ name: 'okta' }, { name: 'entra', jwt: options.jwt ?? entra }, ...(options.more ?? [])];
  const made = await credentialWorld(t, { connections, http });
  const seconds = (): number => Math.floor(made.time.now() / 1000);
  const sign = (claims: object = {}, header: object = {}, key: KeyObject | Uint8Array = ec.privateKey) =>
    new SignJWT({
      ...{ iss: ISSUER, aud: entra.audience, tid: entra.tenant, appid: entra.caller.value },
      ...{ iat: seconds(), nbf: seconds(), exp: seconds() + 3600 },
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'e1', typ: 'JWT', ...header })
      .sign(key);
  const verify = async (text: string | Promise<string>, from = '192.0.2.1') =>
    made.credentials.verify(bearer(await text), 'scim', from);
  return { ...made, http, sign, verify, seconds };
}

test('a JWT of the pinned issuer, audience, tenant and caller opens the connection', async (t) => {
  const { verify, sign, seconds } = await world(t);
  const found = await verify(sign());
  assert.deepEqual([found.id, found.kind, found.connection], ['jwt:entra', 'scim', 'entra']);
  assert.equal(found.expiresAt, new Date((seconds() + 3600) * 1000).toISOString());
  assert.equal(found.scopes.length, 4);
  await verify(sign({ aud: ['x', entra.audience] }));
  await verify(sign({}, { alg: 'RS256', kid: 'r1' }, rsa.privateKey));
  await verify(sign({}, { alg: 'PS256', kid: 'r1', typ: undefined }, rsa.privateKey));
});

test('it is a token of SCIM only', async (t) => {
  const { credentials, sign } = await world(t);
  for (const kind of ['metrics', 'operator', 'client'] as const)
    await assert.rejects(credentials.verify(bearer(await sign()), kind), INVALID);
});

test('with any pin wrong, missing or of another type it is refused, before any key is asked for', async (t) => {
  const { verify, sign, http } = await world(t);
  const wrong: object[] = [
    { iss: 'https://sts.windows.net/66666666-2222-3333-4444-555555555555/' },
    { iss: ISSUER.slice(0, -1) },
    { iss: `${ISSUER}v2.0` },
    { iss: ISSUER.toUpperCase() },
    { iss: [ISSUER] },
    { iss: undefined },
    { aud: 'another' },
    { aud: [] },
    { aud: [['8adf8e6e-67b2-4cf2-a259-e3dc5476c621']] },
    { aud: undefined },
    { tid: '66666666-2222-3333-4444-555555555555' },
    { tid: undefined },
    { tid: { toString: entra.tenant } },
    { appid: '00000003-0000-0000-c000-000000000000' },
    { appid: undefined },
    { appid: [entra.caller.value] },
  ];
  for (const claims of wrong) await assert.rejects(verify(sign(claims)), INVALID, JSON.stringify(claims));
  assert.equal(http.asked, 0);
});

test('the log says which pin is wrong, and nothing of the token', async (t) => {
  const { verify, sign, told } = await world(t);
  const reasons = [{ iss: 'x' }, { aud: 'x' }, { tid: 'x' }, { appid: 'x' }];
  for (const claims of reasons) await assert.rejects(verify(sign({ ...claims, secretClaim: 'canary' })), INVALID);
  assert.deepEqual(
    told.map(({ fields }) => String(fields.reason).replace(/.*its (\w+) is.*/, '$1')),
    ['issuer', 'audience', 'tenant', 'caller'],
  );
  assert.ok(!JSON.stringify(told).includes('canary'));
});

test('forged, unsigned, confused and tampered tokens are refused', async (t) => {
  const { verify, sign, seconds } = await world(t);
  const good = await sign();
  const [head = '', body = '', signature = ''] = good.split('.');
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
  const publicPem = String(ec.publicKey.export({ format: 'pem', type: 'spki' }));
  const secret = new TextEncoder().encode(publicPem);
  const jwk = next.publicKey.export({ format: 'jwk' });
  const forged: Record<string, string> = {
    'alg none': `${part({ alg: 'none' })}.${body}.`,
    'alg None': `${part({ alg: 'None', kid: 'e1' })}.${body}.AA`,
    'alg none with a signature': `${part({ alg: 'none', kid: 'e1' })}.${body}.${signature}`,
    'no alg': `${part({ kid: 'e1' })}.${body}.${signature}`,
    'alg in a list': `${part({ alg: ['ES256'], kid: 'e1' })}.${body}.${signature}`,
    'HS256 with the public key': await sign({}, { alg: 'HS256' }, secret),
    'HS256 with the public key, kid of RSA': await sign({}, { alg: 'HS256', kid: 'r1' }, secret),
    'another key': await sign({}, {}, next.privateKey),
    'key in the header': await sign({}, { jwk }, next.privateKey),
    jku: await sign({}, { jku: 'https://evil.test/keys' }, next.privateKey),
    x5u: await sign({}, { x5u: 'https://evil.test/cert' }, next.privateKey),
    x5c: await sign({}, { x5c: ['MIIB'] }, next.privateKey),
    'kid of another type of key': await sign({}, { kid: 'r1' }),
    'critical extension': await sign({}, { crit: ['b64'], b64: true }),
    'security event token': await sign({}, { typ: 'secevent+jwt' }),
    'logout token': await sign({}, { typ: 'logout+jwt' }),
    'payload exchanged': `${head}.${part({ ...claims, exp: seconds() + 9999 })}.${signature}`,
    'signature cut': `${head}.${body}.${signature.slice(0, -4)}`,
    'no signature': `${head}.${body}.`,
    'five parts (JWE)': `${good}.AA.AA`,
    expired: await sign({ exp: seconds() - 61 }),
    'no expiry': await sign({ exp: undefined }),
    'expiry as text': await sign({ exp: String(seconds() + 60) as never }),
    'not yet': await sign({ nbf: seconds() + 61 }),
    huge: await sign({ padding: 'x'.repeat(10_000) }),
    'a million letters': `${head}.${'A'.repeat(1_000_000)}.${signature}`,
    'payload that is no object': `${head}.${Buffer.from('[1]').toString('base64url')}.${signature}`,
    'payload that is no JSON': `${head}.AAAA.${signature}`,
    'header that is no JSON': `AAAA.${body}.${signature}`,
  };
  for (const [name, text] of Object.entries(forged)) await assert.rejects(verify(text), INVALID, name);
  await verify(good);
});

test('jku, x5u and jwk of a header are ignored even where the signature is right', async (t) => {
  const { verify, sign, http } = await world(t);
  const jwk = next.publicKey.export({ format: 'jwk' });
  assert.equal(
    (await verify(sign({}, { jku: 'https://evil.test/', x5u: 'https://evil.test/', jwk }))).connection,
    'entra',
  );
  assert.equal(http.asked, 1);
});

test('clocks may differ by a minute, not more', async (t) => {
  const { verify, sign, seconds } = await world(t);
  await verify(sign({ exp: seconds() - 59 }));
  await verify(sign({ nbf: seconds() + 59 }));
  await assert.rejects(verify(sign({ exp: seconds() - 60 })), INVALID);
  await assert.rejects(verify(sign({ nbf: seconds() + 61 })), INVALID);
});

test('a time that is no date, however far away, harms nobody: it is signed, and so it is taken or refused', async (t) => {
  const { verify, sign, seconds } = await world(t);
  for (const far of [1e13, 1e20, Number.MAX_VALUE]) {
    assert.equal((await verify(sign({ exp: far }))).connection, 'entra', `exp ${far}`);
    await verify(sign({ iat: -far })).catch((error: Error) => assert.ok(INVALID(error), `iat ${-far}: ${error.stack}`));
    await assert.rejects(verify(sign({ nbf: far })), INVALID);
  }
  await assert.rejects(verify(sign({ exp: -1e20 })), INVALID);
  assert.equal((await verify(sign({ iat: seconds() + 0.5 }))).connection, 'entra');
});

test('keys without an id: the one that fits is found, whichever curve comes first', async (t) => {
  const { verify, sign, http } = await world(t);
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  http.set([publicKey(p384), publicKey(next), publicKey(ec)]);
  await verify(sign({}, { kid: undefined }));
  await verify(sign({}, { kid: 'anything' }));
});

test('only algorithms of the connection count', async (t) => {
  const { verify, sign } = await world(t, { jwt: { ...entra, algorithms: ['RS256'] } });
  await verify(sign({}, { alg: 'RS256', kid: 'r1' }, rsa.privateKey));
  await assert.rejects(verify(sign({}, { alg: 'PS256', kid: 'r1' }, rsa.privateKey)), INVALID);
  await assert.rejects(verify(sign()), INVALID);
});

test('scopes and networks of the connection hold', async (t) => {
  const { verify, sign } = await world(t, { jwt: { ...entra, scopes: ['users:read'], networks: ['10.0.0.0/8'] } });
  assert.deepEqual((await verify(sign(), '10.1.1.1')).scopes, ['users:read']);
  await assert.rejects(verify(sign(), '192.0.2.1'), INVALID);
});

test('of two connections with one issuer the caller decides', async (t) => {
  const jwtOfB = { ...entra, caller: { claim: 'appid', value: 'b' } };
  const { verify, sign, http } = await world(t, { more: [{ name: 'b', jwt: jwtOfB }] });
  assert.equal((await verify(sign())).connection, 'entra');
  assert.equal((await verify(sign({ appid: 'b' }))).connection, 'b');
  await assert.rejects(verify(sign({ appid: 'c' })), INVALID);
  assert.equal(http.asked, 1, 'one issuer is asked once');
});

test('keys are asked for once and kept; after ten minutes they are asked for again', async (t) => {
  const { verify, sign, http, time } = await world(t);
  for (let n = 0; n < 5; n++) await verify(sign());
  assert.equal(http.asked, 1);
  await time.advance(FRESH);
  await verify(sign());
  await settle();
  assert.equal(http.asked, 1, 'they are fresh');
  await time.advance(1);
  for (let n = 0; n < 5; n++) await verify(sign());
  assert.equal(http.asked, 2);
});

test('a key that the issuer took away while nobody called opens nothing', async (t) => {
  const { verify, sign, http, time } = await world(t);
  await verify(sign());
  http.set([publicKey(next, 'n1')]);
  await time.advance(FRESH + 1);
  await assert.rejects(verify(sign()), INVALID);
});

test('who calls while an issuer does not answer waits for it once, not each time', async (t) => {
  const { verify, sign, http, time } = await world(t);
  await verify(sign());
  http.breaks();
  await time.advance(FRESH + 1);
  await verify(sign());
  http.answer = () => new Promise(() => {});
  await time.advance(PAUSE);
  await verify(sign());
  assert.equal(http.asked, 3);
});

test('many requests at once make one question', async (t) => {
  const { verify, sign, http } = await world(t);
  const text = await sign();
  await Promise.all(Array.from({ length: 20 }, () => verify(text)));
  assert.equal(http.asked, 1);
});

test('of the key ids that an issuer is found not to have a hundred are remembered; of others nobody can say it', async (t) => {
  const { verify, sign, time } = await world(t);
  await verify(sign());
  await time.advance(PAUSE);
  const texts = await Promise.all(Array.from({ length: 101 }, (_, n) => sign({}, { kid: `guess-${n}` })));
  const refusals = async () =>
    (await Promise.allSettled(texts.map((text) => verify(text)))).map((one) => {
      assert.ok(one.status === 'rejected');
      return (one.reason as { code: string }).code;
    });
  assert.deepEqual(new Set(await refusals()), new Set(['AUTH_INVALID']), 'one question for all of them');
  const unknown = (await refusals()).filter((refusal) => refusal === 'AUTH_KEYS').length;
  assert.equal(unknown, 3, 'the two that it had are among the hundred');
});

test('of very many keys the first hundred are looked at', async () => {
  const keys = Array.from({ length: 150 }, (_, n) => publicKey(ec, `e${n}`));
  const found = await readKeySet('https://issuer.test/keys', new FakeKeys(keys));
  assert.deepEqual([found.length, found.at(-1)?.kid], [100, 'e99']);
});

test('a new key id makes it ask again, at most every 30 seconds', async (t) => {
  const { verify, sign, http, time } = await world(t);
  await verify(sign());
  await time.advance(PAUSE);
  for (let n = 0; n < 3; n++)
    await assert.rejects(verify(sign({}, { kid: 'guess' })), INVALID, 'the issuer has none such');
  for (let n = 0; n < 3; n++) await assert.rejects(verify(sign({}, { kid: `guess-${n}` })), UNKNOWN);
  assert.equal(http.asked, 2, 'guesses do not make a flood');
  http.set([publicKey(next, 'n1')]);
  const fresh = () => verify(sign({}, { kid: 'n1' }, next.privateKey));
  await assert.rejects(
    fresh(),
    UNKNOWN,
    'within the pause nobody can say: a provider that has changed its key tries again',
  );
  await time.advance(PAUSE);
  await verify(sign({}, { kid: 'n1' }, next.privateKey));
  assert.equal(http.asked, 3);
  await assert.rejects(verify(sign()), INVALID, 'the issuer took the old key away');
});

test('a new key under the same id, or without any, is asked for when a signature is wrong, at most every 30 seconds', async (t) => {
  for (const kid of ['e1', undefined]) {
    const { verify, sign, http, time } = await world(t);
    http.set([publicKey(ec, kid)]);
    const fresh = () => verify(sign({}, { kid }, next.privateKey));
    await verify(sign({}, { kid }));
    http.set([publicKey(next, kid)]);
    for (let n = 0; n < 3; n++) await assert.rejects(fresh(), INVALID, 'not within the pause');
    assert.equal(http.asked, 1);
    await time.advance(PAUSE);
    await fresh();
    assert.equal(http.asked, 2);
    for (let n = 0; n < 3; n++) await assert.rejects(verify(sign({}, { kid })), INVALID, 'the old key is gone');
    assert.equal(http.asked, 2, 'forgeries do not make a flood');
  }
});

test('an issuer that cannot be reached is believed for a day by its last keys, then nobody is let in', async (t) => {
  const { verify, sign, http, time, told } = await world(t);
  await verify(sign());
  http.breaks();
  await time.advance(KEEP);
  await verify(sign());
  await settle();
  await time.advance(1);
  await assert.rejects(verify(sign()), UNKNOWN);
  assert.equal(told.filter(({ message }) => message === 'the keys of an issuer cannot be read').length, 1);
  http.set([publicKey(ec, 'e1')]);
  await time.advance(PAUSE);
  await verify(sign());
  const good = () => told.filter(({ message }) => message === 'the keys of an issuer can be read again').length;
  assert.equal(good(), 1);
  await time.advance(FRESH + 1);
  await verify(sign());
  await settle();
  assert.equal(good(), 1, 'said once');
});

test('each time that an issuer cannot be reached is told once', async (t) => {
  const { verify, sign, http, time, told } = await world(t);
  const look = async () => {
    await time.advance(FRESH + 1);
    await verify(sign());
    await settle();
  };
  await verify(sign());
  for (const broken of [true, true, false, true]) {
    if (broken) http.breaks();
    else http.set([publicKey(ec, 'e1')]);
    await look();
  }
  assert.deepEqual(
    told.map(({ message }) => message),
    [
      'the keys of an issuer cannot be read',
      'the keys of an issuer can be read again',
      'the keys of an issuer cannot be read',
    ],
  );
});

test('a key id that cannot be looked up is a 503, not a 401: the key may be new', async (t) => {
  const { verify, sign, http, time } = await world(t);
  await verify(sign());
  http.breaks();
  await time.advance(PAUSE);
  await assert.rejects(verify(sign({}, { kid: 'n1' }, next.privateKey)), UNKNOWN);
  await verify(sign());
});

test('without any key nobody is let in, whatever the issuer answers', async (t) => {
  const answers = [
    { status: 200, headers: {}, body: '' },
    { status: 200, headers: {}, body: 'null' },
    { status: 200, headers: {}, body: '{"keys":{}}' },
    { status: 200, headers: {}, body: '{"keys":[null,7,"x",{}]}' },
    { status: 200, headers: {}, body: JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'e1' }] }) },
    {
      status: 200,
      headers: {},
      body: JSON.stringify({ keys: [{ ...ec.privateKey.export({ format: 'jwk' }), kid: 'e1' }] }),
    },
    { status: 302, headers: { location: 'https://evil.test/' }, body: '' },
    { status: 500, headers: {}, body: JSON.stringify({ keys: [publicKey(ec, 'e1')] }) },
  ];
  for (const answer of answers) {
    const { verify, sign, http } = await world(t);
    http.answer = () => answer;
    await assert.rejects(verify(sign()), UNKNOWN, answer.body.slice(0, 40));
    await assert.rejects(verify(sign()), UNKNOWN);
    assert.equal(http.asked, 1);
  }
});

test('whose keys cannot be read is told by connection, each address asked once', async (t) => {
  const { http } = await world(t);
  const okta = jwt.parse({ ...entra, jwks: 'https://other.test/keys' });
  const connections = [
    { name: 'none' },
    { name: 'one', jwt: entra },
    { name: 'two', jwt: entra },
    { name: 'okta', jwt: okta },
  ];
  assert.deepEqual(await unreadIssuers(connections, http), []);
  assert.equal(http.asked, 2);
  http.answer = () => ({ status: 404, headers: {}, body: '' });
  assert.deepEqual(
    (await unreadIssuers(connections, http)).map(({ connection, failure }) => [connection, failure]),
    ['one', 'two', 'okta'].map((name) => [name, 'it answered 404']),
  );
});

test('unusable keys among good ones are left out', async (t) => {
  const { verify, sign, http } = await world(t);
  http.set([{ kty: 'oct', k: 'AAAA', kid: 'e1' }, { kty: 'x' }, publicKey(ec, 'e1')]);
  await verify(sign());
});

test('a key for encryption checks no signature', async (t) => {
  const { verify, sign, http } = await world(t);
  http.set([{ ...publicKey(ec, 'e1'), use: 'enc' }]);
  await assert.rejects(verify(sign()), INVALID);
});

test('a key whose `key_ops` do not name `verify` checks no signature (RFC 7517 §4.3)', async (t) => {
  const { verify, sign, http } = await world(t);
  http.set([{ ...publicKey(ec, 'e1'), use: undefined, key_ops: ['encrypt'] }, publicKey(rsa, 'r1')]);
  await assert.rejects(verify(sign()), INVALID);
  const other = await world(t);
  other.http.set([{ ...publicKey(ec, 'e1'), use: undefined, key_ops: ['verify'] }]);
  await other.verify(other.sign());
});

test('the log says which check a JWT of a connection failed, and nothing of the token', async (t) => {
  const { verify, sign, seconds, told } = await world(t);
  const now = seconds();
  const cases: readonly (readonly [string, RegExp])[] = [
    [await sign({ exp: now - 61 }), /it has expired: its exp is \d+, our clock says \d+/],
    [await sign({ nbf: now + 61 }), /it is not valid yet: its nbf is \d+, our clock says \d+/],
    [await sign({ exp: undefined }), /its claim exp is missing/],
    [await sign({ exp: 'soon' }), /its claim exp is wrong/],
    [await sign({}, {}, next.privateKey), /its signature is wrong/],
    [await sign({}, { alg: 'RS256', kid: 'e1' }, rsa.privateKey), /no key of its kid and algorithm/],
  ];
  for (const [text, expected] of cases) {
    told.length = 0;
    await assert.rejects(verify(text), INVALID);
    assert.match(String(told[0]?.fields.reason), expected);
    assert.equal(told[0]?.fields.connection, 'entra');
    for (const part of text.split('.')) assert.ok(!JSON.stringify(told).includes(part));
  }
});

test('where no connection takes JWTs none is spoken of: what came is a token that nobody knows', async () => {
  const told: string[] = [];
  const log = { ...SILENT, warn: (message: string) => void told.push(message) };
  const { verify } = createExternalTokens({
    connections: [{ name: 'okta' }],
    log,
    clock: new SimulatedTime(),
  } as never);
  await assert.rejects(verify('mistyped', undefined), INVALID);
  assert.deepEqual(told, []);
});

test('the time of last use is kept for a connection, once in five minutes', async (t) => {
  const { verify, sign, store, time } = await world(t);
  const seen = async () => (await store.read((db) => db.selectFrom('issuers').selectAll().execute()))[0]?.last_used_at;
  await verify(sign());
  await settle();
  const first = await seen();
  assert.equal(first, new Date(time.now()).toISOString());
  await time.advance(299_999);
  await verify(sign());
  await settle();
  assert.equal(await seen(), first);
  await time.advance(1);
  await verify(sign());
  await settle();
  assert.equal(await seen(), new Date(time.now()).toISOString());
});

test('no text makes it answer anything but a refusal', async (t) => {
  const { verify } = await world(t);
  const piece = fc.oneof(
    fc.base64String(),
    fc.string(),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
  );
  await fc.assert(
    fc.asyncProperty(piece, piece, piece, async (a, b, c) => {
      await assert.rejects(verify(`x${a}.${b}.${c}`), code('AUTH_INVALID', 'AUTH_MISSING'));
    }),
  );
});

test('with `person` a token that has the claim stands for a person and has no scopes; one without opens nothing by that alone', async (t) => {
  const person = { claim: 'preferred_username', attribute: 'userName' } as const;
  const { verify, sign, store, told } = await world(t, { jwt: { ...entra, person } });
  const used = () => store.read((db) => db.selectFrom('issuers').select('connection').execute());
  const found = await verify(sign({ preferred_username: 'ana@corp.test' }));
  assert.deepEqual(found.person, { attribute: 'userName', value: 'ana@corp.test' });
  assert.deepEqual([found.scopes, found.connection], [[], 'entra']);
  assert.deepEqual(await used(), [], 'a person is no sign of life of the provider');
  await assert.rejects(verify(sign()), INVALID);
  assert.match(
    String(told.at(-1)?.fields.reason),
    /lacks preferred_username, and nothing says that it is the provider/,
  );
  for (const wrong of ['', ' ', 7, null, ['ana@corp.test'], { a: 1 }])
    await assert.rejects(verify(sign({ preferred_username: wrong })), INVALID, JSON.stringify(wrong));
  assert.match(String(told.at(-1)?.fields.reason), /its claim preferred_username names nobody/);
});

test("with `person`, what is the provider's own is told by a claim that people cannot have", async (t) => {
  const provider = { claim: 'sub', value: 'client-1' };
  const person = { claim: 'preferred_username', attribute: 'userName', provider } as const;
  const { verify, sign } = await world(t, { jwt: { ...entra, person } });
  const own = await verify(sign({ sub: 'client-1' }));
  assert.deepEqual([own.person, own.scopes.length], [undefined, 4]);
  const ana = await verify(sign({ sub: 'client-1', preferred_username: 'ana@corp.test' }));
  assert.deepEqual([ana.person?.value, ana.scopes], ['ana@corp.test', []], 'the smaller of the two');
  for (const sub of [undefined, 'ana', ['client-1'], 1]) await assert.rejects(verify(sign({ sub })), INVALID);
});

test("a token for which a person signed in is not the provider's own, whatever client they used", async (t) => {
  const { verify, sign, told } = await world(t);
  await verify(sign({ idtyp: 'app', roles: ['scim'] }));
  for (const claims of [{ scp: 'user_impersonation' }, { scp: '' }, { idtyp: 'user' }])
    await assert.rejects(verify(sign(claims)), INVALID, JSON.stringify(claims));
  assert.match(String(told.at(-1)?.fields.reason), /a person signed in for it/);
  const one = await world(t, { jwt: { ...entra, caller: { claim: 'oid', value: 'o-1' } } });
  await one.verify(one.sign({ oid: 'o-1', scp: 'user_impersonation' }));

  const iss = 'https://corp.okta.com/oauth2/default';
  const okta = jwt.parse({ issuer: iss, audience: 'scim', caller: { claim: 'cid', value: '0oa1' } });
  const other = await world(t, { jwt: okta });
  const claims = { iss, aud: 'scim', cid: '0oa1', scp: ['scim'] };
  await other.verify(other.sign({ ...claims, sub: '0oa1' }));
  await assert.rejects(other.verify(other.sign({ ...claims, sub: 'ana', uid: '00u1' })), INVALID);
  const chosen = await world(t, { jwt: { ...okta, caller: { claim: 'uid', value: '00u1' } } });
  await chosen.verify(chosen.sign({ ...claims, uid: '00u1' }));
  await assert.rejects(chosen.verify(chosen.sign({ ...claims, uid: '00u2' })), INVALID);
});

test('without `person` no claim makes a token stand for anybody', async (t) => {
  const { verify, sign } = await world(t);
  const found = await verify(sign({ preferred_username: 'ana', sub: 'ana' }));
  assert.deepEqual([found.person, found.scopes.length], [undefined, 4]);
});

test('a stolen JWT: what the issuer signed until the mark is refused, what it signs later opens', async (t) => {
  const made = await world(t);
  const { verify, sign, time, seconds } = made;
  const stolen = sign();
  const undated = sign({ iat: undefined });
  await verify(stolen);
  await verify(undated);
  await time.advance(5_000);
  await markCompromised(made, { id: 'jwt:entra', since: made.later(-10_000) }, 'ana');
  assert.deepEqual(made.recorded.at(-1)?.body, { kind: 'jwt', connection: 'entra', since: made.later(-10_000) });
  await assert.rejects(verify(stolen), INVALID);
  await assert.rejects(verify(undated), INVALID, 'nobody can say when it was issued');
  await assert.rejects(verify(sign({ iat: seconds() + 30 })), INVALID, 'clocks differ by a minute');
  await time.advance(61_000);
  const later = sign();
  await verify(later);
  await assert.rejects(verify(stolen), INVALID);
  await markCompromised(made, { id: 'jwt:entra', since: made.later(-10_000) }, 'ana');
  await assert.rejects(verify(later), INVALID, 'marked again');
});

test('a mark concerns the connection it names, and holds however often others were asked about before', async (t) => {
  const jwtOfB = { ...entra, caller: { claim: 'appid', value: 'b' } };
  const made = await world(t, { more: [{ name: 'b', jwt: jwtOfB }] });
  const { verify, sign } = made;
  for (const appid of [entra.caller.value, 'b']) await verify(sign({ appid }));
  await markCompromised(made, { id: 'jwt:b', since: made.later(0) }, 'ana');
  await verify(sign());
  await assert.rejects(verify(sign({ appid: 'b' })), INVALID);
});

test('a stolen JWT without `iat`: with `lifetime` what cannot have been issued before the mark opens again', async (t) => {
  const made = await world(t, { jwt: { ...entra, lifetime: 3_600_000 } });
  const { verify, sign, time, seconds, told } = made;
  const undated = (life: number) => sign({ iat: undefined, nbf: undefined, exp: seconds() + life });
  const stolen = undated(3600);
  await verify(stolen);
  await markCompromised(made, { id: 'jwt:entra', since: made.later(0) }, 'ana');
  await assert.rejects(verify(stolen), INVALID);
  await assert.rejects(verify(undated(3600)), INVALID, 'the clock of the issuer may be a minute ahead');
  await time.advance(61_000);
  await verify(undated(3600));
  await assert.rejects(verify(undated(3500)), INVALID, 'it may be an hour old');
  await assert.rejects(verify(stolen), INVALID);
  await assert.rejects(verify(undated(3661)), INVALID, 'it lives longer than any that the issuer makes');
  assert.match(String(told.at(-1)?.fields.reason), /lives longer than `lifetime`/);
  await verify(sign({ exp: seconds() + 90_000 }));
});

test('without `lifetime` the log says what to do about tokens without `iat`', async (t) => {
  const made = await world(t);
  await made.verify(made.sign({ iat: undefined }));
  await markCompromised(made, { id: 'jwt:entra', since: made.later(0) }, 'ana');
  await made.time.advance(10 * 86_400_000);
  await assert.rejects(made.verify(made.sign({ iat: undefined })), INVALID);
  assert.match(String(made.told.at(-1)?.fields.reason), /no iat: `lifetime` of the connection is not given/);
});

test('only JWTs that a connection takes, or took, can be marked; one by one they cannot be revoked', async (t) => {
  const made = await world(t);
  const mark = (id: string) => markCompromised(made, { id, since: made.later(0) }, 'ana');
  await assert.rejects(mark('jwt:okta'), (error) => {
    assert.ok(code('AUTH_ISSUER')(error));
    assert.match((error as Error).message, /there are jwt:entra$/);
    return true;
  });
  await made.store.write(({ db }) =>
    db
      .insertInto('issuers')
      .values({ connection: 'gone', last_used_at: made.later(0) })
      .execute(),
  );
  await mark('jwt:gone');
  await assert.rejects(made.credentials.revoke('jwt:entra', 'ana'), code('AUTH_ISSUED'));
});
