import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { SignJWT } from 'jose';
import { installation } from './installation.ts';

type Here = Awaited<ReturnType<typeof installation>>;

const status = async (here: Here, scim: string, token: string): Promise<number> =>
  (await here.at(scim, token).send('GET', '/Users?count=1')).status;

/** Asks the token endpoint like an OAuth client. */
async function token(listen: string, fields: Record<string, string>, authorization?: string) {
  const answer = await fetch(`${listen}/oauth/token`, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...fields }),
  });
  return { status: answer.status, body: (await answer.json()) as { access_token: string; error?: string } };
}

test('a rotation on the command line: both, then one', async (t) => {
  const here = await installation(t);
  const { scim } = await here.serve();
  const old = here.token;
  const next = (await here.run('--json', 'token', 'rotate', 'start', old.id)).json<{ id: string; token: string }>();
  assert.deepEqual([await status(here, scim, old.token), await status(here, scim, next.token)], [200, 200]);
  const again = await here.run('token', 'rotate', 'start', old.id);
  assert.equal(again.exit, 1);
  assert.match(again.err, /AUTH_ROTATION: .*under way/);
  assert.match((await here.run('token', 'list')).out, new RegExp(`replaces ${old.id}`));
  assert.equal((await here.run('token', 'rotate', 'complete', old.id)).exit, 0);
  assert.deepEqual([await status(here, scim, old.token), await status(here, scim, next.token)], [401, 200]);

  const third = (await here.run('--json', 'token', 'rotate', 'start', next.id, '--grace', '0m')).json<{
    id: string;
    token: string;
  }>();
  const cancelled = await here.run('token', 'rotate', 'cancel', third.id);
  assert.equal(cancelled.exit, 0, cancelled.err);
  assert.deepEqual([await status(here, scim, next.token), await status(here, scim, third.token)], [200, 401]);
  assert.equal((await here.run('ledger', 'verify')).exit, 0);
});

test('a grace does not begin while the clock is behind the highest time seen', async (t) => {
  const here = await installation(t);
  const { scim } = await here.serve();
  const next = (await here.run('--json', 'token', 'rotate', 'start', here.token.id, '--grace', '0m')).json<{
    token: string;
  }>();
  const database = new DatabaseSync(join(here.folder, 'data', 'jenkins-scim.db'));
  database.exec(`UPDATE clock SET highest_ms = ${Date.now() + 86_400_000}`);
  database.close();
  assert.equal(await status(here, scim, next.token), 200);
  assert.equal((await here.at(scim, next.token).send('POST', '/Users', { userName: 'x' })).status, 201);
  assert.equal(await status(here, scim, here.token.token), 200);
});

test('scopes and networks of a token hold at the running service', async (t) => {
  const here = await installation(t);
  const { scim } = await here.serve();
  const create = async (...words: string[]) =>
    (await here.run('--json', 'token', 'create', '--connection', 'okta', ...words)).json<{ token: string }>().token;
  const reader = await create('--scope', 'users:read');
  assert.equal(await status(here, scim, reader), 200);
  assert.equal((await here.at(scim, reader).send('POST', '/Users', { userName: 'x' })).status, 403);
  assert.equal((await here.at(scim, reader).send('GET', '/Groups')).status, 403);
  assert.equal(await status(here, scim, await create('--network', '127.0.0.0/8', '::1')), 200);
  assert.equal(await status(here, scim, await create('--network', '198.51.100.0/24')), 401);
  const wrong = await here.run('token', 'create', '--connection', 'okta', '--network', '10.0.0.0/99');
  assert.equal(wrong.exit, 1);
  assert.match(wrong.err, /AUTH_ORDER: .*10\.0\.0\.0\/99 names no network/);
});

test('an OAuth client made on the command line gets a token and provisions with it', async (t) => {
  const here = await installation(t);
  const { scim, listen } = await here.serve();
  const made = (await here.run('--json', 'token', 'create', '--connection', 'okta', '--oauth')).json<{
    clientId: string;
    token: string;
  }>();
  const basic = `Basic ${Buffer.from(`${made.clientId}:${made.token}`).toString('base64')}`;
  const issued = await token(listen, {}, basic);
  assert.equal(issued.status, 200);
  assert.equal(await status(here, scim, issued.body.access_token), 200);
  assert.equal(await status(here, scim, made.token), 401, 'the secret is no bearer token');

  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  here.write('client.pem', String(publicKey.export({ format: 'pem', type: 'spki' })));
  const signing = (
    await here.run('--json', 'token', 'create', '--connection', 'okta', '--oauth', '--public-key', 'client.pem')
  ).json<{ clientId: string; token: null; method: string }>();
  assert.deepEqual([signing.token, signing.method], [null, 'private_key_jwt']);
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setIssuer(signing.clientId)
    .setSubject(signing.clientId)
    .setAudience(`${listen}/oauth/token`)
    .setExpirationTime('1m')
    .setProtectedHeader({ alg: 'RS256' })
    .sign(privateKey);
  const fields = {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
  const signed = await token(listen, fields);
  assert.equal(signed.status, 200, JSON.stringify(signed.body));
  assert.equal(await status(here, scim, signed.body.access_token), 200);
  assert.deepEqual((await token(listen, fields)).body.error, 'invalid_client', 'a replay');

  assert.equal((await here.run('token', 'revoke', made.clientId)).exit, 0);
  assert.equal(await status(here, scim, issued.body.access_token), 401, 'revoked with its client');
});

/** An issuer of JWTs with its key set, on loopback. */
async function issuer(t: TestContext) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] };
  const server = createServer((_request, answer) => answer.end(JSON.stringify(keys)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  const sign = (claims: object): Promise<string> =>
    new SignJWT({ iss: 'https://issuer.test/', aud: 'jenkins-scim', cid: 'provisioner', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setExpirationTime('10m')
      .sign(privateKey);
  return { jwks, sign };
}

test('a JWT of a configured issuer opens its connection, and metrics and doctor know of it', async (t) => {
  const { jwks, sign } = await issuer(t);
  const here = await installation(t);
  const pinned = `{ issuer: "https://issuer.test/", audience: jenkins-scim, caller: { claim: cid, value: provisioner }, jwks: "${jwks}" }`;
  here.write(
    'jenkins-scim.yaml',
    here.read('jenkins-scim.yaml').replace('{ profile: okta }', `{ profile: okta }\n  entra: { jwt: ${pinned} }`),
  );
  const { scim, listen } = await here.serve();
  assert.equal(await status(here, scim, await sign({})), 200);
  assert.equal(await status(here, scim, await sign({ cid: 'another' })), 401);
  assert.equal(await status(here, scim, await sign({ aud: 'another' })), 401);
  const metrics = (await here.run('--json', 'token', 'create', '--metrics', '--expires', '2d')).json<{
    token: string;
  }>();
  const read = async () =>
    (await fetch(`${listen}/metrics`, { headers: { authorization: `Bearer ${metrics.token}` } })).text();
  const text = await read();
  assert.match(
    text,
    new RegExp(`jenkins_scim_token_expires_seconds\\{id="${here.token.id}",kind="scim",connection="okta"\\} 77`),
  );
  assert.match(text, /jenkins_scim_last_push_age_seconds\{connection="entra"\} \d/);
  const { findings } = (await here.run('--json', 'doctor')).json<{ findings: { code: string; subject: string }[] }>();
  assert.deepEqual(
    findings.filter(({ subject }) => subject === 'entra'),
    [],
  );
});
