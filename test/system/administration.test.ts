import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { temporaryFolder } from '../store/open.ts';
import { eventually, POLICY, SERVICE } from '../sync/world.ts';
import { installation, type Ran } from './installation.ts';

const BOT = `  - { id: bot, principal: svc-bot, owner: ana@corp.test, reason: OPS-1, review: 2099-01-01, grant: browser }
`;

test('a pause and a hold are told by plan and doctor, until resume', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  assert.equal((await here.run('pause', 'controller', 'ci')).exit, 0);
  assert.equal((await here.run('pause', 'connection', 'okta')).exit, 0);
  const plan = await here.run('plan');
  assert.match(plan.out, /\nThe connection okta is paused; go on: jenkins-scim resume connection okta\n/);
  assert.match(plan.out, /The controller ci is paused; go on: jenkins-scim resume controller ci\n/);
  const codes = async () =>
    (await here.run('--json', 'doctor'))
      .json<{ findings: { code: string }[] }>()
      .findings.map(({ code }) => code)
      .filter((code) => code.startsWith('sync.'));
  assert.deepEqual(await codes(), ['sync.connection-paused', 'sync.controller-paused']);
  await here.run('resume', 'all');
  assert.deepEqual(await codes(), []);
  await here.run('db', 'backup', join(here.folder, 'b.db'));
  await here.run('db', 'restore', join(here.folder, 'b.db'));
  assert.deepEqual(await codes(), ['sync.on-hold']);
  const applied = await here.run('apply');
  assert.equal(applied.exit, 1);
  assert.match(applied.out, /ci: it is on hold since a restore: `jenkins-scim resume controller ci` ends that/);
  assert.match((await here.run('plan')).out, /ci is on hold since a restore; go on: jenkins-scim resume controller ci/);
});

test('a database file that somebody put back by hand brings no leaver back: everything waits for resume, once', async (t) => {
  const here = await installation(t);
  const [own, saved] = [join(here.folder, 'data', 'jenkins-scim.db'), join(here.folder, 'saved.db')];
  const first = await here.serve();
  const ana = await here.at(first.scim).user('ana');
  await here.at(first.scim).group('ci-pay-dev', [ana]);
  await eventually(() => here.holders('pay-developer').includes('ana'));
  assert.equal(await first.end('SIGTERM'), 0);
  copyFileSync(own, saved);
  const second = await here.serve();
  await here.at(second.scim).patch(`/Users/${ana}`, { op: 'replace', path: 'active', value: false });
  await eventually(() => !here.holders('pay-developer').includes('ana'));
  assert.equal(await second.end('SIGTERM'), 0);
  for (const left of ['-wal', '-shm']) rmSync(own + left, { force: true });
  copyFileSync(saved, own);
  const third = await here.serve();
  assert.match(third.log(), /the database is older than what was acknowledged/);
  assert.match((await here.run('sync')).out, /ci: it is on hold since a restore/);
  assert.ok(!here.holders('pay-developer').includes('ana'));
  assert.equal((await here.run('resume', 'all')).exit, 0);
  await eventually(() => here.holders('pay-developer').includes('ana'), 'somebody has read the plan and said so');
  assert.equal(await third.end('SIGTERM'), 0);
  const fourth = await here.serve();
  assert.doesNotMatch(fourth.log(), /the database is older/);
  assert.equal((await here.run('ledger', 'verify')).exit, 0);
});

