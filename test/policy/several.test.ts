import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Binding } from '../../src/policy/facts.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { codesOf, factsOf, judged, policyOf, rolesOf } from './scene.ts';

const ROLES = `
roles:
  a: { scope: global, preset: browse }
  b: { scope: global, preset: read-only }
`;
const QA = { name: 'qa', labels: {} };

function bound(nameKey: string, group: string, state: Binding['state'] = 'bound'): Binding {
  return { connection: 'okta', nameKey, group, state };
}

test('rules that write one template all count', () => {
  const policy = policyOf(`${ROLES}
captures: { team: }
rules:
  - { id: one, group: "ci-{team}", grant: a }
  - { id: two, group: "ci-{team}", grant: b }
`);
  assert.deepEqual(rolesOf(judged(policy, { people: { ana: ['ci-pay'] } }).grants, 'ana'), ['a', 'b']);
});

test('rules for one person all count, and give nothing new where the group of an unless is missing', () => {
  const policy = policyOf(`${ROLES}
rules:
  - { id: one, user: ana, until: 2099-01-01, grant: a }
  - { id: two, user: Ana, until: 2099-01-01, grant: b, unless: { group: contractors } }
`);
  const { grants, frozen } = judged(policy, { people: { ana: [] } });
  assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(frozen, 'ana')], [['a'], ['b']]);
  const there = judged(policy, { people: { ana: [] }, empty: ['contractors'] });
  assert.deepEqual([rolesOf(there.grants, 'ana'), there.frozen], [['a', 'b'], []]);
});

test('a name gives some of the captures and the rule the others; map knows a value in any case', () => {
  const policy = policyOf(`
roles: { dev: { scope: { folder: "{team}/{env}" }, permissions: [Job/Read] } }
captures: { team: { map: { pay: payments } }, env: }
rules: [{ id: one, group: "ci-{team}", grant: { role: dev, env: prod } }]
`);
  const { grants } = judged(policy, { people: { ana: ['ci-PAY'], bob: ['ci-Web'] } });
  assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(grants, 'bob')], [['dev-payments-prod'], ['dev-Web-prod']]);
});

test('what a deleted group froze, and what is told, is of the controllers that the rule is about', () => {
  const policy = policyOf(`${ROLES}
rules:
  - { id: one, groups: [gone, renamed], grant: a, controllers: ci }
  - { id: two, group: renamed, grant: b, unless: { group: contractors } }
`);
  const facts = factsOf({
    people: { ana: ['other'] },
    bindings: [bound('gone', 'g:gone', 'deleted'), bound('renamed', 'g:other'), bound('contractors', 'g:x')],
  });
  const here = evaluate(policy, facts, { name: 'ci', labels: {} });
  const there = evaluate(policy, facts, QA);
  assert.deepEqual([rolesOf(here.frozen, 'ana'), rolesOf(here.grants, 'ana')], [[], ['a', 'b']]);
  assert.deepEqual([rolesOf(there.frozen, 'ana'), rolesOf(there.grants, 'ana')], [[], ['b']]);
  assert.deepEqual(codesOf(here.findings), ['policy.deleted-group', 'policy.renamed-group']);
  assert.deepEqual(codesOf(there.findings), ['policy.renamed-group'], 'one of the rules is about it');
  const none = factsOf({ people: { ana: ['nothing'] }, bindings: [bound('gone', 'g:gone', 'deleted')] });
  const alone = policyOf(`${ROLES}\nrules: [{ id: one, group: gone, grant: a, controllers: ci }]\n`);
  const [held, elsewhere] = [{ name: 'ci', labels: {} }, QA].map((target) => evaluate(alone, none, target));
  assert.deepEqual([rolesOf(held!.frozen, 'ana'), elsewhere!.frozen, elsewhere!.findings], [['a'], [], []]);
});

test('reasons are in the order of rules and groups, and accounts and people of one name are two', () => {
  const policy = policyOf(`${ROLES}
rules:
  - { id: z, groups: [first, second, third], grant: a }
  - { id: m, group: first, grant: a }
  - { id: k, user: ana, until: 2099-01-01, grant: a }
  - { id: n, principal: "p:ana", owner: bob, reason: x, review: 2099-01-01, grant: a }
`);
  const reasons = (groups: readonly string[]) =>
    judged(policy, { people: { ana: groups } }).grants.map(({ reasons: list }) =>
      list.map(({ rule, groupId }) => `${rule} ${groupId ?? ''}`),
    );
  const told = [['k ', 'm g:first', 'z g:first', 'z g:second', 'z g:third'], ['n ']];
  for (const groups of [
    ['first', 'second', 'third'],
    ['third', 'second', 'first'],
    ['second', 'third', 'first'],
  ])
    assert.deepEqual(reasons(groups), told);
});

