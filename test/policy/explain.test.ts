import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preview } from '../../src/policy/preview.ts';
import { similarity } from '../../src/policy/similarity.ts';
import { whyNot } from '../../src/policy/whyNot.ts';
import { BASIC, CI, type Directory, factsOf, policyOf } from './scene.ts';

const POLICY = policyOf(BASIC);
const missing = (directory: Directory, policy = POLICY, target = CI) =>
  whyNot(policy, factsOf(directory), target, 'p:ana').map(({ rule, role, missing: what, group }) => [
    rule,
    role,
    what,
    group,
  ]);

test('a role somebody holds is not explained', () => {
  assert.deepEqual(missing({ people: { ana: ['ci-users', 'ci-pay-dev'] }, empty: ['contractors'] }), []);
});

test('the missing group that is nearest to one of the person is named', () => {
  const people = { ana: ['ci-pay-ops'] };
  const empty = ['ci-web-dev', 'ci-pay-dev', 'contractors', 'ci-users'];
  assert.deepEqual(missing({ people, empty }), [
    ['teams', 'developer', 'membership of group "ci-pay-dev"', 'ci-pay-dev'],
    ['everyone', 'browser', 'membership of group "ci-users"', 'ci-users'],
  ]);
});

test('bound groups are candidates where the facts are about one person only', () => {
  const bindings = [
    { connection: 'okta', nameKey: 'ci-pay-dev', group: 'g:x', state: 'bound' as const },
    { connection: 'okta', nameKey: 'contractors', group: 'g:y', state: 'bound' as const },
  ];
  assert.equal(missing({ people: { ana: ['ci-pay-ops'] }, bindings })[0]![3], 'ci-pay-dev');
});

test('a pattern that no group fits is shown as it is', () => {
  assert.ok(
    missing({ people: { ana: [] }, empty: ['contractors'] }).some(
      ([, , what]) => what === 'membership of a group like "ci-{team}-dev"',
    ),
  );
});

test('fewest missing conditions come first', () => {
  const answers = missing({ people: { ana: ['contractors', 'ci-pay-dev'] } });
  assert.deepEqual(answers[0], ['teams', 'developer', 'not being in "contractors"', undefined]);
  const inactive = missing({ people: { ana: ['ci-users'] }, inactive: ['ana'], empty: ['contractors'] });
  assert.deepEqual(inactive.map(([rule, , what]) => [rule, what])[0], ['everyone', 'being active']);
  assert.match(String(inactive[1]![2]), /^being active, and membership of /);
});

test('a missing unless group, a passed end and another connection are told', () => {
  assert.ok(
    missing({ people: { ana: ['ci-pay-dev'] } }).some(
      ([, , what]) => what === 'the group "contractors" that unless names',
    ),
  );
  const policy = policyOf(`
roles: { r: { scope: global, preset: browse } }
rules:
  - { id: mine, user: ANA, until: 2026-01-01, grant: r }
  - { id: other, user: bob, until: 2030-01-01, grant: r }
  - { id: entra, group: g, from: entra, grant: r }
  - { id: bot, principal: svc, owner: o, reason: r, review: 2030-01-01, grant: r }
`);
  assert.deepEqual(
    missing({ people: { ana: [] } }, policy).map(([rule, , what]) => [rule, what]),
    [
      ['mine', 'an end that has not passed (it was 2026-01-02T00:00:00.000Z)'],
      ['entra', 'being of connection "entra", and membership of group "g"'],
    ],
  );
});

test('rules that do not select the controller, and nobody, are not explained', () => {
  const policy = policyOf(BASIC.replace(', grant: browser', ', grant: browser, controllers: other'));
  assert.ok(missing({ people: { ana: [] } }, policy).every(([rule]) => rule !== 'everyone'));
  assert.deepEqual(whyNot(POLICY, factsOf({}), CI, 'p:nobody'), []);
});

test('likeness is 1 for equal names, 0 for names without a common pair, and symmetric', () => {
  assert.equal(similarity('ci-pay-dev', 'CI-PAY-DEV'), 1);
  assert.equal(similarity('abc', 'xyz'), 0);
  assert.equal(similarity('a', 'a'), 1);
  assert.equal(similarity('ci-pay-dev', 'ci-pay-ops'), similarity('ci-pay-ops', 'ci-pay-dev'));
});

