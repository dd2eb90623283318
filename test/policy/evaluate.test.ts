import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PermissionInfo } from '../../src/access/ports/controller.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { BASIC, CI, codesOf, factsOf, judged, policyOf, rolesOf, SINCE } from './scene.ts';

const POLICY = policyOf(BASIC);

test('nobody has anything by default', () => {
  assert.deepEqual(judged(POLICY, { people: { ana: [], bob: ['other'] } }).grants, []);
});

test('a group gives a role, and the reason says by which rule, line, group, request and since when', () => {
  const { grants } = judged(POLICY, { people: { ana: ['CI-Users'] } });
  assert.deepEqual(grants, [
    {
      role: { type: 'global', name: 'browser' },
      person: 'p:ana',
      reasons: [
        {
          rule: 'everyone',
          file: 'policy.yaml',
          line: 12,
          policy: POLICY.digest,
          group: 'CI-Users',
          groupId: 'g:CI-Users',
          since: SINCE,
          request: 'r1',
          credential: 'c1',
        },
      ],
    },
  ]);
});

test('a grant carries every reason, and each group is one', () => {
  const { grants } = judged(POLICY, { people: { ana: ['ci-users', 'ci-guests'] } });
  assert.deepEqual(
    grants.map(({ reasons }) => reasons.map(({ groupId }) => groupId)),
    [['g:ci-guests', 'g:ci-users']],
  );
});

test('a capture becomes folder and name, by way of map', () => {
  const { roles, grants } = judged(POLICY, {
    people: { ana: ['ci-pay-dev'], bob: ['ci-web-dev'] },
    empty: ['contractors'],
  });
  const developer = roles.find(({ name }) => name === 'payments-developer')!;
  assert.deepEqual(
    [developer.type, developer.pattern, developer.permissions, developer.policyRole, developer.scope],
    ['item', '\\Qpayments\\E($|/.*)', ['Job/Build', 'Job/Read'], 'developer', 'folder payments'],
  );
  assert.deepEqual(rolesOf(grants, 'ana'), ['payments-developer']);
  assert.deepEqual(rolesOf(grants, 'bob'), ['web-developer']);
});

test('only active people hold grants', () => {
  assert.deepEqual(judged(POLICY, { people: { ana: ['ci-users'] }, inactive: ['ana'] }).grants, []);
});

test('nested groups count, and the way is told, nearest first', () => {
  const { grants } = judged(POLICY, { people: { ana: ['squad'] }, nested: { squad: ['tribe'], tribe: ['ci-users'] } });
  assert.deepEqual(grants[0]!.reasons[0]!.via, ['squad', 'tribe']);
});

test('the shortest way counts where there are several', () => {
  const { grants } = judged(POLICY, { people: { ana: ['squad', 'ci-users'] }, nested: { squad: ['ci-users'] } });
  assert.equal(grants[0]!.reasons.length, 1);
  assert.equal(grants[0]!.reasons[0]!.via, undefined);
});

test('a membership through groups began with its newest edge', () => {
  const facts = factsOf({ people: { ana: ['squad'] }, nested: { squad: ['ci-users'] } });
  const squad = facts.groups.get('g:squad')!;
  const later = { ...squad, parents: [{ group: 'g:ci-users', since: '2026-11-20T00:00:00.000Z', request: 'r2' }] };
  const { grants } = evaluate(POLICY, { ...facts, groups: new Map([...facts.groups, ['g:squad', later]]) }, CI);
  assert.deepEqual([grants[0]!.reasons[0]!.since, grants[0]!.reasons[0]!.request], ['2026-11-20T00:00:00.000Z', 'r2']);
});

test('cycles are harmless and reported once', () => {
  const { grants, findings } = judged(POLICY, {
    people: { ana: ['a'] },
    nested: { a: ['b'], b: ['c'], c: ['a', 'ci-users'], self: ['self'] },
  });
  assert.deepEqual(rolesOf(grants, 'ana'), ['browser']);
  const cycles = findings.filter(({ code }) => code === 'policy.group-cycle');
  assert.deepEqual(
    cycles.map(({ finding }) => finding),
    ['Groups are members of each other: a, b, c.', 'Groups are members of each other: self.'],
  );
});