test('explain knows accounts of principal rules and protected ones, and refuses a permission that nobody has', async (t) => {
  const here = await installation(t, { policy: POLICY + BOT, more: '    protect: { users: [admin] }\n' });
  await here.run('apply');
  const bot = (await here.run('--json', 'explain', 'SVC-BOT')).json<{
    controllers: { jenkinsId: string; grants: { role: string; effective: boolean; reasons: { rule: string }[] }[] }[];
  }>();
  assert.deepEqual(
    bot.controllers.map(({ jenkinsId, grants }) => [
      jenkinsId,
      ...grants.map(({ role, effective, reasons }) => [role, effective, reasons[0]?.rule]),
    ]),
    [['svc-bot', ['browser', true, 'bot']]],
  );
  assert.match(
    (await here.run('explain', 'svc-bot', '--permission', 'Job/Build')).out,
    /holds nothing that gives Job\/Build\n/,
  );
  assert.match((await here.run('explain', 'svc-bot', '--permission', 'overall/read')).out, /browser/);
  assert.match((await here.run('explain', 'admin')).out, /it is protected, nothing is\s+given or taken/);
  const nobody = await here.run('explain', 'nobody');
  assert.equal(nobody.exit, 1);
  assert.match(nobody.err, /USER_UNKNOWN/);
  await here.serve();
  await eventually(
    async () => (await here.run('explain', 'svc-bot', '--permission', 'Job/Biuld')).exit === 64,
    'the catalogue is known',
  );
  const wrong = await here.run('explain', 'svc-bot', '--permission', 'Job/Biuld');
  assert.match(wrong.err, /no controller has a permission Job\/Biuld; did you mean Job\/Build\?/);
});

test('a held loss is shown with its reason; a rejected one says so and can still be released', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  const okta = here.at(service.scim);
  const crew = await Promise.all(Array.from({ length: 5 }, (_, index) => okta.user(`ops${index}`)));
  const group = await okta.group('ci-ops-dev', crew);
  await eventually(() => here.holders('ops-developer').length === 5);
  await okta.patch(`/Groups/${group}`, { op: 'replace', path: 'members', value: [] });
  await eventually(async () => (await here.run('quarantine', 'list')).exit === 2, 'something is held');
  const list = await here.run('quarantine', 'list');
  assert.match(list.out, /whole-group.*\n {2}all 5 members of the group ci-ops-dev would lose it\n/);
  const digest = /^[0-9a-f]{12}/m.exec(list.out)![0];
  const why = await here.run('explain', 'ops0');
  assert.match(
    why.out,
    /ops-developer \(folder ops\) STILL THERE: no rule gives it any more, its loss\s+is held by whole-group/,
  );
  assert.match(why.out, /because rule developers/);
  const shown = await here.run('quarantine', 'show', digest);
  assert.match(shown.out, /ops0 loses ops-developer \(item role\)/);
  assert.match((await here.run('doctor')).out, /plan\.held +ci/);
  assert.equal((await here.run('quarantine', 'reject', digest)).exit, 0);
  assert.match((await here.run('quarantine', 'list')).out, /\n {2}rejected; all 5 members/);
  assert.doesNotMatch((await here.run('doctor')).out, /plan\.held/, 'the doctor asked for a release or a rejection');
  assert.equal(here.holders('ops-developer').length, 5);
  const released = await here.run('apply', '--allow-loss', digest);
  assert.equal(released.exit, 0, released.out + released.err);
  assert.equal(here.holders('ops-developer').length, 0);
  const told = (await here.run('--json', 'ledger', 'export'))
    .json<{ records: { kind: string; body: { digest: string; named: string[]; roles: string[] } }[] }>()
    .records.filter(({ kind }) => kind === 'plan.rejected' || kind === 'plan.released');
  assert.deepEqual(
    told.map(({ kind, body }) => [kind, body.digest.startsWith(digest), body.named, body.roles]),
    ['plan.rejected', 'plan.released'].map((kind) => [kind, true, [...crew].sort(), ['item:ops-developer']]),
    'the ledger tells of whom and of which role, without the plan',
  );
});

test('what a plan says to release is released, also where the mode holds it in the list', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  const service = await here.serve();
  const okta = here.at(service.scim);
  const crew = await Promise.all(Array.from({ length: 5 }, (_, index) => okta.user(`ops${index}`)));
  const group = await okta.group('ci-ops-dev', crew);
  assert.equal((await here.run('apply')).exit, 0);
  await okta.patch(`/Groups/${group}`, { op: 'replace', path: 'members', value: [] });
  await here.run('sync');
  assert.match((await here.run('quarantine', 'list')).out, /ci +5 step\(s\) +mode/, 'the service has looked');
  const { out } = await here.run('plan');
  const digest = /release: apply\s+--allow-loss ([0-9a-f]{12})/.exec(out)?.[1] ?? out;
  const one = await here.run('plan', '--user', 'ops0');
  assert.match(one.out, /Held by whole-group/);
  assert.doesNotMatch(one.out, /--allow-loss/, 'nothing is released for one person alone');
  assert.match((await here.run('apply', '--allow-loss', digest.replace(/./, 'x'))).err, /PLAN_UNKNOWN/);
  assert.equal(here.holders('ops-developer').length, 5);
  const released = await here.run('apply', '--allow-loss', digest);
  assert.equal(released.exit, 0, released.out + released.err);
  assert.equal(here.holders('ops-developer').length, 0);
});

