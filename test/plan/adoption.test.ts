import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoption } from '../../src/plan/adoption.ts';
import { makePlan } from '../../src/plan/planner.ts';
import { grant, key, observed, ownership, person, planInput, role, short, wanted } from './make.ts';

const ana = person('okta/ana');
const input = planInput({
  people: [ana],
  desired: {
    roles: [wanted('dev'), wanted('qa', { existing: true }), wanted('root'), wanted('stuck'), wanted('absent')],
    grants: ['dev', 'qa', 'root', 'stuck'].map((name) => grant(name, ana)),
    blocked: [key('stuck')],
  },
  observed: observed(role('dev', ['ana', 'eve']), role('qa', ['ana']), role('root', ['ana']), role('stuck', ['ana'])),
  controller: { protect: { users: [], groups: [], roles: ['root'] } },
});
const adopted = (only?: string) => adoption({ ...input, plan: makePlan(input) }, only);
const names = (found: ReturnType<typeof adoption>) => [
  found.roles.map(({ name }) => name),
  found.entries.map((entry) => `${entry.principal.id} ${entry.role.name} ${entry.person}`),
];

test('adopt takes over what the policy explains: roles it defines, entries it wants, nothing else', () => {
  assert.deepEqual(names(adopted()), [['dev'], ['ana dev s-ana', 'ana qa s-ana']]);
  assert.deepEqual(names(adopted('qa')), [[], ['ana qa s-ana']]);
  assert.deepEqual(names(adopted('nothing')), [[], []]);
});

test('what was adopted is ours: it falls when no rule gives it any more, what was not stays', () => {
  const { roles, entries } = adopted();
  const owned = { entries, roles: [...ownership([]).roles, ...roles.map((one) => ({ role: one }))] };
  const after = { ...input, ownership: owned, desired: { ...input.desired, grants: [] } };
  assert.deepEqual(makePlan(after).steps.map(short), ['+role absent', '-ana dev (unentitled)', '-ana qa (unentitled)']);
});
