import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Binding } from '../../src/policy/facts.ts';
import { BASIC, CI, codesOf, factsOf, judged, policyOf, rolesOf } from './scene.ts';

const POLICY = policyOf(BASIC);
const bound = (nameKey: string, group: string, state: Binding['state'] = 'bound', name?: string): Binding => ({
  connection: 'okta',
  nameKey,
  group,
  state,
  ...(name === undefined ? {} : { name }),
});
const CONTRACTORS = bound('contractors', 'g:contractors');

test('a name is bound to a group at first match, those of unless too; other groups are not', () => {
  const { bind } = judged(POLICY, { people: { ana: ['CI-Pay-dev', 'other'] }, empty: ['contractors'] });
  assert.deepEqual(bind, [
    bound('ci-pay-dev', 'g:CI-Pay-dev', 'bound', 'CI-Pay-dev'),
    bound('contractors', 'g:contractors', 'bound', 'contractors'),
  ]);
  assert.deepEqual(
    judged(POLICY, { people: { ana: ['ci-users'] }, bindings: [bound('ci-users', 'g:ci-users')] }).bind,
    [],
  );
});

test('a renamed group keeps granting by its old name, is a finding, and does not count by its new name', () => {
  const facts = factsOf({
    people: { ana: ['ci-web-dev'] },
    bindings: [CONTRACTORS, bound('ci-pay-dev', 'g:ci-web-dev')],
  });
  const { grants, findings, bind } = evaluate(POLICY, facts, CI);
  assert.deepEqual(rolesOf(grants, 'ana'), ['payments-developer']);
  assert.deepEqual(codesOf(findings), ['policy.renamed-group']);
  assert.deepEqual(bind, [bound('ci-pay-dev', 'g:ci-web-dev', 'renamed')]);
});

test('a group that has its name back is bound again', () => {
  const { bind, findings, grants } = judged(POLICY, {
    people: { ana: ['ci-users'] },
    bindings: [CONTRACTORS, bound('ci-users', 'g:ci-users', 'renamed')],
  });
  assert.deepEqual(
    [bind.map(({ state }) => state), codesOf(findings), rolesOf(grants, 'ana')],
    [['bound'], [], ['browser']],
  );
});

test('another group that takes a bound name grants nothing until it is confirmed', () => {
  const { grants, findings, bind } = judged(POLICY, {
    people: { eve: ['ci-users'] },
    bindings: [CONTRACTORS, bound('ci-users', 'g:first')],
  });
  assert.deepEqual([grants, bind, codesOf(findings)], [[], [], ['policy.contested-name']]);
});

test('two groups that are one name under NFKC and case grant nothing while neither is bound', () => {
  const people = { ana: ['ci-users'], eve: ['ＣＩ-users'] };
  const { grants, findings } = judged(POLICY, { people, empty: ['contractors'] });
  assert.deepEqual([grants, codesOf(findings)], [[], ['policy.contested-name']]);
  const second = judged(POLICY, { people, bindings: [CONTRACTORS, bound('ci-users', 'g:ci-users')] });
  assert.deepEqual([rolesOf(second.grants, 'ana'), rolesOf(second.grants, 'eve')], [['browser'], []]);
});

test('a deleted group freezes: kept for those who hold something by it, nothing new', () => {
  const bindings = [CONTRACTORS, bound('ci-pay-dev', 'g:gone', 'deleted')];
  const holders = new Map([['g:gone', new Set(['p:ana'])]]);
  const { grants, frozen, findings, roles } = judged(POLICY, { people: { ana: [], bob: [] }, bindings, holders });
  assert.deepEqual(grants, []);
  assert.deepEqual([rolesOf(frozen, 'ana'), rolesOf(frozen, 'bob')], [['payments-developer'], []]);
  assert.equal(frozen[0]!.reasons[0]!.groupId, 'g:gone');
  assert.ok(codesOf(findings).includes('policy.deleted-group'));
  assert.ok(roles.some(({ name }) => name === 'payments-developer'));
});