test('what a mode leaves undone is no ceiling for the doctor, and none of its warnings', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  const service = await here.serve();
  const okta = here.at(service.scim);
  await okta.group('ci-ops-dev', [await okta.user('ops0')]);
  await eventually(async () => (await here.run('quarantine', 'list')).out.includes('mode'), 'the mode holds something');
  const { findings } = (await here.run('--json', 'doctor')).json<{ findings: { code: string; level: string }[] }>();
  assert.deepEqual(
    findings.filter(({ code }) => code.startsWith('plan.')).map(({ code, level }) => [code, level]),
    [['plan.held-by-mode', 'info']],
  );
});

test('adopt takes over what the identity mapping in force explains, not what an edit that nobody applied would', async (t) => {
  const policy = `version: 1
roles:
  readers: { existing: { type: global, name: readers } }
rules:
  - { id: everyone, group: ci-users, grant: readers }
`;
  const here = await installation(t, { policy });
  const { hands } = here.practice;
  hands.defineRole({ type: 'global', name: 'readers', pattern: '', permissions: ['hudson.model.Hudson.Read'] });
  hands.grant('readers', 'ana@corp.test');
  hands.grant('readers', 'ana');
  const service = await here.serve();
  const okta = here.at(service.scim);
  const group = await okta.group('ci-users', [await okta.user('ana@corp.test')]);
  await eventually(async () => matchedIn(await here.run('--json', 'plan')) > 0, 'the entry is matched', 300);
  await service.end('SIGTERM');
  here.write(
    'jenkins-scim.yaml',
    here.read('jenkins-scim.yaml').replace('    mode:', '    identity: { stripDomain: true }\n    mode:'),
  );
  const adopted = await here.run('adopt');
  assert.equal(adopted.exit, 0, adopted.err);
  assert.match(adopted.out, /^1 roles and entries adopted/);
  const again = await here.serve();
  await here.at(again.scim).patch(`/Groups/${group}`, { op: 'remove', path: 'members' });
  await eventually(() => !here.holders('readers').includes('ana@corp.test'), 'what was adopted falls');
  assert.deepEqual(here.holders('readers'), ['ana']);
});

test('a role that nobody knows is an error of adopt and of disown, with the nearest name; nothing is done', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  const okta = here.at(service.scim);
  await okta.group('ci-pay-dev', [await okta.user('ana@corp.test')]);
  await eventually(() => here.holders('pay-developer').includes('ana@corp.test'));
  const adopted = await here.run('adopt', '--role', 'pay-developr');
  assert.equal(adopted.exit, 1, adopted.out);
  assert.match(adopted.err, /ROLE_UNKNOWN: .*called pay-developr; did you mean pay-developer\?\nRemedy: Known: /);
  const known = await here.run('adopt', '--role', 'pay-developer');
  assert.deepEqual([known.exit, known.out.slice(0, 16)], [0, 'Nothing to adopt']);
  const before = await here.run('disown', '--role', 'pay-develop');
  assert.equal(before.exit, 1);
  assert.match(before.err, /Nothing is owned in a role called pay-develop; did you mean pay-developer\?/);
  const disowned = await here.run('--json', 'disown', '--role', 'pay-developer');
  assert.deepEqual([disowned.exit, disowned.json()], [0, { disowned: 2 }]);
});