test('unless takes a person out of its rule only', () => {
  const { grants, frozen } = judged(POLICY, { people: { ana: ['ci-pay-dev', 'contractors', 'ci-users'] } });
  assert.deepEqual(rolesOf(grants, 'ana'), ['browser']);
  assert.deepEqual(frozen, []);
});

test('unless counts nested membership', () => {
  const { grants } = judged(POLICY, { people: { ana: ['ci-pay-dev', 'agency'] }, nested: { agency: ['contractors'] } });
  assert.deepEqual(grants, []);
});

test('a rule whose unless group is missing gives nothing new', () => {
  const { grants, frozen, findings } = judged(POLICY, { people: { ana: ['ci-pay-dev'] } });
  assert.deepEqual(grants, []);
  assert.deepEqual(rolesOf(frozen, 'ana'), ['payments-developer']);
  assert.ok(codesOf(findings).includes('policy.unless-missing'));
});

test('a bound unless group that is not among these facts is not missing', () => {
  const bindings = [{ connection: 'okta', nameKey: 'contractors', group: 'g:contractors', state: 'bound' as const }];
  assert.deepEqual(rolesOf(judged(POLICY, { people: { ana: ['ci-pay-dev'] }, bindings }).grants, 'ana'), [
    'payments-developer',
  ]);
});

test('a person of another connection gets nothing, by its groups or by name', () => {
  const policy = policyOf(`
roles: { r: { scope: global, preset: browse } }
rules:
  - { id: a, group: ci-users, grant: r }
  - { id: b, user: ana, until: 2030-01-01, grant: r }
`);
  assert.deepEqual(judged(policy, { people: { ana: ['ci-users'] }, connection: 'entra' }).grants, []);
  assert.equal(judged(policy, { people: { ana: ['ci-users'] } }).grants[0]!.reasons.length, 2);
});

test('from reads that connection, and unless follows its rule', () => {
  const policy = policyOf(`
roles: { r: { scope: global, preset: browse } }
rules:
  - { id: a, group: ci-users, grant: r, from: entra, unless: { group: contractors } }
`);
  const here = judged(policy, { people: { ana: ['ci-users'] }, empty: ['contractors'], connection: 'entra' });
  assert.deepEqual(rolesOf(here.grants, 'ana'), ['r']);
  const facts = factsOf({ people: { ana: ['ci-users'] }, connection: 'entra' });
  const foreign = factsOf({ empty: ['contractors'] });
  const mixed = evaluate(policy, { ...facts, groups: new Map([...facts.groups, ...foreign.groups]) }, CI);
  assert.deepEqual(mixed.grants, []);
});

test('controllers selects by name, glob and labels', () => {
  const gives = (selector: string, target: { name: string; labels: Record<string, string> }): boolean => {
    const policy = policyOf(`
roles: { r: { scope: global, preset: browse } }
rules:
  - { id: a, group: g, grant: r, controllers: ${selector} }
`);
    const { roles, grants } = judged(policy, { people: { ana: ['g'] } }, target);
    assert.equal(roles.length, grants.length);
    return grants.length > 0;
  };
  const prod = { name: 'ci-main', labels: { env: 'prod', site: 'muc' } };
  for (const selector of [
    'ci-main',
    '"ci-*"',
    '[x, ci-main]',
    '"c?-main"',
    '{ env: prod }',
    '{ env: [test, prod], site: "m*" }',
  ])
    assert.ok(gives(selector, prod), selector);
  for (const selector of [
    'ci',
    '[]'.replace('[]', '[x]'),
    '{ env: test }',
    '{ env: prod, site: ham }',
    '{ zone: a }',
    '{ toString: "*" }',
  ])
    assert.ok(!gives(selector, prod), selector);
});

test('a principal is granted under its own name', () => {
  const policy = policyOf(`
captures: { team: }
roles: { dev: { scope: { folder: "{team}" }, permissions: [Job/Build] } }
rules:
  - { id: bot, principal: svc-deploy, owner: ana, reason: OPS-12, review: 2027-06-30, grant: { role: dev, team: payments } }
`);
  const { grants } = judged(policy, {});
  assert.deepEqual(
    grants.map(({ principal, person, role }) => [principal, person, role.name]),
    [['svc-deploy', undefined, 'dev-payments']],
  );
});

