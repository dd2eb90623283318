import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BUILD,
  definition,
  grant,
  named,
  observed,
  owned,
  ownership,
  person,
  READ,
  role,
  type Scenario,
  wanted,
} from '../make.ts';
import { verdict } from './make.ts';

const ana = person('okta/ana');
const gone = person('-okta/bob');
const people = [ana, gone];

// A gain, a widened and a narrowed role, a loss and a leaver.
const scenario: Scenario = {
  people,
  identities: named(people, { claims: [...named([person('okta/bob')]).owners.values()] }),
  desired: {
    roles: [wanted('a'), wanted('more', { permissions: [READ, BUILD] }), wanted('less')],
    grants: [grant('a', ana)],
  },
  observed: observed(role('more'), role(definition('less', [READ, BUILD])), role('x', ['ana']), role('y', ['bob'])),
  ownership: ownership(['more', 'less'], [owned('x', 'ana')]),
};
const GAINS = ['+role a', '~role more', '+ana a'];
const LOSSES = ['~role less', '-ana x (policy)'];
const isLeaver = (text: string): boolean => text.includes('bob');

test('off: nothing, not even by an operator', () => {
  for (const by of ['automatic', 'operator'] as const) assert.deepEqual(verdict(scenario, { mode: 'off', by }).go, []);
  assert.deepEqual(verdict(scenario, { mode: 'off', exempt: new Set(['s-bob']) }).go, []);
});

test('observe: nothing by itself, everything by an operator; leavers waiting are an error finding', () => {
  const automatic = verdict(scenario, { mode: 'observe' });
  assert.deepEqual(automatic.go, []);
  assert.deepEqual(automatic.findings, ['plan.leavers-not-enforced']);
  assert.deepEqual(automatic.events, [], 'what the mode holds counts against nothing');
  assert.deepEqual(verdict(scenario, { mode: 'observe', by: 'operator' }).held, []);
});

test('add-only: grants, role creation and added permissions by itself, everything by an operator', () => {
  const automatic = verdict(scenario, { mode: 'add-only' });
  assert.deepEqual(automatic.go, GAINS);
  assert.deepEqual(automatic.findings, ['plan.leavers-not-enforced']);
  assert.ok(automatic.held.every((text) => text.endsWith(': mode')));
  assert.deepEqual(verdict(scenario, { mode: 'add-only', by: 'operator' }).held, []);
});

test('enforce: everything below the ceilings, leavers first', () => {
  const { go, held } = verdict(scenario);
  assert.deepEqual(held, []);
  assert.ok(go.slice(0, 7).every(isLeaver));
  assert.deepEqual(go.slice(7), [...GAINS, ...LOSSES]);
});

test('leaver --now goes past the mode, for that person only', () => {
  const { go } = verdict(scenario, { mode: 'observe', exempt: new Set(['s-bob']) });
  assert.equal(go.length, 7);
  assert.ok(go.every(isLeaver));
});