test('a preview shows per controller what a person would get, why, and what is missing', () => {
  const shown = preview(POLICY, { user: 'ana', groups: ['CI-pay-dev'] }, [CI, { name: 'b', labels: {} }]);
  assert.deepEqual(shown, {
    user: 'ana',
    controllers: ['ci', 'b'].map((name) => ({
      name,
      jenkinsId: null,
      active: true,
      grants: [
        {
          role: 'payments-developer',
          scope: 'folder payments',
          permissions: ['Job/Build', 'Job/Read'],
          effective: false,
          reasons: [{ rule: 'teams', file: 'policy.yaml', line: 13, policy: POLICY.digest, group: 'CI-pay-dev' }],
        },
      ],
      whyNot: [{ rule: 'everyone', missing: 'membership of group "ci-users"' }],
    })),
  });
});

test('a preview tells what is missing once for a rule that gives several roles', () => {
  const several = policyOf(`roles:
  reader: { scope: global, permissions: [Overall/Read] }
  viewer: { scope: global, preset: browse }
rules:
  - { id: both, group: staff, grant: [reader, viewer] }
`);
  assert.deepEqual(preview(several, { user: 'ana', groups: [] }, [CI]).controllers[0]!.whyNot, [
    { rule: 'both', missing: 'membership of group "staff"' },
  ]);
});

test('a preview of somebody in an unless group shows that', () => {
  const shown = preview(POLICY, { user: 'ana', groups: ['ci-pay-dev', 'contractors'] }, [CI]);
  assert.deepEqual(shown.controllers[0]!.grants, []);
  assert.equal(shown.controllers[0]!.whyNot[0]!.missing, 'not being in "contractors"');
});

test('a preview shows titles where there is a catalogue, and leaves out what is blocked', () => {
  const catalogue = [
    { id: 'hudson.model.Item.Read', title: 'Job/Read', enabled: true },
    { id: 'hudson.model.Item.Build', title: 'Job/Build', enabled: true },
  ];
  const person = { user: 'ana', groups: ['ci-pay-dev', 'ci-users'] };
  const [controller] = preview(POLICY, person, [{ ...CI, catalogue }]).controllers;
  assert.deepEqual(
    controller!.grants.map(({ role, permissions }) => [role, permissions]),
    [['payments-developer', ['Job/Build', 'Job/Read']]],
  );
});

test('a preview is of the connection that is asked for', () => {
  const policy = policyOf(`
roles: { r: { scope: global, preset: browse } }
rules: [{ id: a, group: g, grant: r, from: entra }]
`);
  const grants = (connection: string) =>
    preview(policy, { user: 'a', groups: ['g'] }, [CI], { connection, primaryConnection: 'okta', now: 0 })
      .controllers[0]!.grants.length;
  assert.deepEqual([grants('entra'), grants('okta')], [1, 0]);
});

test('for an item the group is named that leads there, and rules that never reach it are left out', () => {
  const policy = policyOf(`
roles:
  browser: { scope: global, preset: browse }
  developer:
    scope: { folder: "{team}" }
    name: "{team}-developer"
    permissions: [Job/Read, Job/Build]
  approver: { scope: { folder: production }, permissions: [Job/Read] }
captures:
  team: { matches: "[a-z][a-z0-9-]*", max: 20, map: { pay: payments } }
rules:
  - { id: everyone, group: ci-users, grant: browser }
  - { id: teams, group: "ci-{team}-dev", grant: developer }
  - { id: leads, group: leads, grant: { role: developer, team: web } }
  - { id: approvals, group: approvers, grant: approver }
`);
  const facts = factsOf({ people: { ana: ['ci-pay-dev'] }, empty: ['ci-data-dev', 'ci-users'] });
  const groups = (item: string) =>
    whyNot(policy, facts, CI, 'p:ana', item).map(({ rule, group }) => `${rule}: ${group}`);
  assert.deepEqual(groups('web/api'), ['teams: ci-web-dev', 'everyone: ci-users', 'leads: leads']);
  assert.deepEqual(groups('payments/api'), ['everyone: ci-users']);
  assert.deepEqual(groups('pay'), ['everyone: ci-users']);
  assert.deepEqual(groups('production'), ['teams: ci-production-dev', 'everyone: ci-users', 'approvals: approvers']);
  assert.deepEqual(groups('Web X'), ['everyone: ci-users']);
});
