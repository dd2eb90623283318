import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, SERVICE } from '../sync/world.ts';
import { installation } from './installation.ts';

type Here = Awaited<ReturnType<typeof installation>>;

/** Codes and subjects of a run, notices aside. */
async function found(here: Here): Promise<{ codes: string[]; exit: number | null; err: string }> {
  const ran = await here.run('--json', 'doctor');
  const { findings } = ran.json<{ findings: { code: string; level: string; remedy: string }[] }>();
  assert.ok(findings.every(({ remedy }) => remedy.length > 10));
  return {
    codes: findings.filter(({ level }) => level !== 'info').map(({ code }) => code),
    exit: ran.exit,
    err: ran.err,
  };
}

const PROTECT = '    protect: { users: [admin, jenkins-scim] }\n';

test('the doctor finds on a controller what undoes the work', async (t) => {
  const here = await installation(t, { more: PROTECT });
  assert.deepEqual(await found(here), { codes: [], exit: 0, err: '' });
  here.practice.hands.useJcasc('roles');
  here.practice.hands.disableUserSeeds();
  assert.deepEqual((await found(here)).codes, ['controller.jcasc-roles', 'controller.user-seeds']);
  here.practice.hands.useJcasc('absent');
  here.practice.hands.useStrategy('hudson.security.FullControlOnceLoggedInAuthorizationStrategy');
  assert.ok((await found(here)).codes.includes('controller.strategy'));
});

test('the doctor finds that somebody else used the token of the service, and that commands and replicas are nobody else', async (t) => {
  const here = await installation(t, { more: `${PROTECT}sync: { fullEvery: 1s }\n` });
  const served = await here.serve();
  for (let n = 0; n < 2; n++) {
    assert.deepEqual(await found(here), { codes: [], exit: 0, err: '' });
    assert.equal((await here.run('controller', 'check', 'ci')).exit, 0);
    assert.equal((await here.run('plan')).exit, 0);
  }
  await served.end('SIGTERM');
  await here.serve();
  assert.deepEqual((await found(here)).codes, []);
  const authorization = `Basic ${Buffer.from(`${SERVICE}:${here.read('token').trim()}`).toString('base64')}`;
  await fetch(`${here.practice.url}whoAmI/api/json`, { headers: { authorization } });
  await eventually(async () => (await found(here)).codes.includes('controller.used-by-others'), 'it is found');
});

test('the doctor finds credentials, rights, addresses and files that are wrong', async (t) => {
  const here = await installation(t, { more: PROTECT });
  const good = here.read('jenkins-scim.yaml');
  const tried = async (from: string, to: string) => {
    here.write('jenkins-scim.yaml', good.replace(from, to));
    const { codes, exit } = await found(here);
    here.write('jenkins-scim.yaml', good);
    return [codes, exit];
  };
  here.write('wrong', 'not the token');
  assert.deepEqual(await tried('./token', './wrong'), [['controller.credential'], 1]);
  assert.deepEqual(await tried('./token', './absent'), [['controller.secret'], 1]);
  assert.deepEqual(await tried(here.practice.url, `${here.practice.url}jenkins/`), [['controller.wrong-host'], 1]);
  assert.deepEqual(await tried(here.practice.url, 'http://127.0.0.1:9/'), [['controller.unreachable'], 1]);
  assert.deepEqual(await tried('http://127', 'https://127'), [['controller.tls-plain'], 1]);
  assert.deepEqual(await tried('    mode:', '    proxy: http://127.0.0.1:9\n    mode:'), [
    ['controller.unreachable'],
    1,
  ]);
  assert.deepEqual(await tried('[admin, jenkins-scim]', '[admin]'), [['controller.own-account-unprotected'], 2]);
  assert.deepEqual(await tried('breakGlass: admin', 'breakGlass: rescue'), [
    ['controller.break-glass-powerless', 'controller.break-glass-unprotected', 'controller.break-glass-unusable'],
    2,
  ]);
  const jwt =
    'issuer: "https://x.test/", audience: a, caller: { claim: sub, value: c }, jwks: "http://127.0.0.1:9/keys"';
  assert.deepEqual(await tried('{ profile: okta }', `{ profile: okta, jwt: { ${jwt} } }`), [
    ['connection.keys-unread'],
    2,
  ]);
  const listen = 'server: { listen: 127.0.0.1:0';
  assert.deepEqual(await tried(listen, `${listen}, externalUrl: ${here.practice.url}`), [
    ['url.external-elsewhere'],
    2,
  ]);
  assert.deepEqual(await tried(listen, `${listen}, externalUrl: https://scim.invalid/scim/v2`), [
    ['url.external-path', 'url.external-unreachable'],
    2,
  ]);
  chmodSync(join(here.folder, 'policy.yaml'), 0o666);
  chmodSync(join(here.folder, 'token'), 0o644);
  assert.deepEqual((await found(here)).codes, [
    'controller.secret',
    'policy.unreadable',
    'file.writable',
    'file.readable',
  ]);
});