test('captures given by hand win, and need no group with captures', () => {
  const policy = policyOf(`
captures: { team: }
roles: { dev: { scope: { folder: "{team}" }, permissions: [Job/Build] } }
rules:
  - { id: leads, group: leads, grant: [{ role: dev, team: a }, { role: dev, team: b }] }
`);
  assert.deepEqual(rolesOf(judged(policy, { people: { ana: ['leads'] } }).grants, 'ana'), ['dev-a', 'dev-b']);
});

test('existing roles are assigned and never defined', () => {
  const policy = policyOf(`
roles: { qa: { existing: { type: item, name: "@qa, old" } } }
rules: [{ id: a, group: g, grant: qa }]
`);
  const { roles, grants } = judged(policy, { people: { ana: ['g'] } });
  assert.deepEqual([roles[0]!.existing, roles[0]!.name, roles[0]!.permissions], [true, '@qa, old', []]);
  assert.equal(grants.length, 1);
});

test('parents: read gives Read on the folders above by one companion role per chain', () => {
  const policy = policyOf(`
captures: { team: }
roles: { dev: { scope: { folder: "org/unit/{team}", parents: read }, permissions: [Job/Read] } }
rules: [{ id: a, group: "ci-{team}", grant: dev }]
`);
  const { roles, grants } = judged(policy, { people: { ana: ['ci-a', 'ci-b'], bob: ['ci-a'] } });
  const companions = roles.filter(({ companionOf }) => companionOf !== undefined);
  assert.deepEqual(
    companions.map(({ name, pattern, permissions, companionOf }) => [name, pattern, permissions, companionOf?.name]),
    [['parents:org/unit', '\\Qorg\\E|\\Qorg/unit\\E', ['Job/Read'], 'dev-a']],
  );
  assert.deepEqual(rolesOf(grants, 'bob'), ['dev-a', 'parents:org/unit']);
  assert.equal(
    grants.find(({ person, role }) => person === 'p:ana' && role.name.startsWith('parents'))!.reasons.length,
    2,
  );
});

test('a folder at the top has no companion', () => {
  assert.ok(
    judged(policyOf(BASIC.replace('folder: "{team}"', 'folder: "{team}", parents: read')), {
      people: { ana: ['ci-a-dev'] },
      empty: ['contractors'],
    }).roles.every(({ companionOf }) => companionOf === undefined),
  );
});

test('roles are wanted before anybody holds them, instances as long as there is a group', () => {
  assert.deepEqual(
    judged(POLICY, {}).roles.map(({ name }) => name),
    ['browser'],
  );
  assert.deepEqual(
    judged(POLICY, { empty: ['ci-web-dev'] })
      .roles.map(({ name }) => name)
      .sort(),
    ['browser', 'web-developer'],
  );
});

test('renamedFrom is rendered with the captures', () => {
  const policy = policyOf(
    BASIC.replace('name: "{team}-developer"', 'name: "{team}-developer", renamedFrom: "dev-{team}"').replace(
      'developer:\n    scope: { folder: "{team}" }\n    name: "{team}-developer", renamedFrom: "dev-{team}"',
      'developer:\n    scope: { folder: "{team}" }\n    name: "{team}-developer"\n    renamedFrom: "dev-{team}"',
    ),
  );
  assert.equal(
    judged(policy, { empty: ['ci-web-dev'] }).roles.find(({ name }) => name === 'web-developer')!.renamedFrom,
    'dev-web',
  );
});

const permission = (id: string, title: string, more: Partial<PermissionInfo> = {}): PermissionInfo => ({
  id,
  title,
  enabled: true,
  ...more,
});
const CATALOGUE = [
  permission('hudson.model.Hudson.Administer', 'Overall/Administer'),
  permission('hudson.model.Hudson.Read', 'Overall/Read', { impliedBy: 'hudson.model.Hudson.Administer' }),
  permission('hudson.model.View.Read', 'View/Read'),
  permission('hudson.model.Item.Read', 'Job/Read'),
  permission('hudson.model.Item.Build', 'Job/Build'),
  permission('hudson.model.Item.WipeOut', 'Job/WipeOut', { enabled: false }),
  permission('hudson.model.Hudson.Manage', 'Overall/Manage', { impliedBy: 'x.Everything' }),
  permission('x.Everything', 'X/Everything'),
];
const LIVE = { ...CI, catalogue: CATALOGUE };
const withPermissions = (list: string, more = '') =>
  policyOf(`
roles: { r: { scope: global, permissions: [${list}]${more} }, b: { scope: global, preset: browse } }
rules: [{ id: a, group: g, grant: [r, b] }]
`);

