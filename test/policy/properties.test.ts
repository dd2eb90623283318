import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { roleKey } from '../../src/access/role.ts';
import { folderProblem, roleNameProblem } from '../../src/policy/captures/names.ts';
import { groupsThatCount } from '../../src/policy/counting.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { DesiredGrant, Evaluation } from '../../src/policy/evaluation.ts';
import type { Facts, GroupFact, PersonFact } from '../../src/policy/facts.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { CI, NOW, SINCE } from './scene.ts';

const GROUPS = ['all', 'a-dev', 'b-dev', 'c-d-dev', 'x.y.z', 'contractors', 'ops', 'ＡＬＬ2'];
const ROLES = `
  browser: { scope: global, preset: browse }
  dev: { scope: { folder: "org/{t}", parents: read }, permissions: [Job/Read] }
  pair: { scope: { folder: "{t}/{u}" }, name: "{t}-{u}", permissions: [Job/Build] }
  ops: { scope: { folder: org/ops, parents: read }, permissions: [Job/Build] }`;

interface RuleText {
  readonly subject: string;
  readonly grant: string;
  readonly unless: string;
}

const subject = fc.constantFrom(
  ['group: all', 'browser'],
  ['groups: [all, ops]', 'ops'],
  ['group: "{t}-dev"', 'dev'],
  ['group: "{t}-dev"', '[dev, browser]'],
  ['group: "{t}.{u}"', 'pair'],
  ['group: ops', '{ role: dev, t: hand }'],
  ['user: p1, until: 2030-01-01', 'ops'],
  ['user: P2, until: 2020-01-01', 'browser'],
  ['principal: bot, owner: o, reason: r, review: 2030-01-01', 'ops'],
);
const rule = fc.tuple(subject, fc.constantFrom('', '', ', unless: { group: contractors }')).map(
  ([[who = '', grant = ''], unless]): RuleText => ({
    subject: who,
    grant,
    unless: who.startsWith('principal') ? '' : unless,
  }),
);
const rules = fc.array(rule, { minLength: 1, maxLength: 6 });

function policyOf(list: readonly (readonly [string, RuleText])[]): Policy {
  const lines = list.map(
    ([id, { subject: who, grant, unless }]) => `  - { id: ${id}, ${who}, grant: ${grant}${unless} }`,
  );
  const text = `version: 1\ncaptures: { t: { max: 2 }, u: { matches: "[a-z.]+" } }\nroles:${ROLES}\nrules:\n${lines.join('\n')}\n`;
  const result = parsePolicy([{ path: 'policy.yaml', text }]);
  assert.deepEqual(result.findings, []);
  return result.policy!;
}

const named = (list: readonly RuleText[]): [string, RuleText][] => list.map((item, index) => [`r${index}`, item]);

const person = fc.record({
  groups: fc.uniqueArray(fc.constantFrom(...GROUPS), { maxLength: 3 }),
  active: fc.boolean(),
  connection: fc.constantFrom('okta', 'okta', 'entra'),
});
const edges = fc.uniqueArray(fc.tuple(fc.constantFrom(...GROUPS), fc.constantFrom(...GROUPS)), { maxLength: 4 });

/** Groups exist per connection; nested as the edges say, cycles included. */
const directory = fc.tuple(fc.array(person, { maxLength: 6 }), edges).map(([people, nested]): Facts => {
  const groups = new Map<string, GroupFact>();
  for (const connection of ['okta', 'entra'])
    for (const name of GROUPS) {
      const id = `${connection}:${name}`;
      const parents = nested
        .filter(([child]) => child === name)
        .map(([, parent]) => ({ group: `${connection}:${parent}`, since: SINCE }));
      groups.set(id, { id, connection, displayName: name, parents });
    }
  return {
    people: people.map(
      (item, index): PersonFact => ({
        id: `p${index}`,
        connection: item.connection,
        userName: `p${index}`,
        active: item.active,
        groups: item.groups.map((name) => ({ group: `${item.connection}:${name}`, since: SINCE })),
      }),
    ),
    groups,
    bindings: [],
    expired: new Set(),
    now: NOW,
    primaryConnection: 'okta',
  };
});

