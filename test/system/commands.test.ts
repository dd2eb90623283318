import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { startPractice } from '../../src/practice/controller.ts';
import { eventually, SERVICE } from '../sync/world.ts';
import { installation } from './installation.ts';

test('serve: ready line, push, drain on SIGTERM with exit code 0', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  const okta = here.at(service.scim);
  const ana = await okta.user('ana');
  await okta.group('ci-pay-dev', [ana]);
  await eventually(() => here.holders('pay-developer').includes('ana'));
  assert.equal((await fetch(`${service.listen}/livez`)).status, 200);
  assert.equal((await fetch(`${service.listen}/readyz`)).status, 200);
  assert.equal((await fetch(`${service.listen}/metrics`)).status, 401);
  assert.equal((await fetch(`${service.listen}/api/v1/anything`)).status, 401);
  assert.equal(await service.end('SIGTERM'), 0);
});

test('kill -9: nothing acknowledged is lost, and the controller converges after the restart', async (t) => {
  const here = await installation(t);
  const first = await here.serve();
  const okta = here.at(first.scim);
  const people = await Promise.all(Array.from({ length: 40 }, (_, index) => okta.user(`dev${index}`)));
  const group = await okta.group('ci-pay-dev');
  const acknowledged: string[] = [];
  const writes = people.map(async (value, index) => {
    const answer = await okta.patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value }] });
    if (answer.status === 204) acknowledged.push(`dev${index}`);
  });
  await Promise.any(writes);
  await first.end('SIGKILL');
  await Promise.allSettled(writes);
  await here.serve();
  await eventually(() => acknowledged.every((name) => here.holders('pay-developer').includes(name)));
});

test('plan, plan --out, apply FILE, and a plan that no longer holds', async (t) => {
  const here = await installation(t, { mode: 'observe' });
  const service = await here.serve();
  const okta = here.at(service.scim);
  const ana = await okta.user('ana');
  const group = await okta.group('ci-pay-dev', [ana]);
  const plan = await here.run('--json', 'plan', '--out', 'plan.json');
  assert.equal(plan.exit, 2);
  const document = plan.json<{
    digest: string;
    controllers: { name: string; steps: { kind: string; reasons: unknown[] }[] }[];
  }>();
  const kinds = document.controllers[0]!.steps.map(({ kind }) => kind);
  assert.deepEqual([...new Set(kinds)], ['create-role', 'grant']);
  assert.equal(kinds.filter((kind) => kind === 'grant').length, 1);
  assert.ok(document.controllers[0]!.steps.every(({ reasons }) => reasons.length > 0));
  const text = await here.run('plan');
  assert.match(text.out, /pay-developer/);
  assert.match(text.out, /developers/);
  assert.deepEqual(here.holders('pay-developer'), []);
  const applied = await here.run('--json', 'apply', 'plan.json');
  assert.equal(applied.exit, 0, applied.out + applied.err);
  assert.deepEqual(here.holders('pay-developer'), ['ana']);
  const again = await here.run('apply', 'plan.json');
  assert.equal(again.exit, 1);
  assert.match(again.err, /PLAN_STALE/);
  await okta.patch(`/Groups/${group}`, { op: 'remove', path: `members[value eq "${ana}"]` });
  const loss = await here.run('--json', 'plan', '--user', 'ana');
  assert.ok(loss.json<typeof document>().controllers[0]!.steps.some(({ kind }) => kind === 'revoke'));
});

test('quarantine list, show, reject, release through the running service', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  const okta = here.at(service.scim);
  const crew = await Promise.all(Array.from({ length: 8 }, (_, index) => okta.user(`ops${index}`)));
  const group = await okta.group('ci-ops-dev', crew);
  await eventually(() => here.holders('ops-developer').length === 8);
  await okta.patch(`/Groups/${group}`, { op: 'replace', path: 'members', value: [] });
  await okta.patch(`/Groups/${group}`, { op: 'remove', path: 'members' });
  let digest = '';
  await eventually(async () => {
    const list = await here.run('--json', 'quarantine', 'list');
    const held = list.json<{ held?: { digest: string; steps: number }[] }>();
    const rows = Object.values(held).flat() as { digest: string; steps: number }[];
    digest = rows[0]?.digest ?? '';
    return rows[0]?.steps === 8 && list.exit === 2;
  }, 'eight held steps');
  assert.match((await here.run('quarantine', 'show', digest.slice(0, 12))).out, /ops-developer/);
  assert.equal(here.holders('ops-developer').length, 8);
  for (const short of ['', digest.slice(0, 7)])
    for (const words of [
      ['quarantine', 'show', short],
      ['quarantine', 'reject', short],
      ['quarantine', 'release', short],
      ['apply', '--allow-loss', short],
    ]) {
      const refused = await here.run(...words);
      assert.match(refused.err, /PLAN_UNKNOWN/, words.join(' '));
    }
  assert.equal(here.holders('ops-developer').length, 8, 'a digest that was not typed releases nothing');
  const rejected = await here.run('--json', 'quarantine', 'reject', digest.slice(0, 12));
  assert.equal(rejected.exit, 0, rejected.out + rejected.err);
  assert.match((await here.run('quarantine', 'list')).out, /rejected/);
  const released = await here.run('--json', 'quarantine', 'release', digest.slice(0, 12));
  assert.equal(released.exit, 0, released.out + released.err);
  assert.equal(here.holders('ops-developer').length, 0);
});

