import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import type { Controller } from '../../src/access/ports/controller.ts';
import type { Principal } from '../../src/access/principal.ts';
import { proposedPolicy } from '../../src/cli/init/policy.ts';
import { PROFILES } from '../../src/config/connection.ts';
import { loadConfig } from '../../src/config/load.ts';
import { refuse } from '../../src/errors.ts';
import { lint } from '../../src/policy/lint.ts';
import { CAPABILITIES, CONTROLLER } from '../doctor/healthy.ts';
import { policyOf } from '../policy/scene.ts';
import { temporaryFolder } from '../store/open.ts';
import { run } from './fake.ts';

const FLAGS = [
  '--provider',
  'okta',
  'entra',
  '--jenkins',
  'https://ci.example.com/',
  '--user',
  'bot "x"',
  '--token-env',
  'T',
  '--break-glass',
  'admin',
];

function place(): string {
  return join(temporaryFolder({ after }), 'jenkins-scim.yaml');
}

const hostile = {
  ...CONTROLLER.observed!,
  roles: [
    ...CONTROLLER.observed!.roles,
    {
      type: 'item' as const,
      name: 'qa: {x}\n- y',
      pattern: '.*',
      permissions: [],
      entries: [{ type: 'group' as const, id: 'QA "Team" #1' }],
      digest: 'e',
    },
  ],
};

const answering: Partial<Controller> = {
  whoAmI: async () => CONTROLLER.whoAmI!,
  probe: async () => CAPABILITIES,
  observe: async () => hostile,
  close: async () => {},
};
const modules = { controller: async () => answering as Controller };

test('the help of --provider names every profile that there is', async () => {
  const { err, out } = await run(['init', '--help']);
  const [told = ''] = /--provider[\s\S]*?--jenkins/.exec(`${out}${err}`) ?? [];
  for (const profile of PROFILES) assert.ok(told.includes(profile), profile);
});

test('init writes a configuration that loads, with comments', async () => {
  const config = place();
  const ran = await run(['--config', config, 'init', ...FLAGS, '--no-check']);
  assert.equal(ran.exit, 0, ran.err);
  const loaded = loadConfig(config, {});
  assert.deepEqual(
    loaded.connections.map(({ name, profile }) => [name, profile]),
    [
      ['okta', 'okta'],
      ['entra', 'entra'],
    ],
  );
  assert.equal(loaded.controllers[0]?.user, 'bot "x"');
  assert.deepEqual(loaded.controllers[0]?.protect.users, ['bot "x"', 'admin']);
  assert.equal(loaded.controllers[0]?.mode, 'observe');
  const text = readFileSync(config, 'utf8');
  assert.ok(text.split('\n').filter((line) => line.trimStart().startsWith('#')).length >= 8, text);
  assert.ok(readFileSync(config.replace('jenkins-scim.yaml', 'policy.yaml'), 'utf8').includes('administer: true'));
});

test('init without flags and without a terminal writes a start for Okta', async () => {
  const config = place();
  assert.equal((await run(['--config', config, 'init'])).exit, 0);
  assert.equal(loadConfig(config, {}).connections[0]?.name, 'okta');
});

test('init says what comes next: a controller where none is named, the check where none answered', async () => {
  assert.match((await run(['--config', place(), 'init'])).out, /Next:\n {2}name a controller in jenkins-scim\.yaml/);
  const broken = {
    controller: async () => Promise.reject(refuse('JEN_UNREACHABLE', { controller: 'ci-main', reason: 'refused' })),
  };
  const ran = await run(['--config', place(), 'init', ...FLAGS], {}, {}, broken);
  assert.match(ran.out, /Next:\n {2}jenkins-scim controller check ci-main\n {2}jenkins-scim policy lint\n/);
});

test('init --schemas writes the schemas that `policy schema` prints, for editors', async () => {
  const config = place();
  const ran = await run(['--config', config, 'init', '--schemas']);
  assert.equal(ran.exit, 0, ran.err);
  const printed = await run(['policy', 'schema']);
  assert.equal(readFileSync(config.replace('jenkins-scim.yaml', 'policy.schema.json'), 'utf8'), printed.out);
});

test('init checks the connection and says what answers', async () => {
  const ran = await run(['--config', place(), 'init', ...FLAGS], {}, {}, modules);
  assert.equal(ran.exit, 0, ran.err);
  assert.match(ran.out, /ci-main answers: Jenkins 2\.568\.2, role-strategy 898, 2 role\(s\), we are jenkins-scim/);
});

test('init keeps its files and exits 1 when the controller does not answer', async () => {
  const config = place();
  const broken = {
    controller: async () => Promise.reject(refuse('JEN_UNREACHABLE', { controller: 'ci-main', reason: 'refused' })),
  };
  const ran = await run(['--config', config, 'init', ...FLAGS], {}, {}, broken);
  assert.equal(ran.exit, 1);
  assert.match(ran.out, /JEN_UNREACHABLE: ci-main cannot be reached: refused\nRemedy: /);
  loadConfig(config, {});
});