test('a way through groups began with its newest edge, on either end, and of two as short the lower id counts', () => {
  const policy = policyOf(`${ROLES}\nrules: [{ id: a, group: top, grant: a }]\n`);
  const told = (own: string, nested: string, order: readonly string[]) => {
    const facts = factsOf({ people: { ana: order }, nested: { left: ['top'], right: ['top'] } });
    const dated = (since: string) => (edge: { readonly group: string }) => ({ group: edge.group, since });
    const people = facts.people.map((person) => ({ ...person, groups: person.groups.map(dated(own)) }));
    const groups = new Map([...facts.groups].map(([id, g]) => [id, { ...g, parents: g.parents.map(dated(nested)) }]));
    const [reason] = evaluate(policy, { ...facts, people, groups }, QA).grants[0]!.reasons;
    return [reason!.since, reason!.via];
  };
  const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'];
  for (const order of [
    ['left', 'right'],
    ['right', 'left'],
  ]) {
    assert.deepEqual(told(early, late, order), [late, ['left']]);
    assert.deepEqual(told(late, early, order), [late, ['left']]);
  }
});

test('groups named by externalId count where rules of another connection name none so', () => {
  const policy = policyOf(`${ROLES}
rules:
  - { id: one, group: ci-users, from: entra, grant: a }
  - { id: two, group: { externalId: "00g1" }, grant: b }
`);
  const facts = factsOf({ people: { ana: ['any'] } });
  const groups = new Map([...facts.groups].map(([id, group]) => [id, { ...group, externalId: '00g1' }]));
  assert.deepEqual(rolesOf(evaluate(policy, { ...facts, groups }, QA).grants, 'ana'), ['b']);
});

test('max is told where there are more values than it, not where there are as many, and of the newest the last in order', () => {
  const policy = policyOf(`
captures: { team: { max: 6 } }
roles: { dev: { scope: { folder: "{team}" }, permissions: [Job/Read] } }
rules: [{ id: one, group: "ci-{team}", grant: dev }]
`);
  const told = (teams: readonly string[], bindings: readonly Binding[] = []) => {
    const { grants, findings } = judged(policy, { people: { ana: teams.map((team) => `ci-${team}`) }, bindings });
    return [grants.map(({ role }) => role.name.slice(4)).join(''), ...findings.map(({ finding }) => finding)];
  };
  assert.deepEqual(told([...'abcdef']), ['abcdef']);
  assert.deepEqual(told([...'gfedcba']), ['abcdef', '{team} has 7 values and at most 6 are used; g grant nothing.']);
  const many = [...'ponmlkjihgfedcba'];
  const standing = many.map((team) => bound(`ci-${team}`, `g:ci-${team}`));
  const most = '{team} has 16 values and at most 6 are used; g, h, i, j, k and 5 more grant nothing.';
  assert.deepEqual(told(many, standing), ['abcdef', most], 'max was lowered');
  assert.deepEqual(told([...'abcde', 'x'], [bound('ci-x', 'g:ci-x')]), ['abcdex'], 'a value counts once');
});

test('a policy has at most so many bytes, rules, roles, and captures in one text', () => {
  const codes = (...texts: readonly string[]) =>
    codesOf(parsePolicy(texts.map((text, index) => ({ path: `${index}.yaml`, text: `version: 1\n${text}` }))).findings);
  const half = `#${'x'.repeat(1000)}\n`.repeat(524);
  assert.deepEqual(codes(half), []);
  assert.deepEqual(codes(half, half), ['policy.too-large']);
  const captures = (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `c${index}`);
    return `captures: { ${names.map((name) => `${name}: `).join(', ')} }
roles: { r: { scope: global, preset: browse } }
rules: [{ id: a, group: "${names.map((name) => `{${name}}`).join('-')}", grant: r }]`;
  };
  assert.deepEqual([codes(captures(4)), codes(captures(5))], [[], ['policy.invalid']]);
  const roles = (count: number) =>
    `roles:\n${Array.from({ length: count }, (_, index) => `  r${index}: { scope: global, preset: browse }\n`).join('')}`;
  assert.deepEqual([codes(roles(1000)), codes(roles(1001))], [[], ['policy.too-large']]);
});