test('leaver, explain, ghosts, ledger, doctor, db: what they print and their exit codes', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  const okta = here.at(service.scim);
  const [ana, bo] = [await okta.user('ana'), await okta.user('bo')];
  await okta.group('ci-pay-dev', [ana, bo]);
  await eventually(() => here.holders('pay-developer').length === 2);

  const why = await here.run('--json', 'explain', 'ana');
  const explained = why.json<{
    controllers: {
      grants: { role: string; effective: boolean; reasons: Record<string, unknown>[] }[];
      whyNot: { rule: string; missing: string }[];
    }[];
  }>();
  const [grant] = explained.controllers[0]!.grants;
  assert.equal(grant!.role, 'pay-developer');
  assert.equal(grant!.effective, true);
  assert.equal(grant!.reasons[0]!.rule, 'developers');
  assert.equal(grant!.reasons[0]!.group, 'ci-pay-dev');
  assert.ok(grant!.reasons[0]!.since && grant!.reasons[0]!.request && grant!.reasons[0]!.credential);
  assert.ok(
    explained.controllers[0]!.whyNot.some(
      ({ rule, missing }) => rule === 'admins' && missing.includes('jenkins-admins'),
    ),
  );
  assert.match((await here.run('explain', 'ana', '--permission', 'Overall/Administer')).out, /jenkins-admins/);
  assert.equal((await here.run('explain', 'nobody')).exit, 1);

  here.practice.hands.mintToken('bo');
  await okta.patch(`/Users/${bo}`, { op: 'replace', value: { active: false } });
  await eventually(async () => (await here.run('--json', 'leaver', 'bo')).json<{ complete: boolean }>().complete);
  const certificate = await here.run('leaver', 'bo');
  assert.equal(certificate.exit, 0);
  assert.match(certificate.out, /Complete/);
  assert.equal(here.practice.look.person('bo').tokens, 0);

  const nothingOwed = await here.run('leaver', 'ana', '--release-id');
  assert.match(nothingOwed.out, /There was no id to give free: nothing was owed\./);
  assert.equal(nothingOwed.exit, 0, 'nothing is left to do');
  here.practice.hands.mintToken('ana');
  const now = await here.run('--json', 'leaver', 'ana', '--now');
  assert.equal(now.exit, 0, now.out + now.err);
  assert.equal(here.practice.look.person('ana').tokens, 0);
  assert.deepEqual(here.holders('pay-developer'), []);
  const lifted = await here.run('leaver', 'ana', '--lift');
  assert.match(lifted.out, /active/);
  assert.equal(lifted.exit, 0, 'done, and nothing is left to do');
  await eventually(() => here.holders('pay-developer').includes('ana'));

  here.practice.hands.mintToken('stranger');
  const ghosts = await here.run('--json', 'ghosts');
  assert.match(ghosts.out, /stranger/);
  assert.equal(ghosts.exit, 2);

  await service.end('SIGTERM');
  const verified = await here.run('--json', 'ledger', 'verify');
  assert.equal(verified.exit, 0, verified.err);
  const { records, head } = verified.json<{ records: number; head: string }>();
  assert.ok(records > 5);
  assert.equal((await here.run('ledger', 'verify', '--head', head)).exit, 0);
  const lines = (await here.run('ledger', 'export')).out.trim().split('\n');
  assert.equal(lines.length, records + 1, 'and the end');

  assert.equal((await here.run('db', 'status')).exit, 0);
  assert.equal((await here.run('db', 'backup', join(here.folder, 'backup.db'))).exit, 0);
  assert.equal((await here.run('db', 'restore', join(here.folder, 'backup.db'))).exit, 0);
  const held = await here.run('--json', 'apply');
  assert.equal(held.exit, 1);
  assert.match(held.out, /paused|hold/);
  assert.equal((await here.run('resume', 'all')).exit, 0);
  const resumed = await here.run('--json', 'apply');
  assert.notEqual(resumed.exit, 64);

  const doctor = await here.run('--json', 'doctor');
  const { findings } = doctor.json<{ findings: { code: string; remedy: string }[] }>();
  assert.ok(findings.every(({ remedy }) => remedy !== ''));
  assert.ok([0, 2].includes(doctor.exit!), JSON.stringify(findings));
});

