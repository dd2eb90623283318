import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judged, policyOf } from './scene.ts';

const HEAD = 'captures: { team: , env: }\nroles:\n';

/** Codes with which `NAME` is blocked on ci, and what is wanted of it: policy role and pattern. */
function named(roles: string, rules: string, groups: readonly string[]) {
  const policy = policyOf(`${HEAD}${roles}rules:\n${rules}`);
  const { blocked, roles: wanted, findings } = judged(policy, { people: { ana: groups } });
  return {
    blocked: blocked.map(({ name }) => name),
    wanted: wanted.map(({ name, policyRole }) => `${name} of ${policyRole}`),
    told: findings.filter(({ code }) => code === 'policy.same-name').length,
  };
}

test('a role that is defined and one made by hand are not the same, whichever comes first', () => {
  for (const [first, second] of [
    ['a', 'b'],
    ['b', 'a'],
  ])
    assert.deepEqual(
      named(
        `  ${first}: { scope: { folder: "{team}" }, name: "{team}", permissions: [Job/Read] }
  ${second}: { existing: { type: item, name: pay } }\n`,
        `  - { id: one, group: "ci-{team}", grant: ${first} }\n  - { id: two, group: hand, grant: ${second} }\n`,
        ['ci-pay', 'hand'],
      ),
      { blocked: ['pay'], wanted: ['pay of a'], told: 1 },
    );
});

test('two that were made by hand are the same, and so are two of one definition', () => {
  assert.deepEqual(
    named(
      '  a: { existing: { type: item, name: pay } }\n  b: { existing: { type: item, name: pay } }\n',
      '  - { id: one, group: x, grant: a }\n  - { id: two, group: y, grant: b }\n',
      ['x', 'y'],
    ),
    { blocked: [], wanted: ['pay of a'], told: 0 },
  );
  assert.deepEqual(
    named(
      '  a: { scope: { folder: "{team}" }, name: "{team}", permissions: [Job/Read] }\n',
      '  - { id: one, group: "ci-{team}", grant: a }\n  - { id: two, group: y, grant: { role: a, team: pay } }\n',
      ['ci-pay', 'y'],
    ),
    { blocked: [], wanted: ['pay of a'], told: 0 },
  );
});

test('two folders of one role that come to one name are blocked', () => {
  assert.deepEqual(
    named(
      '  a: { scope: { folder: "{team}/{env}" }, name: "{team}-{env}", permissions: [Job/Read] }\n',
      '  - { id: one, group: x, grant: { role: a, team: p-q, env: r } }\n  - { id: two, group: y, grant: { role: a, team: p, env: q-r } }\n',
      ['x', 'y'],
    ).blocked,
    ['p-q-r'],
  );
});

test('the role for the folders above is shared by all of one parent, and is none that is defined under its name', () => {
  const below = '  a: { scope: { folder: "top/{team}", parents: read }, name: "{team}", permissions: [Job/Read] }\n';
  const rule = '  - { id: one, group: "ci-{team}", grant: a }\n';
  assert.deepEqual(named(below, rule, ['ci-pay', 'ci-web']), {
    blocked: [],
    wanted: ['parents:top of a', 'pay of a', 'web of a'],
    told: 0,
  });
  assert.deepEqual(
    named(
      `${below}  b: { scope: { folder: top }, name: "parents:top", permissions: [Job/Build] }\n`,
      `${rule}  - { id: two, group: y, grant: b }\n`,
      ['ci-pay', 'y'],
    ),
    { blocked: ['parents:top'], wanted: ['parents:top of a', 'pay of a'], told: 1 },
  );
});