test('a token lives no longer than the configuration allows, by create and by rotate', async (t) => {
  const here = await installation(t, { more: 'limits: { credentialLifetime: 400d }\n' });
  const create = (expires: string) =>
    here.run('--json', 'token', 'create', '--connection', 'okta', '--expires', expires);
  const refused = await create('99999d');
  assert.equal(refused.exit, 1);
  assert.match(
    refused.json<{ error: { message: string } }>().error.message,
    /more than the 400 days .*limits\.credentialLifetime/,
  );
  assert.equal((await create('401d')).exit, 1);
  const made = await create('400d');
  assert.equal(made.exit, 0, made.err);
  const rotated = await here.run('token', 'rotate', 'start', made.json<{ id: string }>().id, '--expires', '401d');
  assert.equal(rotated.exit, 1);
  assert.match(rotated.err, /AUTH_ORDER: .*400 days/);
});

test('token create --out where a file is makes no token', async (t) => {
  const here = await installation(t);
  const before = (await here.run('--json', 'token', 'list')).json<{ tokens: unknown[] }>().tokens.length;
  const ran = await here.run('token', 'create', '--connection', 'okta', '--out', join(here.folder, 'token'));
  assert.equal(ran.exit, 1);
  assert.match(ran.err, /CLI_FILE: .*token cannot be used: it exists already\nRemedy: /);
  const nowhere = join(here.folder, 'nowhere', 'x');
  for (const words of [
    ['token', 'create', '--connection', 'okta', '--out'],
    ['db', 'backup'],
  ])
    assert.match((await here.run(...words, nowhere)).err, /nowhere\/x.*: its folder does not exist\nRemedy: /);
  const unknown = join(here.folder, 'new');
  const refused = await here.run('token', 'create', '--connection', 'okta', '--scope', 'all', '--out', unknown);
  assert.equal(refused.exit, 1);
  assert.equal(existsSync(unknown), false);
  assert.equal((await here.run('--json', 'token', 'list')).json<{ tokens: unknown[] }>().tokens.length, before);
});

test('serve with a policy that was never good says so once, with its errors, and takes pushes', async (t) => {
  const here = await installation(t, { policy: 'version: 1\nroles: { a: { scope: nope } }\n' });
  const service = await here.serve();
  await eventually(() => service.log().includes('no policy is in force'));
  assert.match(service.log(), /"code":"POL_INVALID".*"remedy"/);
  assert.match(service.log(), /"file":"policy\.yaml","line":2/);
  assert.ok(await here.at(service.scim).user('ana'));
  assert.equal(await service.end('SIGTERM'), 0);
});

test('a port in use, keys that are gone: serve ends with 1 and a remedy', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  const { port } = new URL(service.listen);
  here.write('second.yaml', here.read('jenkins-scim.yaml').replace('127.0.0.1:0', `127.0.0.1:${port}`));
  const second = await here.run('--config', join(here.folder, 'second.yaml'), 'serve');
  assert.equal(second.exit, 1);
  assert.match(
    second.err,
    new RegExp(`CLI_NETWORK: 127\\.0\\.0\\.1:${port} cannot be used: the address is in use\nRemedy`),
  );
  await service.end('SIGTERM');
  here.write('third.yaml', here.read('jenkins-scim.yaml').replace('server:', 'keys: ./elsewhere\nserver:'));
  const third = await here.run('--config', join(here.folder, 'third.yaml'), 'serve');
  assert.equal(third.exit, 1);
  assert.match(third.err, /KEY_FILE: .*it is missing\nRemedy: Restore it/);
});

test('the key folder of another database is refused by every command, and nothing is written with it', async (t) => {
  const [here, other] = [await installation(t), await installation(t)];
  const records = async () => (await here.run('ledger', 'export')).out;
  assert.equal((await here.run('db', 'backup', 'mine.db')).exit, 0);
  const before = await records();
  const keys = join(other.folder, 'keys');
  here.write('foreign.yaml', here.read('jenkins-scim.yaml').replace('server:', `keys: ${keys}\nserver:`));
  const refused = async (...words: string[]) => here.run('--config', join(here.folder, 'foreign.yaml'), ...words);
  const backup = join(here.folder, 'mine.db');
  for (const words of [
    ['serve'],
    ['plan'],
    ['ledger', 'verify'],
    ['token', 'create', '--connection', 'okta'],
    ['db', 'migrate'],
    ['db', 'restore', backup],
  ]) {
    const ran = await refused(...words);
    assert.equal(ran.exit, 1, words.join(' '));
    assert.match(ran.err, /KEY_FOREIGN: The keys in .*keys belong to another database\nRemedy: /, words.join(' '));
  }
  const doctor = await refused('--json', 'doctor');
  assert.equal(doctor.exit, 1);
  const { findings } = doctor.json<{ findings: { code: string; subject: string; finding: string }[] }>();
  const found = findings.find(({ code }) => code === 'storage.unusable');
  assert.equal(found?.subject, 'KEY_FOREIGN');
  assert.match(found?.finding ?? '', /Set keys: to the folder/);
  assert.equal(await records(), before);
  assert.equal(existsSync(join(here.folder, 'data', 'jenkins-scim.db.before-restore')), false);
  assert.equal((await here.run('ledger', 'verify')).exit, 0);
});