test('older list, ask, keep, revoke and the doctor: what an id held before somebody was linked to it', async (t) => {
  const here = await installation(t);
  for (const [id, name] of [
    ['ana', 'laptop'],
    ['bo', 'ci'],
  ] as const)
    here.practice.hands.mintToken(id, name);
  const service = await here.serve();
  const okta = here.at(service.scim);
  const people = [await okta.user('ana'), await okta.user('bo'), await okta.user('new')];
  await okta.group('ci-pay-dev', people);
  type List = { older: { user: string; tokens: { name: string; createdAt: string }[] }[]; unasked: unknown[] };
  const list = async (): Promise<List> => (await here.run('--json', 'older', 'list')).json<List>();
  await eventually(async () => (await list()).older.length === 2);
  const { older, unasked } = await list();
  assert.deepEqual(
    older.map(({ user, tokens }) => [user, tokens.map(({ name }) => name)]),
    [
      ['ana', ['laptop']],
      ['bo', ['ci']],
    ],
  );
  assert.ok(Number.isFinite(Date.parse(older[0]!.tokens[0]!.createdAt)));
  assert.deepEqual(unasked, []);
  const codes = async (): Promise<string[]> => {
    const { findings } = (await here.run('--json', 'doctor')).json<{ findings: { code: string }[] }>();
    return findings.map(({ code }) => code).filter((code) => code.startsWith('identity.'));
  };
  assert.deepEqual(await codes(), ['identity.older-credentials']);
  const text = await here.run('older', 'list', '--controller', 'ci');
  assert.equal(text.exit, 2);
  assert.match(text.out, /ci {2}ana {2}ana of okta\n {2}linked \S+\n {2}the record ana holds 1 token\(s\)/);

  const revoked = await here.run('--json', 'older', 'revoke', 'ana', '--by', 'eve');
  assert.equal(revoked.exit, 0, revoked.out + revoked.err);
  assert.equal(here.practice.look.person('ana').tokens, 0);
  assert.deepEqual((await here.run('--json', 'older', 'keep', 'bo')).json(), { kept: 1 });
  assert.equal(here.practice.look.person('bo').tokens, 1);
  assert.equal(here.holders('pay-developer').length, 3);
  assert.equal((await here.run('older', 'list')).exit, 0);
  assert.deepEqual(await codes(), []);
  const again = await here.run('older', 'ask', '--all', '--by', 'eve');
  assert.equal(again.exit, 2, again.err);
  assert.match(again.out, /^ci: asked about 3 id\(s\)\nci {2}bo {2}bo of okta\n/);
  const about = await here.run('--json', 'older', 'ask', 'bo');
  const { asked, older: still } = about.json<{ asked: unknown[]; older: { user: string }[] }>();
  assert.deepEqual(asked, [{ controller: 'ci', ids: 0 }], 'it is listed already');
  assert.deepEqual(
    still.map(({ user }) => user),
    ['bo'],
  );
  assert.equal((await here.run('older', 'keep', '--all')).exit, 0);
  assert.equal((await here.run('older', 'revoke', 'nobody')).exit, 1);
  await service.end('SIGTERM');
  const lines = (await here.run('ledger', 'export')).out.trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as { kind: string; actor: string });
  const told = records.filter(({ kind }) => kind.startsWith('identity.older'));
  assert.deepEqual(told.map(({ kind }) => kind).toSorted(), [
    ...['identity.older', 'identity.older', 'identity.older'],
    ...['identity.older-asked', 'identity.older-asked'],
    ...['identity.older-kept', 'identity.older-kept'],
    'identity.older-revoked',
  ]);
  assert.match(told.find(({ kind }) => kind === 'identity.older-revoked')!.actor, /^operator:eve/);
  assert.match(told.find(({ kind }) => kind === 'identity.older-kept')!.actor, /^operator/);
});

test('a token works at once, and a revoked one is refused at once', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  const made = (await here.run('--json', 'token', 'create', '--connection', 'okta', '--expires', '1h')).json<{
    id: string;
    token: string;
  }>();
  assert.equal((await here.at(service.scim, made.token).send('GET', '/Users?count=1')).status, 200);
  assert.equal((await here.run('token', 'revoke', made.id)).exit, 0);
  assert.equal((await here.at(service.scim, made.token).send('GET', '/Users?count=1')).status, 401);
  assert.equal((await here.run('token', 'create', '--connection', 'nowhere')).exit, 64);
});

