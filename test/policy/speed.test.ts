import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Facts, GroupFact, PersonFact } from '../../src/policy/facts.ts';
import { cpuTime } from '../sim/cpuTime.ts';
import { CI, NOW, policyOf, SINCE } from './scene.ts';

const TEAMS = 400;
const PEOPLE = 20_000;
// The aim is 300 ms and 1 ms on a quiet machine (measured: docs of the part); a shared one is given more.
const WHOLE_MS = 1500;
const ONE_MS = 5;

const literal = Array.from(
  { length: 56 },
  (_, index) => `  - { id: l${index}, group: team${index}-lead, grant: browser }`,
);
const POLICY = policyOf(`
captures: { t: { matches: "[a-z0-9]+", max: 1000 } }
roles:
  browser: { scope: global, preset: browse }
  dev: { scope: { folder: "org/{t}", parents: read }, permissions: [Job/Read, Job/Build] }
rules:
${literal.join('\n')}
  - { id: all, group: all, grant: browser }
  - { id: dev, group: "{t}-dev", grant: dev, unless: { group: contractors } }
  - { id: ops, group: "{t}-ops", grant: dev }
  - { id: one, user: u7, until: 2030-01-01, grant: browser }
`);

const names = [
  ...Array.from({ length: TEAMS }, (_, index) => [`team${index}-dev`, `team${index}-ops`, `team${index}-lead`]).flat(),
  'all',
  'contractors',
];
const groups = new Map(
  names.map((displayName): [string, GroupFact] => [
    displayName,
    { id: displayName, connection: 'okta', displayName, parents: [] },
  ]),
);
const edge = (group: string) => ({ group, since: SINCE });
const people = Array.from(
  { length: PEOPLE },
  (_, index): PersonFact => ({
    id: `p${index}`,
    connection: 'okta',
    userName: `u${index}`,
    active: true,
    groups: [
      'all',
      `team${index % TEAMS}-dev`,
      `team${(index * 7) % TEAMS}-ops`,
      `team${index % 100}-lead`,
      `nobody${index}`,
    ].map(edge),
  }),
);
const facts = (change: Partial<Facts> = {}): Facts => ({
  people,
  groups,
  bindings: [],
  expired: new Set(),
  now: NOW,
  primaryConnection: 'okta',
  ...change,
});

function best(times: number, run: () => void): number {
  const measured = Array.from({ length: times }, () => {
    const start = cpuTime();
    run();
    return cpuTime() - start;
  });
  return Math.min(...measured);
}

test('20,000 people and 60 rules on one controller are judged in well under a second or two', (t) => {
  const grants = evaluate(POLICY, facts(), CI).grants.length;
  assert.ok(grants > 3 * PEOPLE);
  const took = best(3, () => evaluate(POLICY, facts(), CI));
  t.diagnostic(`${took.toFixed(0)} ms for ${grants} grants`);
  assert.ok(took < WHOLE_MS, `${took} ms`);
});

test('one person is judged in about a millisecond, however many bindings are stored', (t) => {
  const bindings = evaluate(POLICY, facts(), CI).bind;
  const own = new Map(
    people[5]!.groups.flatMap(({ group }) => (groups.has(group) ? [[group, groups.get(group)!] as const] : [])),
  );
  const took = best(20, () => evaluate(POLICY, facts({ people: [people[5]!], groups: own, bindings }), CI));
  t.diagnostic(`${took.toFixed(2)} ms with ${bindings.length} bindings`);
  assert.ok(took < ONE_MS, `${took} ms`);
});