test('a backup takes the place of the database with every controller on hold, or not at all', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  const [own, saved] = [join(here.folder, 'data', 'jenkins-scim.db'), join(here.folder, 'saved.db')];
  assert.equal((await here.run('db', 'backup', saved)).exit, 0);
  const database = new DatabaseSync(saved);
  database.exec(`CREATE TRIGGER full BEFORE INSERT ON controllers BEGIN SELECT raise(ABORT, 'no room'); END`);
  database.close();
  await here.run('token', 'create', '--connection', 'okta');
  const tokens = async () => (await here.run('--json', 'token', 'list')).out;
  const before = await tokens();
  const restored = await here.run('db', 'restore', saved);
  assert.equal(restored.exit, 1, restored.out);
  assert.match(restored.err, /no room/);
  assert.equal(await tokens(), before, 'the old one is in force');
  for (const left of ['.restoring', '.restoring-wal', '.before-restore'])
    assert.equal(existsSync(`${own}${left}`), false);
});

test('a database is not restored from itself, whatever it is called', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  assert.equal((await here.run('db', 'migrate')).exit, 0);
  const own = join(here.folder, 'data', 'jenkins-scim.db');
  symlinkSync(own, join(here.folder, 'link.db'));
  for (const name of [own, join(here.folder, 'link.db')]) {
    const ran = await here.run('db', 'restore', name);
    assert.equal(ran.exit, 64);
    assert.match(ran.err, /is the database itself: name a backup/);
  }
  assert.equal(existsSync(`${own}.before-restore`), false);
});

test('a controller that does not answer is 1; the plan of the others is printed', async (t) => {
  const here = await installation(t, {
    mode: 'observe',
    policy: POLICY + BOT,
    more: `  dead:
    url: http://127.0.0.1:9/
    user: u
    apiToken: { file: ./token }
`,
  });
  const plan = await here.run('plan');
  assert.equal(plan.exit, 1);
  assert.match(plan.out, /dead \(observe\): could not be read\n {2}JEN_UNREACHABLE/);
  assert.match(plan.out, /svc-bot gets browser/);
  const apply = await here.run('--json', 'apply');
  assert.equal(apply.exit, 1);
  const done = apply.json<{ controllers: { controller: string; verified: number; error?: string }[] }>().controllers;
  assert.deepEqual(done.map(({ controller, verified }) => [controller, verified > 0]).sort(), [
    ['ci', true],
    ['dead', false],
  ]);
  assert.match(done.find(({ controller }) => controller === 'dead')?.error ?? '', /cannot be reached/);
});

test('the demo on a controller that is there only observes; with --yes it writes and takes its roles back', async (t) => {
  const here = await installation(t);
  const words = ['demo', '--once', '--jenkins', here.practice.url, '--user', SERVICE, '--token-file', 'token'];
  const before = JSON.stringify([here.practice.look.roles('global'), here.practice.look.roles('item')]);
  const now = () => JSON.stringify([here.practice.look.roles('global'), here.practice.look.roles('item')]);
  const { saves } = here.practice.look;
  const observed = await here.run(...words);
  assert.equal(observed.exit, 0, observed.out + observed.err);
  assert.match(observed.out, /observe mode: nothing is written/);
  assert.equal(here.practice.look.saves, saves);
  const written = await here.run(...words, '--yes');
  assert.equal(written.exit, 0, written.out + written.err);
  assert.match(written.out, /ok Ana is pay-developer on Jenkins/);
  assert.ok(here.practice.look.saves > saves);
  assert.equal(now(), before);
  here.write('wrong', 'no token');
  const refused = await here.run(...words.slice(0, -1), 'wrong');
  assert.equal(refused.exit, 1);
  assert.match(refused.err, /^JEN_CREDENTIAL: /m);
});