test('who of the former members is deactivated or excluded keeps nothing', () => {
  const bindings = [CONTRACTORS, bound('ci-pay-dev', 'g:gone', 'deleted')];
  const { frozen } = judged(POLICY, {
    people: { ana: [], bob: ['contractors'], cleo: [] },
    inactive: ['ana'],
    bindings,
  });
  assert.deepEqual(
    [rolesOf(frozen, 'ana'), rolesOf(frozen, 'bob'), rolesOf(frozen, 'cleo')],
    [[], [], ['payments-developer']],
  );
});

test('what somebody holds by another rule is not frozen', () => {
  const bindings = [bound('ci-guests', 'g:gone', 'deleted')];
  const { grants, frozen } = judged(POLICY, { people: { ana: ['ci-users'] }, empty: ['contractors'], bindings });
  assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(frozen, 'ana')], [['browser'], []]);
});

test('the freeze ends when the name returns: the new group is bound and grants', () => {
  const bindings = [CONTRACTORS, bound('ci-users', 'g:gone', 'deleted')];
  const { grants, frozen, bind } = judged(POLICY, { people: { ana: ['ci-users'], bob: [] }, bindings });
  assert.deepEqual([rolesOf(grants, 'ana'), frozen], [['browser'], []]);
  assert.deepEqual(bind, [bound('ci-users', 'g:ci-users', 'bound', 'ci-users')]);
});

test('a deleted group keeps the spelling of its captures where the name was stored', () => {
  const policy = policyOf(`
captures: { team: }
roles: { dev: { scope: { folder: "{team}" }, permissions: [Job/Read] } }
rules: [{ id: a, group: "ci-{team}", grant: dev }]
`);
  const { frozen } = judged(policy, {
    people: { ana: [] },
    bindings: [bound('ci-pay', 'g:gone', 'deleted', 'ci-Pay')],
  });
  assert.deepEqual(rolesOf(frozen, 'ana'), ['dev-Pay']);
});

test('an unless group that was deleted makes its rule give nothing new', () => {
  const bindings = [bound('contractors', 'g:gone', 'deleted')];
  const { grants, frozen } = judged(POLICY, { people: { ana: ['ci-pay-dev'] }, bindings });
  assert.deepEqual([grants, rolesOf(frozen, 'ana')], [[], ['payments-developer']]);
});

test('a renamed unless group still takes people out', () => {
  const bindings = [bound('contractors', 'g:externals')];
  const { grants } = judged(POLICY, { people: { ana: ['ci-pay-dev', 'externals'] }, bindings });
  assert.deepEqual(grants, []);
});

test('a group named by externalId counts whatever it is called', () => {
  const policy = policyOf(`
roles: { r: { scope: global, preset: browse } }
rules: [{ id: a, group: { externalId: "00g1" }, grant: r, unless: { group: { externalId: "00g2" } } }]
`);
  const facts = factsOf({ people: { ana: ['any'], bob: ['any', 'out'] } });
  const groups = new Map(
    [...facts.groups].map(([id, group]) => [
      id,
      { ...group, externalId: group.displayName === 'any' ? '00g1' : '00g2' },
    ]),
  );
  const { grants, bind } = evaluate(policy, { ...facts, groups }, CI);
  assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(grants, 'bob')], [['r'], []]);
  assert.deepEqual(
    bind.map(({ nameKey }) => nameKey),
    ['externalId:00g1', 'externalId:00g2'],
  );
  const one = factsOf({ people: { ana: ['any'] }, bindings: bind });
  const partial = { ...one, groups: new Map([['g:any', groups.get('g:any')!]]) };
  assert.deepEqual(rolesOf(evaluate(policy, partial, CI).grants, 'ana'), ['r']);
});

const BY_ID = policyOf(`
roles: { r: { scope: global, preset: browse }, other: { scope: global, preset: read-only } }
rules:
  - { id: a, group: { externalId: "00g1" }, grant: r, unless: { group: { externalId: "00g2" } } }
  - { id: b, group: { externalId: "00g3" }, grant: other }
`);