/** What everybody holds, without places and digests. */
function held(grants: readonly DesiredGrant[]): string[] {
  return grants
    .map(({ role, person: who, principal, reasons }) =>
      [
        roleKey(role),
        who ?? `account ${principal}`,
        ...reasons.map(({ rule: id, groupId, via }) => `${id} ${groupId} ${via}`),
      ].join(' | '),
    )
    .sort();
}

const pairsOf = ({ grants }: Evaluation): Set<string> =>
  new Set(grants.map(({ role, person: who, principal }) => `${roleKey(role)} ${who ?? principal}`));

test('the order of rules, people and groups never matters', () => {
  fc.assert(
    fc.property(rules, directory, fc.infiniteStream(fc.nat()), (list, facts, noise) => {
      const shuffled = <T>(items: readonly T[]): T[] =>
        items
          .map((item) => [noise.next().value ?? 0, item] as const)
          .sort((a, b) => a[0] - b[0])
          .map(([, item]) => item);
      const one = evaluate(policyOf(named(list)), facts, CI);
      const other = evaluate(
        policyOf(shuffled(named(list))),
        { ...facts, people: shuffled(facts.people), groups: new Map(shuffled([...facts.groups])) },
        CI,
      );
      assert.deepEqual(held(other.grants), held(one.grants));
      assert.deepEqual(held(other.frozen), held(one.frozen));
      assert.deepEqual(other.bind, one.bind);
      assert.deepEqual(
        other.roles.map((role) => [roleKey(role), role.pattern]),
        one.roles.map((role) => [roleKey(role), role.pattern]),
      );
    }),
    { numRuns: 150 },
  );
});

test('adding a rule never takes a grant away', () => {
  fc.assert(
    fc.property(rules, rule, directory, (list, more, facts) => {
      const before = pairsOf(evaluate(policyOf(named(list)), facts, CI));
      const after = pairsOf(
        evaluate(
          policyOf([
            ...named(list),
            [
              'added',
              {
                ...more,
                subject: more.subject.replaceAll('"{t}-dev"', 'all'),
                grant: more.subject.includes('{') ? 'browser' : more.grant,
              },
            ],
          ]),
          facts,
          CI,
        ),
      );
      for (const pair of before) assert.ok(after.has(pair), pair);
    }),
    { numRuns: 150 },
  );
});

test('for some of the people it is what it is for all, restricted to them', () => {
  fc.assert(
    fc.property(rules, directory, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (list, facts, chosen) => {
      const policy = policyOf(named(list));
      const bindings = evaluate(policy, facts, CI).bind;
      const all = evaluate(policy, { ...facts, bindings }, CI);
      const people = facts.people.filter((_, index) => chosen[index]);
      const ids = new Set(people.map(({ id }) => id));
      const partial = evaluate(policy, { ...facts, bindings, people, groups: above(people, facts) }, CI);
      const restricted = (grants: readonly DesiredGrant[]) =>
        held(grants.filter(({ person: who }) => who === undefined || ids.has(who)));
      assert.deepEqual(held(partial.grants), restricted(all.grants));
      assert.deepEqual(held(partial.frozen), restricted(all.frozen));
      assert.deepEqual(partial.bind, []);
    }),
    { numRuns: 200 },
  );
});

test('memberships in groups that do not count change nothing, before names are bound and after', () => {
  let left = 0;
  fc.assert(
    fc.property(rules, directory, fc.boolean(), (list, whole, stored) => {
      const policy = policyOf(named(list));
      const facts = stored ? { ...whole, bindings: evaluate(policy, whole, CI).bind } : whole;
      const counting = groupsThatCount(policy, { ...facts, people: [] });
      const people = facts.people.map((one) => ({
        ...one,
        groups: one.groups.filter(({ group }) => counting.has(group)),
      }));
      left += people.filter(({ groups }, at) => groups.length < facts.people[at]!.groups.length).length;
      const [all, some] = [evaluate(policy, facts, CI), evaluate(policy, { ...facts, people }, CI)];
      assert.deepEqual({ ...some, policy: '' }, { ...all, policy: '' });
    }),
    { numRuns: 400 },
  );
  assert.ok(left > 20, 'the cases leave something out');
});