test('the demo that is ended in the middle of its story takes its folder and its roles back', async (t) => {
  const here = await installation(t);
  const roles = (): string => JSON.stringify([here.practice.look.roles('global'), here.practice.look.roles('item')]);
  const before = roles();
  const scratch = temporaryFolder(t);
  const real = ['--jenkins', here.practice.url, '--user', SERVICE, '--token-file', 'token', '--yes'];
  for (const [signal, words] of [
    ['SIGINT', ['demo', '--once']],
    ['SIGTERM', ['demo', '--once', ...real]],
  ] as const) {
    const child = here.start(words, { TMPDIR: scratch });
    let out = '';
    let asked = false;
    child.stdout!.on('data', (chunk) => {
      out += String(chunk);
      if (!asked && out.includes('Ana is pay-developer on Jenkins')) asked = child.kill(signal);
    });
    const exit = await new Promise<number | null>((resolve) => child.once('close', resolve));
    assert.equal(exit, 1, out);
    assert.match(out, /Ended before the story was/);
    assert.deepEqual(readdirSync(scratch), []);
  }
  assert.equal(roles(), before);
});

function matchedIn(plan: Ran): number {
  const [controller] = plan.json<{ controllers: { matched: unknown[] }[] }>().controllers;
  return controller?.matched.length ?? 0;
}

test('what was revoked since a backup stays revoked when it is restored', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  const made = async () =>
    (await here.run('--json', 'token', 'create', '--connection', 'okta')).json<{ id: string; token: string }>();
  const [revoked, stolen, kept] = [await made(), await made(), await made()];
  const backup = join(here.folder, 'b.db');
  assert.equal((await here.run('db', 'backup', backup)).exit, 0);
  assert.equal((await here.run('token', 'revoke', revoked.id)).exit, 0);
  assert.equal((await here.run('token', 'revoke', stolen.id, '--compromised', '--since', '1h')).exit, 0);
  const restored = await here.run('--json', 'db', 'restore', backup);
  assert.deepEqual(
    restored.json(),
    { restored: backup, held: true, ended: 2, declared: 0, lifted: 0, paused: [] },
    restored.err,
  );
  const service = await here.serve();
  const status = async ({ token }: { token: string }) =>
    (await fetch(`${service.scim}/Users`, { headers: { authorization: `Bearer ${token}` } })).status;
  assert.deepEqual([await status(revoked), await status(stolen), await status(kept)], [401, 401, 200]);
  await service.end('SIGTERM');
  const records = (await here.run('ledger', 'export')).out;
  for (const { id } of [revoked, stolen])
    assert.match(records, new RegExp(`"${id}".*"restored":true|"restored":true.*"${id}"`));
  assert.equal((await here.run('ledger', 'verify')).exit, 0);
});

test('whom an operator cut since a backup gets nothing back by a restore: the identity provider never said so', async (t) => {
  const here = await installation(t);
  const first = await here.serve();
  const okta = here.at(first.scim);
  const ana = await okta.user('ana');
  await okta.group('ci-pay-dev', [ana, await okta.user('bo')]);
  await eventually(() => here.holders('pay-developer').length === 2);
  const backup = join(here.folder, 'b.db');
  assert.equal((await here.run('db', 'backup', backup)).exit, 0);
  assert.equal((await here.run('leaver', 'ana', '--now')).exit, 0);
  await here.at(first.scim).user('late');
  assert.equal((await here.run('leaver', 'late', '--now')).exit, 0);
  assert.equal(await first.end('SIGTERM'), 0);
  const restored = await here.run('--json', 'db', 'restore', backup);
  assert.deepEqual(
    restored.json(),
    { restored: backup, held: true, ended: 0, declared: 1, lifted: 0, paused: [] },
    restored.err,
  );
  const second = await here.serve();
  assert.equal((await here.run('resume', 'all')).exit, 0);
  assert.equal((await here.run('sync')).exit, 0);
  assert.deepEqual(here.holders('pay-developer'), ['bo']);
  const certificate = (await here.run('--json', 'leaver', 'ana')).json<{ state: string }>();
  assert.equal(certificate.state, 'leaver');
  assert.match((await here.run('leaver', 'ana', '--lift')).out, /active/);
  await eventually(() => here.holders('pay-developer').includes('ana'));
  assert.equal(await second.end('SIGTERM'), 0);
  assert.match(
    (await here.run('ledger', 'export')).out,
    new RegExp(`leaver.declared.*${ana}.*"restored":true|"restored":true.*${ana}`),
  );
});