/** `any` and `out` with these externalIds; bound as `00g1` and `00g2`. */
function judgedByIds(any: string | undefined, out: string | undefined) {
  const bindings = [
    bound('externalId:00g1', 'g:any', 'bound', 'any'),
    bound('externalId:00g2', 'g:out', 'bound', 'out'),
  ];
  const facts = factsOf({ people: { ana: ['any'], bob: ['any', 'out'] }, bindings });
  const groups = new Map(
    [...facts.groups].map(([id, group]) => {
      const externalId = group.displayName === 'any' ? any : out;
      return [id, { ...group, ...(externalId === undefined ? {} : { externalId }) }];
    }),
  );
  return evaluate(BY_ID, { ...facts, groups }, CI);
}

test('a group whose externalId is another one now keeps granting by the former one, and does not by the new one', () => {
  for (const now of ['00g3', undefined]) {
    const { grants, findings, bind } = judgedByIds(now, '00g2');
    assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(grants, 'bob')], [['r'], []]);
    assert.deepEqual(codesOf(findings), ['policy.renamed-group']);
    assert.match(findings[0]!.finding, /bound to by the externalId 00g1/);
    assert.deepEqual(
      bind.map(({ nameKey, state }) => [nameKey, state]),
      [['externalId:00g1', 'renamed']],
    );
  }
});

test('an unless group whose externalId is another one now still takes people out', () => {
  for (const now of ['00g9', undefined]) {
    const { grants, frozen, findings } = judgedByIds('00g1', now);
    assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(grants, 'bob'), frozen], [['r'], [], []]);
    assert.deepEqual(codesOf(findings), ['policy.renamed-group']);
  }
});

test('a group that is called otherwise now counts by its externalId, and one with another externalId by its name', () => {
  const policy = policyOf(`
roles: { n: { scope: global, preset: browse }, e: { scope: global, preset: read-only } }
rules: [{ id: a, groups: [ci-users, other], grant: n }, { id: b, group: { externalId: "00g1" }, grant: e }]
`);
  const rolesAs = (displayName: string, externalId: string, key: string) => {
    const facts = factsOf({ people: { ana: [displayName] }, bindings: [bound(key, `g:${displayName}`)] });
    const groups = new Map([...facts.groups].map(([id, group]) => [id, { ...group, externalId }]));
    return rolesOf(evaluate(policy, { ...facts, groups }, CI).grants, 'ana');
  };
  assert.deepEqual(rolesAs('away', '00g1', 'ci-users'), ['e', 'n']);
  assert.deepEqual(rolesAs('ci-users', '00g9', 'externalId:00g1'), ['e', 'n']);
});

test('a group that was bound and takes a name of Jenkins itself goes on counting by the former one', () => {
  const bindings = [bound('contractors', 'g:unknown'), bound('ci-users', 'g:SYSTEM')];
  const { grants, frozen, findings } = judged(POLICY, {
    people: { ana: ['ci-pay-dev', 'unknown'], bob: ['SYSTEM'] },
    bindings,
  });
  assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(grants, 'bob'), frozen], [[], ['browser'], []]);
  assert.deepEqual(codesOf(findings), ['policy.renamed-group']);
});

test('a bound group that is spelled otherwise now is one value, of one role, and is stored as it is spelled', () => {
  const policy = policyOf(`
captures: { team: { max: 1 } }
roles: { dev: { scope: { folder: "{team}" }, permissions: [Job/Read] } }
rules: [{ id: a, group: "ci-{team}", grant: dev }]
`);
  const was = bound('ci-pay', 'g:CI-pay', 'bound', 'CI-Pay');
  const { grants, findings, roles, bind } = judged(policy, { people: { ana: ['CI-pay'] }, bindings: [was] });
  assert.deepEqual([rolesOf(grants, 'ana'), codesOf(findings)], [['dev-pay'], []]);
  assert.deepEqual(
    roles.map(({ name }) => name),
    ['dev-pay'],
  );
  assert.deepEqual(bind, [{ ...was, name: 'CI-pay' }]);
  assert.deepEqual(judged(policy, { people: { ana: ['CI-pay'] }, bindings: bind }).bind, []);
});