test('the doctor finds tokens that end, and an account without rights', async (t) => {
  const here = await installation(t, { more: PROTECT });
  await here.run('token', 'revoke', here.token.id);
  assert.deepEqual((await found(here)).codes, ['credential.absent']);
  await here.run('token', 'create', '--connection', 'okta', '--expires', '1d');
  assert.deepEqual((await found(here)).codes, ['credential.expiring-now']);
  for (const role of here.practice.look.roles('global')) here.practice.hands.revoke(role, SERVICE);
  assert.ok((await found(here)).codes.includes('controller.rights'));
});

test('who may only read is no sign of life of an identity provider', async (t) => {
  const here = await installation(t, { more: PROTECT });
  const made = await here.run('--json', 'token', 'create', '--connection', 'okta', '--scope', 'read');
  const reader = made.json<{ token: string }>();
  const meter = (await here.run('--json', 'token', 'create', '--metrics')).json<{ token: string }>();
  const pushed = async (listen: string) => {
    const headers = { authorization: `Bearer ${meter.token}` };
    return /last_push_age_seconds\{connection="okta"\}/.test(
      await (await fetch(`${listen}/metrics`, { headers })).text(),
    );
  };
  const asked = async (scim: string, token: string) =>
    assert.equal((await fetch(`${scim}/Users`, { headers: { authorization: `Bearer ${token}` } })).status, 200);
  const first = await here.serve();
  await asked(first.scim, reader.token);
  assert.equal(await pushed(first.listen), false);
  assert.equal(await first.end('SIGTERM'), 0);
  const second = await here.serve();
  assert.equal(await pushed(second.listen), false);
  const silent = async () => (await here.run('doctor')).out.includes('connection.never-heard');
  assert.equal(await silent(), true);
  await asked(second.scim, here.token.token);
  assert.equal(await pushed(second.listen), true);
  assert.equal(await second.end('SIGTERM'), 0);
  assert.equal(await silent(), false);
  assert.deepEqual((await found(here)).codes, []);
  await here.run('token', 'revoke', here.token.id);
  assert.deepEqual((await found(here)).codes, ['credential.absent']);
});

test('the doctor brings no policy into force', async (t) => {
  const here = await installation(t, { more: PROTECT });
  await here.run('plan');
  const activated = async (): Promise<number> => {
    const records = (await here.run('ledger', 'export')).out.split('\n');
    return records.filter((line) => line.includes('"policy.activated"')).length;
  };
  assert.equal(await activated(), 1);
  here.write('policy.yaml', `${here.read('policy.yaml')}# a draft\n`);
  await found(here);
  assert.equal(await activated(), 1);
});

test('the doctor names who was deleted and can still act, and gives the id that commands take', async (t) => {
  const here = await installation(t, { mode: 'observe', more: PROTECT });
  const served = await here.serve();
  const okta = here.at(served.scim);
  const ana = await okta.user('ana@corp.test');
  await okta.group('ci-ops-dev', [ana]);
  await here.run('apply');
  await okta.send('DELETE', `/Users/${ana}`);
  let told = '';
  await eventually(async () => {
    told = (await here.run('doctor')).out;
    return told.includes('leaver.not-enforced');
  });
  assert.match(
    told,
    new RegExp(`leaver.not-enforced +${ana}\\n +ana@corp.test left \\d+ s ago and keeps everything on`),
  );
  assert.match(told.replaceAll(/\n +/g, ' '), new RegExp(`jenkins-scim leaver ${ana} --now`));
});