test('whom an operator let come back since a backup is not cut again by a restore', async (t) => {
  const here = await installation(t);
  const first = await here.serve();
  const okta = here.at(first.scim);
  await okta.group('ci-pay-dev', [await okta.user('ana'), await okta.user('bo')]);
  await eventually(() => here.holders('pay-developer').length === 2);
  for (const name of ['ana', 'bo']) assert.equal((await here.run('leaver', name, '--now')).exit, 0);
  const backup = join(here.folder, 'b.db');
  assert.equal((await here.run('db', 'backup', backup)).exit, 0);
  await here.run('leaver', 'ana', '--lift');
  await eventually(() => here.holders('pay-developer').includes('ana'));
  assert.equal(await first.end('SIGTERM'), 0);
  const restored = await here.run('db', 'restore', backup);
  assert.match(restored.out, /People whom `leaver --lift` let come back since the backup are back: 1\./, restored.err);
  const second = await here.serve();
  assert.equal((await here.run('resume', 'all')).exit, 0);
  assert.equal((await here.run('sync')).exit, 0);
  assert.deepEqual(here.holders('pay-developer'), ['ana']);
  assert.equal(await second.end('SIGTERM'), 0);
});

test('where the ledger of the database that is replaced cannot be read, who was cut since stays cut, and who may be cut again is said', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  const service = await here.serve();
  await here.at(service.scim).user('ana');
  const backup = join(here.folder, 'b.db');
  assert.equal((await here.run('leaver', 'ana', '--now')).exit, 0);
  await here.at(service.scim).user('bo');
  assert.equal((await here.run('db', 'backup', backup)).exit, 0);
  await here.run('leaver', 'ana', '--lift');
  assert.equal((await here.run('leaver', 'bo', '--now')).exit, 0);
  assert.equal(await service.end('SIGTERM'), 0);
  const database = new DatabaseSync(join(here.folder, 'data/jenkins-scim.db'));
  database.exec('DROP TABLE ledger');
  database.close();
  const restored = await here.run('--json', 'db', 'restore', backup);
  const told = restored.json<{ declared: number; lifted: number | null }>();
  assert.deepEqual([told.declared, told.lifted], [1, null], restored.err);
});

test('leaver --now and --lift say which controller did not do it, and end with 1', async (t) => {
  const here = await installation(t);
  const first = await here.serve();
  const okta = here.at(first.scim);
  await okta.group('ci-pay-dev', [await okta.user('ana')]);
  await eventually(() => here.holders('pay-developer').length === 1);
  assert.equal(await first.end('SIGTERM'), 0);
  await here.practice.close();
  const cut = await here.run('leaver', 'ana', '--now');
  assert.equal(cut.exit, 1, cut.out);
  assert.match(cut.out, /^ana: leaver/);
  assert.match(cut.out, /\n {2}ci did not do it: .*ci/);
  const json = (await here.run('--json', 'leaver', 'ana', '--now')).json<{
    undone: { controller: string; error: string }[];
  }>();
  assert.deepEqual(
    json.undone.map(({ controller }) => controller),
    ['ci'],
  );
  const lifted = await here.run('leaver', 'ana', '--lift');
  assert.equal(lifted.exit, 1, lifted.out);
  assert.match(lifted.out, /^ana: active[\s\S]*ci did not do it/);
  assert.equal((await here.run('pause', 'controller', 'ci')).exit, 0);
  const paused = await here.run('leaver', 'ana', '--now');
  assert.equal(paused.exit, 1, paused.out);
  assert.match(
    paused.out.replace(/\s+/g, ' '),
    /ci did not do it: it is paused: `jenkins-scim resume controller ci` ends that/,
  );
});