test('max: values beyond it grant nothing, in a stable order, and never displace those that count', () => {
  const policy = policyOf(BASIC.replace('max: 200', 'max: 2'));
  const people = { ana: ['ci-c-dev'], bob: ['ci-b-dev'], cleo: ['ci-a-dev'] };
  const first = judged(policy, { people, empty: ['contractors'] });
  assert.deepEqual(
    ['ana', 'bob', 'cleo'].map((name) => rolesOf(first.grants, name)),
    [[], ['b-developer'], ['a-developer']],
  );
  const finding = first.findings.find(({ code }) => code === 'policy.capture-max')!;
  assert.match(finding.finding, /3 values and at most 2 are used; c grant nothing/);
  const bindings = [CONTRACTORS, bound('ci-c-dev', 'g:ci-c-dev'), bound('ci-b-dev', 'g:ci-b-dev')];
  const later = judged(policy, { people, bindings });
  assert.deepEqual(
    ['ana', 'bob', 'cleo'].map((name) => rolesOf(later.grants, name)),
    [['c-developer'], ['b-developer'], []],
  );
  assert.deepEqual(later.bind, []);
  const alone = judged(policy, { people: { cleo: ['ci-a-dev'] }, bindings });
  assert.deepEqual(alone.grants, []);
});

test('a deleted group by which nobody holds anything any more wants no role and takes no place of max', () => {
  const policy = policyOf(BASIC.replace('max: 200', 'max: 1'));
  const judgedWith = (holders: ReadonlyMap<string, ReadonlySet<string>>) =>
    judged(policy, {
      people: { ana: ['ci-web-dev'] },
      bindings: [CONTRACTORS, bound('ci-pay-dev', 'g:gone', 'deleted')],
      holders,
    });
  const held = judgedWith(new Map([['g:gone', new Set(['p:bob'])]]));
  assert.deepEqual(
    [rolesOf(held.grants, 'ana'), codesOf(held.findings)],
    [[], ['policy.capture-max', 'policy.deleted-group']],
  );
  assert.deepEqual(
    held.roles.map(({ name }) => name),
    ['browser', 'payments-developer'],
  );
  for (const holders of [new Map([['g:gone', new Set<string>()]]), new Map<string, Set<string>>()]) {
    const free = judgedWith(holders);
    assert.deepEqual([rolesOf(free.grants, 'ana'), codesOf(free.findings)], [['web-developer'], []]);
    assert.deepEqual(
      free.roles.map(({ name }) => name),
      ['browser', 'web-developer'],
    );
  }
});

test('a bound group that is not among these facts takes its place of max, and its role is wanted', () => {
  const policy = policyOf(BASIC.replace('max: 200', 'max: 1'));
  const { grants, roles } = judged(policy, {
    people: { ana: ['ci-web-dev'] },
    bindings: [CONTRACTORS, bound('ci-pay-dev', 'g:elsewhere')],
    holders: new Map(),
  });
  assert.deepEqual(rolesOf(grants, 'ana'), []);
  assert.ok(roles.some(({ name }) => name === 'payments-developer'));
});

test('people and groups of another connection neither hold by a deleted group nor are in one that lies above', () => {
  const bindings = [CONTRACTORS, bound('ci-pay-dev', 'g:gone', 'deleted')];
  const facts = factsOf({ people: { ana: ['ci-web-dev'], eve: ['ci-web-dev'] }, bindings });
  const people = facts.people.map((person) => (person.id === 'p:eve' ? { ...person, connection: 'entra' } : person));
  const { grants, frozen } = evaluate(POLICY, { ...facts, people }, CI);
  assert.deepEqual([rolesOf(grants, 'ana'), rolesOf(grants, 'eve')], [['web-developer'], []]);
  assert.deepEqual([rolesOf(frozen, 'ana'), rolesOf(frozen, 'eve')], [['payments-developer'], []]);
});