test('policy lint, preview, schema; a broken policy keeps the last good one', async (t) => {
  const here = await installation(t);
  assert.equal((await here.run('policy', 'lint')).exit, 0, (await here.run('policy', 'lint')).out);
  assert.match((await here.run('policy', 'preview', '--user', 'ana', '--group', 'ci-pay-dev')).out, /pay-developer/);
  assert.equal((await here.run('--json', 'policy', 'schema')).exit, 0);
  const service = await here.serve();
  const okta = here.at(service.scim);
  const ana = await okta.user('ana');
  await okta.group('ci-pay-dev', [ana]);
  await eventually(() => here.holders('pay-developer').includes('ana'));
  here.write('policy.yaml', 'version: 1\nrules: [\n');
  assert.equal((await here.run('policy', 'lint')).exit, 1);
  const bo = await okta.user('bo');
  await okta.group('ci-web-dev', [bo]);
  await eventually(() => here.holders('web-developer').includes('bo'));
  assert.deepEqual(here.holders('pay-developer'), ['ana']);
});

test('no secret or password is in the log, the database, the ledger or the backup', async (t) => {
  const here = await installation(t);
  const service = await here.serve();
  const okta = here.at(service.scim);
  const canary = 'canary-Passw0rd-7731';
  const body = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ana',
    password: canary,
    active: true,
  };
  const made = await okta.send('POST', '/Users', body);
  assert.equal(made.status, 201);
  const id = String(made.body.id);
  await okta.patch(`/Users/${id}`, { op: 'replace', value: { password: canary } });
  await okta.group('ci-pay-dev', [id]);
  await eventually(() => here.holders('pay-developer').includes('ana'));
  await here.run('db', 'backup', join(here.folder, 'backup.db'));
  const exported = (await here.run('ledger', 'export')).out;
  await service.end('SIGTERM');
  const secrets = [canary, here.token.token, here.read('token').trim()];
  const texts = [
    service.log(),
    exported,
    ...files(here.folder)
      .filter(([name]) => name !== 'token')
      .map(([, text]) => text),
  ];
  for (const secret of secrets) for (const text of texts) assert.equal(text.includes(secret), false);
});

function files(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => [name, readFileSync(join(folder, name), 'latin1')]);
}

test('a saved plan is applied where it can be: a controller that cannot be read is told by its name', async (t) => {
  const second = await startPractice({
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    user: SERVICE,
    token: `11${'c'.repeat(32)}`,
    users: [{ id: 'admin', password: 'pw', administrator: true }],
    speed: 20,
  });
  t.after(() => second.close());
  const here = await installation(t, {
    mode: 'observe',
    more: `  other:
    url: ${second.url}
    user: ${SERVICE}
    apiToken: { file: ./token }
    mode: observe
    breakGlass: admin
`,
  });
  const service = await here.serve();
  const okta = here.at(service.scim);
  await okta.group('ci-pay-dev', [await okta.user('ana')]);
  assert.equal((await here.run('plan', '--out', 'plan.json')).exit, 2);
  await second.close();
  const applied = await here.run('apply', 'plan.json');
  assert.equal(applied.exit, 1, applied.err);
  assert.match(applied.out, /^ci: \d+ verified$/m);
  assert.match(applied.out, /^other: JEN_UNREACHABLE: .+\n {2}What to do: jenkins-scim doctor --controller other$/m);
  assert.deepEqual(here.holders('pay-developer'), ['ana']);
  const alone = await here.run('--json', 'apply', 'plan.json', '--controller', 'other');
  assert.equal(alone.exit, 1);
  assert.match(alone.json<{ controllers: { error: string }[] }>().controllers[0]!.error, /^JEN_UNREACHABLE/);
});

test('demo at a real controller that has roles of its names says which and what to do, and writes nothing', async (t) => {
  const here = await installation(t);
  const permissions = ['hudson.model.Item.Read'];
  here.practice.hands.defineRole({ type: 'item', name: 'pay-developer', pattern: 'pay', permissions });
  here.practice.hands.defineRole({ type: 'global', name: 'ops-developer', pattern: '.*', permissions });
  const { saves } = here.practice.look;
  const where = ['--jenkins', here.practice.url, '--user', SERVICE, '--token-file', join(here.folder, 'token')];
  for (const more of [[], ['--yes']]) {
    const ran = await here.run('demo', '--once', ...where, ...more);
    assert.equal(ran.exit, 1);
    assert.match(ran.err, /^ROLE_TAKEN: .* has item roles of the demo's names: pay-developer\n/);
    assert.match(ran.err, /Rename them on Jenkins/);
    assert.equal(ran.out, '');
  }
  assert.equal(here.practice.look.saves, saves);
});