test('a connection that was paused since a backup stays paused when it is restored', async (t) => {
  const here = await installation(t);
  const first = await here.serve();
  const okta = here.at(first.scim);
  const group = await okta.group('ci-pay-dev', [await okta.user('ana')]);
  const bo = await okta.user('bo');
  await eventually(() => here.holders('pay-developer').length === 1);
  const backup = join(here.folder, 'b.db');
  assert.equal((await here.run('db', 'backup', backup)).exit, 0);
  assert.equal((await here.run('pause', 'connection', 'okta')).exit, 0);
  assert.equal(await first.end('SIGTERM'), 0);
  const restored = await here.run('db', 'restore', backup);
  assert.match(restored.out, /Connections that were paused since the backup stay paused: okta\./);
  assert.match((await here.run('plan')).out, /The connection okta is paused/);
  assert.equal((await here.run('resume', 'controller', 'ci')).exit, 0);
  const second = await here.serve();
  await here.at(second.scim).patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: bo }] });
  assert.equal((await here.run('sync')).exit, 0);
  assert.deepEqual(here.holders('pay-developer'), ['ana']);
  assert.equal((await here.run('resume', 'connection', 'okta')).exit, 0);
  await eventually(() => here.holders('pay-developer').includes('bo'));
  assert.equal(await second.end('SIGTERM'), 0);
  assert.match(
    (await here.run('ledger', 'export')).out,
    /"connections":\["okta"\].*"restored":true.*"kind":"sync.paused"|"kind":"sync.paused".*"connections":\["okta"\].*"restored":true/,
  );
});

test('whom an operator cut while their connection was paused is cut after a restore, too, once that goes on, whatever the mode', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  const service = await here.serve();
  const okta = here.at(service.scim);
  await okta.group('ci-pay-dev', [await okta.user('ana')]);
  await here.run('apply');
  assert.deepEqual(here.holders('pay-developer'), ['ana']);
  const backup = join(here.folder, 'b.db');
  assert.equal((await here.run('db', 'backup', backup)).exit, 0);
  assert.equal((await here.run('pause', 'connection', 'okta')).exit, 0);
  await here.run('leaver', 'ana', '--now');
  assert.equal(await service.end('SIGTERM'), 0);
  const restored = (await here.run('--json', 'db', 'restore', backup)).json<{ declared: number; paused: string[] }>();
  assert.deepEqual([restored.declared, restored.paused], [1, ['okta']]);
  assert.equal((await here.run('resume', 'controller', 'ci')).exit, 0);
  await here.run('sync');
  assert.deepEqual(here.holders('pay-developer'), ['ana'], 'her connection is paused');
  assert.equal((await here.run('resume', 'connection', 'okta')).exit, 0);
  await here.run('sync');
  assert.deepEqual(here.holders('pay-developer'), []);
});

test('a saved plan and a release of held steps are two orders: none of them is left out in silence', async (t) => {
  const here = await installation(t);
  const saved = join(here.folder, 'plan.json');
  await here.run('plan', '--out', saved);
  const both = await here.run('apply', saved, '--allow-loss', '3f9c1a2b');
  assert.equal(both.exit, 64, both.out);
  assert.match(both.err, /a saved plan and --allow-loss exclude each other/);
});

test('where the database that is replaced cannot be read, `db restore` says that what was revoked is valid again', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  assert.equal((await here.run('token', 'create', '--connection', 'okta')).exit, 0);
  const backup = join(here.folder, 'b.db');
  assert.equal((await here.run('db', 'backup', backup)).exit, 0);
  here.write('data/jenkins-scim.db', 'ruined'.repeat(2000));
  const restored = await here.run('db', 'restore', backup);
  assert.equal(restored.exit, 0, restored.err);
  assert.match(restored.out, /what was revoked since the backup is valid again.*jenkins-scim token list/s);
  assert.match(restored.out, /leaver USER --now` cut since the backup would get back what the rules give/);
  assert.match(restored.out, /leaver USER --lift` let come back since the backup would be cut again/);
  assert.match(restored.out, /A connection that was paused since the backup goes on: pause it again before `resume`/);
});