test('init --from-controller proposes rules, quotes what it found, marks administrators', async () => {
  const config = place();
  const ran = await run(['--config', config, 'init', ...FLAGS, '--from-controller'], {}, {}, modules);
  assert.equal(ran.exit, 0, ran.err);
  const text = readFileSync(config.replace('jenkins-scim.yaml', 'policy.yaml'), 'utf8');
  const policy = parse(text);
  assert.deepEqual(policy.roles['qa-x-y'].existing, { type: 'item', name: 'qa: {{x}}\n- y' });
  assert.deepEqual(policy.rules, [{ id: 'qa-x-y-qa-team-1', from: 'okta', group: 'QA "Team" #1', grant: 'qa-x-y' }]);
  assert.match(text, /# REVIEW: this role administers\./);
});

test('a proposal tells of entries that may be a person or a group, and whose groups its rules read', () => {
  const role = (name: string, entries: readonly Principal[]) => ({
    ...{ type: 'item' as const, name, pattern: '.*', permissions: ['hudson.model.Item.Read'], digest: 'd' },
    entries,
  });
  const either = [
    { type: 'either' as const, id: 'qa' },
    { type: 'either' as const, id: 'ops' },
    { type: 'either' as const, id: 'authenticated' },
    { type: 'user' as const, id: 'ana' },
  ];
  const old = { ...CONTROLLER.observed!, roles: [role('qa', either)] };
  const text = proposedPolicy(old, ['okta']);
  assert.match(text, /# 1 permission\(s\), 1 person\(s\) by hand, 2 that may be a person or a group: qa, ops\.\n/);
  assert.match(
    text,
    /# No role is held by what is surely a group\. Add: .*\n# REVIEW what may be a person or a group: a rule for each that is one\.\n/,
  );
  assert.deepEqual((parse(text) as { rules: unknown[] }).rules, []);
  const grouped = { ...old, roles: [role('qa', [{ type: 'group', id: 'QA' }])] };
  assert.deepEqual((parse(proposedPolicy(grouped, ['okta', 'entra'])) as { rules: unknown[] }).rules, [
    { id: 'qa-qa', from: 'okta', group: 'QA', grant: 'qa' },
  ]);
  assert.doesNotMatch(proposedPolicy(grouped, ['okta']), /may be a person|from:/);
});

test('a proposal has the roles that its rules grant; the others stand in a comment, each as it would be taken in', () => {
  const role = (
    name: string,
    type: 'global' | 'agent',
    entries: readonly Principal[],
    permission = 'hudson.model.Hudson.Read',
  ) => ({
    ...{ type, name, pattern: '.*', permissions: [permission], digest: 'd', entries },
  });
  const text = proposedPolicy({
    ...CONTROLLER.observed!,
    roles: [
      role('devs', 'global', [{ type: 'group', id: 'devs' }]),
      role('Überprüfer {1}', 'agent', [{ type: 'user', id: 'ana' }]),
      role('boss', 'global', [], 'hudson.model.Hudson.Administer'),
    ],
  });
  assert.deepEqual([Object.keys(parse(text).roles), lint(policyOf(text.replace('version: 1', '')))], [['devs'], []]);
  const taken = text.replaceAll(/^# {3}(?=\S)/gm, '  ');
  assert.deepEqual(parse(taken).roles['uberprufer-1'].existing, { type: 'agent', name: 'Überprüfer {{1}}' });
  assert.deepEqual(parse(taken).roles.boss, { existing: { type: 'global', name: 'boss' }, administer: true });
  assert.match(text, /boss: .* # REVIEW: this role administers\. 1 permission\(s\), 0 person\(s\) by hand\.\n/);
});

test('init refuses what cannot be right before it writes anything', async () => {
  for (const [words, reason] of [
    [['--jenkins', 'ci'], /--jenkins ci: not a URL/],
    [['--jenkins', 'https://ci/', '--controller', 'Bad Name'], /--controller Bad Name: a name has/],
    [['--external-url', 'scim'], /--external-url scim: not a URL/],
    [['--break-glass', 'admin'], /--break-glass needs --jenkins/],
    [['--provider', 'octa'], /use one of okta/],
    [['--jenkins', 'https://ci/', '--user', 'bot', '--break-glass', 'bot'], /--break-glass bot: that is the account/],
  ] as const) {
    const config = place();
    const ran = await run(['--config', config, 'init', ...words]);
    assert.equal(ran.exit, 64, words.join(' '));
    assert.match(ran.err, reason);
    assert.equal(existsSync(config), false);
  }
});

test('the policy of several providers says whose groups each rule reads', async () => {
  const config = place();
  await run(['--config', config, 'init', '--provider', 'entra', 'okta', 'entra']);
  const rules: { from?: string }[] = parse(
    readFileSync(config.replace('jenkins-scim.yaml', 'policy.yaml'), 'utf8'),
  ).rules;
  assert.deepEqual([...new Set(rules.map(({ from }) => from))], ['entra']);
});