test('a binding that says deleted is no former name of a group that is there', () => {
  const { grants, findings } = judged(POLICY, {
    people: { ana: ['ci-web-dev'] },
    holders: new Map(),
    bindings: [CONTRACTORS, bound('ci-pay-dev', 'g:ci-web-dev', 'deleted')],
  });
  assert.deepEqual(rolesOf(grants, 'ana'), ['web-developer']);
  assert.ok(!codesOf(findings).includes('policy.renamed-group'));
});

test('a group that was renamed before is bound already, and one that no rule names any more is nothing to tell of', () => {
  const former = (state: Binding['state'], key = 'ci-pay-dev') =>
    judged(POLICY, { people: { ana: ['somehow'] }, bindings: [CONTRACTORS, bound(key, 'g:somehow', state)] });
  assert.deepEqual(
    former('bound').bind.map(({ state }) => state),
    ['renamed'],
  );
  const again = former('renamed');
  assert.deepEqual([again.bind, rolesOf(again.grants, 'ana')], [[], ['payments-developer']]);
  const unnamed = former('bound', 'no-rule-names-it');
  assert.deepEqual([unnamed.bind, unnamed.findings], [[], []]);
});

test('a group that is bound by several names keeps granting by each, in whatever order they are stored', () => {
  const names = [bound('ci-pay-dev', 'g:somehow'), bound('ci-users', 'g:somehow'), bound('ci-web-dev', 'g:somehow')];
  for (const bindings of [names, names.toReversed()]) {
    const { grants } = judged(POLICY, { people: { ana: ['somehow'] }, bindings: [CONTRACTORS, ...bindings] });
    assert.deepEqual(rolesOf(grants, 'ana'), ['browser', 'payments-developer', 'web-developer']);
  }
});

test('a group that is bound by its externalId was not renamed, whatever it is called', () => {
  const policy = policyOf(`
roles: { r: { scope: global, permissions: [Job/Read] } }
rules: [{ id: x, group: { externalId: 00g1 }, grant: r }]`);
  const facts = factsOf({ people: { ana: ['any'] }, bindings: [bound('externalId:00g1', 'g:any', 'bound', 'former')] });
  const groups = new Map([...facts.groups].map(([id, group]) => [id, { ...group, externalId: '00g1' }]));
  const { grants, bind, findings } = evaluate(policy, { ...facts, groups }, CI);
  assert.deepEqual([rolesOf(grants, 'ana'), bind, codesOf(findings)], [['r'], [], []]);
});

test('of a deleted unless group nothing is kept, and what cannot be the name of an item is not kept either', () => {
  const gone = bound('contractors', 'g:gone', 'deleted');
  const { frozen, findings } = judged(POLICY, { people: { ana: [] }, bindings: [gone] });
  assert.deepEqual(frozen, []);
  assert.deepEqual(codesOf(findings), ['policy.unless-missing']);
  const loose = policyOf(BASIC.replace('"[a-z][a-z0-9]*"', '"[a-z.]+"'));
  const dots = judged(loose, {
    people: { ana: [] },
    bindings: [CONTRACTORS, bound('ci-..-dev', 'g:gone', 'deleted')],
  });
  assert.deepEqual([dots.frozen, codesOf(dots.findings).includes('policy.deleted-group')], [[], false]);
});

test('a deleted group that was bound by its externalId freezes like any other', () => {
  const policy = policyOf(`
roles: { r: { scope: global, permissions: [Job/Read] } }
rules: [{ id: x, group: { externalId: 00g1 }, grant: r }]`);
  const bindings = [bound('externalId:00g1', 'g:gone', 'deleted', 'Former name')];
  const { grants, frozen } = judged(policy, { people: { ana: [] }, bindings });
  assert.deepEqual([grants, rolesOf(frozen, 'ana')], [[], ['r']]);
});
