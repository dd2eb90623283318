import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keysOf } from '../../src/config/jwt.ts';
import { parseConfig } from '../../src/config/load.ts';
import { SCIM_SCOPES } from '../../src/credentials/credentials.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';

function parse(jwt: Record<string, unknown>, more = '') {
  const text = `connections:\n  entra: { profile: entra, jwt: ${JSON.stringify(jwt)} }\n${more}`;
  return parseConfig(text, { file: 'jenkins-scim.yaml', folder: '/etc/scim', environment: {} });
}

const problems = (jwt: Record<string, unknown>, more?: string) =>
  parse(jwt, more).problems.map(({ message }) => message);

const OKTA = {
  issuer: 'https://corp.okta.com/oauth2/default',
  audience: 'https://scim.example.com',
  caller: { claim: 'cid', value: '0oa1' },
};
const ENTRA = {
  issuer: `https://sts.windows.net/${TENANT}/`,
  audience: '8adf8e6e-67b2-4cf2-a259-e3dc5476c621',
  tenant: TENANT,
  caller: { claim: 'appid', value: 'a' },
};

test('an issuer is pinned with audience and caller; the rest has defaults', () => {
  const { jwt } = parse(OKTA).config!.connections[0]!;
  assert.deepEqual(jwt, { ...OKTA, algorithms: ['RS256', 'PS256', 'ES256'], scopes: [...SCIM_SCOPES], networks: [] });
});

test('an address in a network is refused: it may be either', () => {
  const message = /jwt\.networks\.1: write 10\.0\.0\.0\/8 for the network, or 10\.0\.0\.5 for the address alone/;
  assert.match(problems({ ...OKTA, networks: ['10.0.0.5', '10.0.0.5/8'] }).join(), message);
});

test('a lifetime is a duration of a second to a year', () => {
  assert.equal(parse({ ...OKTA, lifetime: '1h' }).config!.connections[0]!.jwt!.lifetime, 3_600_000);
  for (const wrong of ['0s', '367d', '1y', 3600])
    assert.match(problems({ ...OKTA, lifetime: wrong }).join(), /lifetime/);
});

test('issuer, audience and caller have to be there, and a tenant for Entra ID', () => {
  for (const key of ['issuer', 'audience', 'caller'] as const) {
    const { [key]: _, ...rest } = OKTA;
    assert.match(problems(rest).join(), new RegExp(`${key}.*is required`), key);
  }
  const { tenant: _, ...without } = ENTRA;
  assert.match(problems(without).join(), /tenant/);
  assert.deepEqual(problems(ENTRA), []);
});

test('no algorithm with a shared secret, and none without a signature, can be configured', () => {
  for (const algorithm of ['none', 'HS256', 'RSA-OAEP', 'rs256'])
    assert.match(problems({ ...OKTA, algorithms: [algorithm] }).join(), /algorithms/, algorithm);
  assert.match(problems({ ...OKTA, algorithms: [] }).join(), /algorithms/);
});

test('keys come over https, or from this machine', () => {
  for (const jwks of ['http://corp.test/keys', 'ftp://corp.test/', 'https://u:p@corp.test/', 'file:///etc/keys', 'x'])
    assert.match(problems({ ...OKTA, jwks }).join(), /jwks/, jwks);
  for (const jwks of ['https://corp.test/keys', 'http://127.0.0.1:1/keys', 'http://[::1]:1/keys'])
    assert.deepEqual(problems({ ...OKTA, jwks }), [], jwks);
  assert.match(problems({ ...OKTA, issuer: 'http://corp.test/' }).join(), /issuer/);
});

test('where the keys are is known for Entra ID and Okta, and asked for otherwise', () => {
  assert.equal(keysOf(ENTRA), `https://login.microsoftonline.com/${TENANT}/discovery/keys`);
  const v2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
  assert.equal(keysOf({ issuer: v2 }), `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`);
  assert.equal(keysOf(OKTA), 'https://corp.okta.com/oauth2/default/v1/keys');
  assert.equal(keysOf({ issuer: 'https://corp.okta.com' }), 'https://corp.okta.com/oauth2/v1/keys');
  assert.equal(keysOf({ issuer: 'https://okta.com.evil.test' }), undefined);
  assert.equal(keysOf({ issuer: 'https://evilokta.com' }), undefined);
  assert.match(problems({ ...OKTA, issuer: 'https://login.corp.test/' }).join(), /has to be given/);
  assert.equal(keysOf({ ...ENTRA, jwks: 'https://x.test/' }), 'https://x.test/');
});

test('two connections cannot take the same tokens', () => {
  const twin = `  other: { jwt: ${JSON.stringify(ENTRA)} }\n`;
  assert.match(problems(ENTRA, twin).join(), /the same tokens as those of the connection entra/);
  const caller = { claim: 'appid', value: 'b' };
  assert.deepEqual(problems(ENTRA, `  other: { jwt: ${JSON.stringify({ ...ENTRA, caller })} }\n`), []);
});

test('an unknown key is refused with the nearest known one', () => {
  assert.match(problems({ ...OKTA, audiences: 'x' }).join(), /audience\?/);
});