test('permissions are titles or ids, checked against the live catalogue', () => {
  const { roles, blocked } = judged(withPermissions('Job/Build, hudson.model.Item.Read'), {}, LIVE);
  assert.deepEqual(roles.find(({ name }) => name === 'r')!.permissions, [
    'hudson.model.Item.Build',
    'hudson.model.Item.Read',
  ]);
  assert.deepEqual(blocked, []);
});

test('an unknown permission blocks that role on that controller only, with a finding', () => {
  const policy = withPermissions('Job/Build, Job/Biuld');
  const { blocked, findings, grants } = judged(policy, { people: { ana: ['g'] } }, LIVE);
  assert.deepEqual(blocked, [{ type: 'global', name: 'r', code: 'policy.permission-unknown' }]);
  assert.deepEqual(rolesOf(grants, 'ana'), ['b', 'r']);
  const finding = findings.find(({ code }) => code === 'policy.permission-unknown')!;
  assert.match(finding.finding, /ci does not know Job\/Biuld/);
  assert.equal(finding.level, 'error');
  assert.deepEqual(judged(policy, {}).blocked, []);
});

test('a disabled permission is a finding and blocks nothing', () => {
  const { blocked, findings } = judged(withPermissions('Job/WipeOut'), {}, LIVE);
  assert.deepEqual([blocked, codesOf(findings)], [[], ['policy.permission-disabled']]);
});

test('a role is administrative by its permissions, implied ones included', () => {
  const administrative = (list: string) =>
    judged(withPermissions(list, ', administer: true'), {}, LIVE).roles.find(({ name }) => name === 'r')!
      .administrative;
  assert.equal(administrative('Overall/Administer'), true);
  assert.equal(administrative('X/Everything'), true);
  assert.equal(administrative('Job/Build'), false);
});

test('a permission that administers on that controller blocks a role without the marker there', () => {
  const { blocked, findings } = judged(withPermissions('X/Everything'), {}, LIVE);
  assert.deepEqual(blocked, [{ type: 'global', name: 'r', code: 'policy.administer-here' }]);
  assert.ok(codesOf(findings).includes('policy.administer-here'));
});

test('two definitions that render one name block it there', () => {
  const policy = policyOf(`
captures: { a: { matches: "[a-z-]+" }, b: { matches: "[a-z]+" } }
roles: { x: { scope: { folder: "{a}/{b}" }, name: "{a}-{b}", permissions: [Job/Read] } }
rules:
  - { id: one, group: "g.{a}.{b}", grant: x }
`);
  const { blocked, findings } = judged(policy, { empty: ['g.p-q.r', 'g.p.q'] });
  assert.deepEqual(blocked, []);
  const clash = policyOf(`
captures: { team: }
roles:
  x: { scope: { folder: "{team}" }, name: "{team}-x", permissions: [Job/Read] }
  y: { scope: { folder: other }, name: pay-x, permissions: [Job/Read] }
rules:
  - { id: one, group: "ci-{team}", grant: x }
  - { id: two, group: g, grant: y }
`);
  const clashed = judged(clash, { people: { ana: ['ci-pay'] } });
  assert.deepEqual(clashed.blocked, [{ type: 'item', name: 'pay-x', code: 'policy.same-name' }]);
  assert.ok(codesOf(clashed.findings).includes('policy.same-name'));
  assert.deepEqual(codesOf(findings), []);
});