test('a second evaluation over what was stored says the same', () => {
  fc.assert(
    fc.property(rules, directory, (list, facts) => {
      const policy = policyOf(named(list));
      const first = evaluate(policy, facts, CI);
      const second = evaluate(policy, { ...facts, bindings: first.bind, expired: new Set(first.expired) }, CI);
      assert.deepEqual(held(second.grants), held(first.grants));
      assert.deepEqual([second.bind, second.expired], [[], first.expired]);
    }),
    { numRuns: 100 },
  );
});

test('only active people of the right connection gain, and each grant has a reason and a role', () => {
  fc.assert(
    fc.property(rules, directory, (list, facts) => {
      const { grants, roles } = evaluate(policyOf(named(list)), facts, CI);
      const known = new Set(roles.map(roleKey));
      const active = new Set(
        facts.people.filter((item) => item.active && item.connection === 'okta').map(({ id }) => id),
      );
      for (const grant of grants) {
        assert.ok(grant.person === undefined || active.has(grant.person));
        assert.ok(grant.reasons.length > 0);
        assert.ok(known.has(roleKey(grant.role)));
      }
    }),
    { numRuns: 100 },
  );
});

test('captures never produce illegal names, whatever groups are called', () => {
  const text = `version: 1
captures: { t: { matches: ".*" }, u: }
roles:
  a: { scope: { folder: "{t}/{u}", parents: read }, name: "{t} {u}", permissions: [Job/Read] }
  b: { scope: { folder: "{t}" }, permissions: [Job/Read] }
rules:
  - { id: a, group: "{t}:{u}", grant: a }
  - { id: b, group: "g {t}", grant: b }
`;
  const { policy } = parsePolicy([{ path: 'p', text }]);
  const hostile = fc
    .array(
      fc.constantFrom('a', '/', '..', ',', '@', '\\E', '.*', '|', '$', ' ', '\u0000', '\u202e', '\ud800', 'é', '%'),
      { maxLength: 6 },
    )
    .map((list) => list.join(''));
  const name = fc.oneof(
    fc.tuple(hostile, hostile).map(([t, u]) => `${t}:${u}`),
    hostile.map((t) => `g ${t}`),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 5 }), (names) => {
      const groups = new Map(
        names.map((displayName, index): [string, GroupFact] => [
          `g${index}`,
          { id: `g${index}`, connection: 'okta', displayName, parents: [] },
        ]),
      );
      const people = [
        {
          id: 'p',
          connection: 'okta',
          userName: 'p',
          active: true,
          groups: [...groups.keys()].map((group) => ({ group, since: SINCE })),
        },
      ];
      const { roles } = evaluate(
        policy!,
        { people, groups, bindings: [], expired: new Set(), now: NOW, primaryConnection: 'okta' },
        CI,
      );
      for (const role of roles) {
        assert.equal(roleNameProblem(role.name), undefined, role.name);
        if (role.companionOf !== undefined) continue;
        const folder = /^\\Q(.*)\\E\(\$\|\/\.\*\)$/s.exec(role.pattern)![1]!;
        assert.equal(folderProblem(folder), undefined, folder);
        assert.ok(!folder.includes('\\'));
      }
    }),
    { numRuns: 400 },
  );
});

/** The groups of these people with all above them, as the directory gives them for a partial pass. */
function above(people: readonly PersonFact[], facts: Facts): Map<string, GroupFact> {
  const found = new Map<string, GroupFact>();
  const open = people.flatMap(({ groups }) => groups.map(({ group }) => group));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const group = facts.groups.get(id);
    if (group === undefined || found.has(id)) continue;
    found.set(id, group);
    open.push(...group.parents.map((parent) => parent.group));
  }
  return found;
}
