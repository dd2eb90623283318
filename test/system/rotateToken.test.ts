import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SERVICE } from '../sync/world.ts';
import { installation } from './installation.ts';

interface Made {
  readonly uuid: string;
  readonly token: string | null;
  readonly file?: string;
  readonly others: readonly unknown[];
}

const rotate = ['controller', 'rotate-token', 'ci'];

test('the token of a running service is changed under it, and the old one opens no more', async (t) => {
  const here = await installation(t);
  const { scim, log } = await here.serve();
  const old = here.read('token').trim();
  const made = await here.run(...rotate);
  assert.equal(made.exit, 0, made.err);
  assert.match(made.out, /Written to .*token, which is read at each use\.\nThen: .*rotate-token ci --complete/);
  const next = here.read('token').trim();
  assert.notEqual(next, old);
  assert.equal(statSync(join(here.folder, 'token')).mode & 0o777, 0o600);
  for (const secret of [old, next]) assert.ok(!made.out.includes(secret) && !made.err.includes(secret));

  const done = await here.run('--json', ...rotate, '--complete');
  assert.equal(done.exit, 0, done.err);
  const { revoked, left } = done.json<{ revoked: unknown[]; left: unknown[] }>();
  assert.deepEqual([revoked.length, left], [1, []]);
  assert.equal(here.practice.look.person(SERVICE).tokens, 1);

  const okta = here.at(scim);
  const person = await okta.send('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    ...{ userName: 'ana', active: true },
  });
  await okta.send('POST', '/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    ...{ displayName: 'ci-pay-dev', members: [{ value: person.body.id }] },
  });
  const synced = await here.run('sync');
  assert.equal(synced.exit, 0, synced.err);
  assert.deepEqual(here.holders('pay-developer'), ['ana']);
  assert.ok(!log().includes(next) && !log().includes(old));
  const doctor = (await here.run('--json', 'doctor')).json<{ findings: { code: string }[] }>();
  const about = doctor.findings.map(({ code }) => code).filter((code) => code.startsWith('controller.'));
  assert.ok(!about.includes('controller.used-by-others') && !about.includes('controller.credential'), about.join());
  assert.equal((await here.run('ledger', 'verify')).exit, 0);
  const kinds = (await here.run('ledger', 'export')).out;
  assert.match(kinds, /controller\.token-created/);
  assert.match(kinds, /controller\.tokens-revoked/);
  assert.ok(!kinds.includes(next));
});

test('a token of the environment is shown once; the one before it stays until the new one is in use', async (t) => {
  const here = await installation(t);
  const old = here.read('token').trim();
  here.write('jenkins-scim.yaml', here.read('jenkins-scim.yaml').replace('file: ./token', 'env: CI_TOKEN'));
  const made = (await here.runWith({ CI_TOKEN: old }, '--json', ...rotate)).json<Made>();
  assert.match(made.token ?? '', /^11[0-9a-f]{32}$/);
  const early = await here.runWith({ CI_TOKEN: old }, ...rotate, '--complete');
  assert.equal(early.exit, 1);
  assert.match(early.err, /CTL_TOKEN_NEWER: ci: .*newer than the one in use: .*jenkins-scim 20/);
  assert.equal(here.practice.look.person(SERVICE).tokens, 2);
  const done = await here.runWith({ CI_TOKEN: made.token! }, ...rotate, '--complete');
  assert.equal(done.exit, 0, done.err);
  assert.match(done.out, new RegExp(`^In use: ${made.uuid}\\.\nRevoked:\n`));
  assert.match((await here.runWith({ CI_TOKEN: old }, 'controller', 'check', 'ci')).out, /JEN_CREDENTIAL/);
});

test('where it cannot be kept, none is made; and words that say nothing are refused', async (t) => {
  const here = await installation(t);
  here.write('there', 'something\n');
  const taken = await here.run(...rotate, '--out', 'there');
  assert.deepEqual([taken.exit, here.read('there')], [1, 'something\n']);
  assert.match(taken.err, /CLI_FILE: .*there/);
  const made = (await here.run('--json', ...rotate, '--out', 'next')).json<Made>();
  assert.deepEqual([made.token, made.file], [null, 'next']);
  assert.match(here.read('next'), /^11[0-9a-f]{32}\n$/);
  assert.equal(here.practice.look.person(SERVICE).tokens, 2);

  for (const [words, said] of [
    [[...rotate, '--force'], /--force belongs to --complete/],
    [[...rotate, '--complete', '--out', 'x'], /--out has no meaning with --complete/],
  ] as const) {
    const refused = await here.run(...words);
    assert.deepEqual([refused.exit, said.test(refused.err)], [64, true], refused.err);
  }
  const unknown = await here.run('controller', 'rotate-token', 'cj');
  assert.equal(unknown.exit, 1);
  assert.match(unknown.err, /CTL_UNKNOWN/);
  const shared = here
    .read('jenkins-scim.yaml')
    .replace(
      'controllers:\n',
      `controllers:\n  other: { url: "http://127.0.0.1:1/", user: svc, apiToken: { file: ./token } }\n`,
    );
  here.write('jenkins-scim.yaml', shared);
  const both = await here.run(...rotate);
  assert.equal(both.exit, 64);
  assert.match(both.err, /other read\(s\) .*token, too/);
  assert.equal(here.practice.look.person(SERVICE).tokens, 2);
});