test('a name that no item can have grants nothing, with a finding', () => {
  const policy = policyOf(`
captures: { team: { matches: ".+" } }
roles: { x: { scope: { folder: "{team}" }, permissions: [Job/Read] } }
rules: [{ id: one, group: "ci-{team}", grant: x }]
`);
  for (const bad of ['a/b', '../x', 'a,b', '@a', 'a:b', 'a\u200b', '..']) {
    const { grants, roles, findings } = judged(policy, { people: { ana: [`ci-${bad}`] } });
    assert.deepEqual([grants, roles], [[], []], bad);
    assert.ok(codesOf(findings).includes('policy.instance'), bad);
  }
});

test('an ambiguous split is a finding and grants nothing', () => {
  const policy = policyOf(`
captures: { a: , b: }
roles: { x: { scope: { folder: "{a}" }, name: "{a}-{b}", permissions: [Job/Read] } }
rules: [{ id: one, group: "ci-{a}-{b}", grant: x }]
`);
  const { grants, findings } = judged(policy, { people: { ana: ['ci-x-y-z'], bob: ['ci-x-y'] } });
  assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(grants, 'bob')], [[], ['x-y']]);
  assert.deepEqual(codesOf(findings), ['policy.ambiguous-split']);
});

test('reserved groups never grant, however they are spelled', () => {
  const policy = policyOf(`
captures: { any: }
roles: { x: { scope: global, preset: browse } }
rules: [{ id: one, group: "{any}", grant: x }]
`);
  for (const name of ['authenticated', 'Anonymous', 'SYSTEM', 'role_everyone', 'FACTOR_PASSWORD', 'ａuthenticated'])
    assert.deepEqual(judged(policy, { people: { ana: [name] } }).grants, [], name);
});

test('without any rule an evaluation is empty', () => {
  const { roles, grants, blocked, bind, expired, frozen, findings } = judged(policyOf('roles: {}'), {
    people: { ana: ['g'] },
  });
  assert.deepEqual([roles, grants, blocked, bind, expired, frozen, findings], [[], [], [], [], [], [], []]);
});

test('unless takes out of a rule for one person only whom it names', () => {
  const policy = policyOf(`
roles:
  r: { scope: global, preset: browse }
rules:
  - { id: a, user: ana, until: 2030-01-01, grant: r, unless: { group: contractors } }
  - { id: b, user: bob, until: 2030-01-01, grant: r, unless: { group: contractors } }
`);
  const { grants } = judged(policy, { people: { ana: ['others'], bob: ['contractors'] } });
  assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(grants, 'bob')], [['r'], []]);
});

test('a group is bound when all that its name means may be used, not when a part of it may', () => {
  const policy = policyOf(`
roles:
  one: { scope: { folder: "{few}" }, name: "{few}-one", permissions: [Job/Read] }
  all: { scope: { folder: "{any}" }, name: "{any}-all", permissions: [Job/Read] }
captures:
  few: { max: 1 }
  any: { max: 9 }
rules:
  - { id: a, group: "x-{few}", grant: one }
  - { id: b, group: "x-{any}", grant: all }
`);
  const { bind, grants } = judged(policy, { people: { ana: ['x-a'], bob: ['x-b'] } });
  assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(grants, 'bob')], [['a-all', 'a-one'], ['b-all']]);
  assert.deepEqual(
    bind.map(({ name }) => name),
    ['x-a'],
  );
});

test('a reason is a rule and a group: two rules of one group are two, and one rule that reaches a role twice is one', () => {
  const policy = policyOf(`
roles:
  r: { scope: global, preset: browse }
  f: { scope: { folder: "{t}" }, name: "{t}", permissions: [Job/Read] }
captures: { t: { max: 9, map: { a: same, b: same } } }
rules:
  - { id: one, group: g, grant: r }
  - { id: two, group: g, grant: [r, r] }
  - { id: three, groups: ["x-{t}", "{t}-x"], grant: f }
`);
  const { grants } = judged(policy, { people: { ana: ['g', 'x-a', 'x-b', 'x-x'] } });
  const reasons = (role: string) =>
    grants.find((grant) => grant.role.name === role)!.reasons.map(({ rule, group }) => `${rule} ${group}`);
  assert.deepEqual(reasons('r'), ['one g', 'two g']);
  assert.deepEqual(reasons('same'), ['three x-a', 'three x-b']);
  assert.deepEqual(reasons('x'), ['three x-x'], 'a name that two templates read alike is one reason');
});
