import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LintContext, lint } from '../../src/policy/lint.ts';
import { BASIC, NOW, policyOf } from './scene.ts';

const ROLE = 'roles: { r: { scope: global, preset: browse } }\n';
const warnings = (text: string, context: LintContext = {}) =>
  lint(policyOf(text), context).map(({ code, line }) => [code, line]);

test('a sound policy has no warnings', () => {
  assert.deepEqual(warnings(BASIC), []);
});

test('a role nobody grants', () => {
  assert.deepEqual(warnings(ROLE), [['policy.unused-role', 2]]);
});

test('an unused capture', () => {
  assert.deepEqual(warnings('captures:\n  t:\n'), [['policy.unused-capture', 3]]);
});

test('an unbounded capture that reaches a write permission', () => {
  const text = (capture: string, permission: string) => `
captures: { t: ${capture} }
roles: { r: { scope: { folder: "{t}" }, permissions: [${permission}] } }
rules: [{ id: a, group: "ci-{t}", grant: r }]
`;
  assert.deepEqual(warnings(text('{}', 'Job/Build')), [['policy.unbounded-capture', 3]]);
  assert.deepEqual(warnings(text('{ max: 3 }', 'Job/Build')), [['policy.unbounded-capture', 3]]);
  assert.deepEqual(warnings(text('{ matches: "[a-z]+" }', 'Job/Build')), [['policy.unbounded-capture', 3]]);
  assert.deepEqual(warnings(text('{ matches: "[a-z]+", max: 3 }', 'Job/Build')), []);
  assert.deepEqual(warnings(text('{}', 'Job/Read')), []);
});

test('until or review in the past', () => {
  const text = `${ROLE}rules:
  - { id: a, user: ana, until: 2026-11-01, grant: r }
  - { id: b, principal: bot, owner: o, reason: x, review: 2026-11-01, grant: r }
  - { id: c, user: bob, until: 2027-11-01, grant: r }
`;
  assert.deepEqual(warnings(text, { now: NOW }), [
    ['policy.past', 4],
    ['policy.past', 5],
  ]);
  assert.deepEqual(warnings(text), []);
});

test('global Job/Read that makes item roles moot', () => {
  const text = (other: string) => `
roles:
  all: { scope: global, preset: read-only }
  dev: { scope: { folder: a }, permissions: [${other}] }
rules: [{ id: a, group: g, grant: [all, dev] }]
`;
  assert.deepEqual(warnings(text('Job/Read')), [['policy.moot-read', 4]]);
  assert.deepEqual(warnings(text('hudson.model.Item.Read')), [['policy.moot-read', 4]]);
  assert.deepEqual(warnings(text('Job/Build')), []);
});

test('parents without Read', () => {
  const text = (folder: string) => `
roles: { dev: { scope: ${folder}, permissions: [Job/Read] } }
rules: [{ id: a, group: g, grant: dev }]
`;
  assert.deepEqual(warnings(text('{ folder: a/b }')), [['policy.parents', 3]]);
  assert.deepEqual(warnings(text('{ folder: a/b, parents: read }')), []);
  assert.deepEqual(warnings(text('{ folder: a }')), []);
  assert.deepEqual(warnings(text('{ folder: a/b, parents: read }').replace('Job/Read', 'Job/Build')), [
    ['policy.parents', 3],
  ]);
});

test('several connections and no from, and a connection that is not there', () => {
  const text = `${ROLE}rules:
  - { id: a, group: g, grant: r }
  - { id: b, group: g, grant: r, from: entra }
  - { id: c, group: g, grant: r, from: google }
`;
  assert.deepEqual(warnings(text, { connections: ['okta', 'entra'] }), [
    ['policy.from', 4],
    ['policy.unknown-connection', 6],
  ]);
  assert.deepEqual(warnings(`${ROLE}rules: [{ id: a, group: g, grant: r }]`, { connections: ['okta'] }), []);
});

test('a rule that selects no controller, and one that matches no group', () => {
  const text = `${ROLE}rules:
  - { id: a, group: g, grant: r, controllers: nowhere }
  - { id: b, group: h, grant: r }
  - { id: c, group: { externalId: E }, grant: r }
`;
  const groups = [
    { connection: 'okta', displayName: 'G' },
    { connection: 'entra', displayName: 'h' },
    { connection: 'okta', displayName: 'x', externalId: 'E' },
  ];
  assert.deepEqual(warnings(text, { controllers: [{ name: 'ci', labels: {} }] }), [['policy.no-controller', 4]]);
  assert.deepEqual(warnings(text, { groups, connections: ['okta'] }), [['policy.no-group', 5]]);
});

test('a permission that is spelled nearly like a known one', () => {
  const text = (permission: string) => `
roles: { r: { scope: global, permissions: ["${permission}"] } }
rules: [{ id: a, group: g, grant: r }]
`;
  assert.deepEqual(warnings(text('Job/Biuld')), [['policy.permission-spelling', 3]]);
  for (const fine of ['Job/Build', 'Lockable Resources/View', 'hudson.model.Item.Build', 'a.b.C'])
    assert.deepEqual(warnings(text(fine)), [], fine);
});
