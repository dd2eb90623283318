import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepDigest } from '../../../src/plan/digest.ts';
import type { GuardInput } from '../../../src/plan/guard/input.ts';
import { makePlan } from '../../../src/plan/planner.ts';
import {
  ADMINISTER,
  BUILD,
  definition,
  grant,
  named,
  observed,
  owned,
  ownership,
  person,
  planInput,
  role,
  type Scenario,
  wanted,
} from '../make.ts';
import { config, verdict } from './make.ts';

// What an operator said no to is not going to be done: the rest is judged as if it were not wanted.

const people = ['ana', 'bo', 'cy'].map((name) => person(`okta/${name}`));

/** Somebody said no to what is done to these, which waited under a ceiling. */
function without(scenario: Scenario, ceiling: string, ...names: string[]): Partial<GuardInput> {
  const { steps } = makePlan(planInput(scenario));
  const refused = steps.filter(
    (step) =>
      ('principal' in step && names.includes(step.principal.id)) || ('role' in step && names.includes(step.role.name)),
  );
  assert.ok(refused.length > 0);
  const keys = refused.map(stepDigest);
  return { waiting: new Map(keys.map((key) => [key, ceiling])), rejected: new Set(keys) };
}

/** What goes, what waits, and whether anything rejected is counted for later. */
function judged(scenario: Scenario, ceiling: string, refused: string, change: Partial<GuardInput>) {
  const before = verdict(scenario, change);
  assert.deepEqual(before.go, [], 'all of it is above the ceiling');
  const { go, held, events } = verdict(scenario, { ...change, ...without(scenario, ceiling, refused) });
  return { go, held, counted: events.filter(({ key, person: who }) => `${key} ${who}`.includes(refused)) };
}

test('a rejected administrator counts against no ceiling', () => {
  const scenario: Scenario = {
    people,
    desired: {
      roles: [wanted('root', { permissions: [ADMINISTER], administrative: true })],
      grants: people.map((who) => grant('root', who)),
    },
    observed: observed(role(definition('root', [ADMINISTER]), ['admin'])),
    ownership: ownership(['root']),
  };
  const change = { config: config({ gains: { administrators: { count: 2 } } }) };
  assert.deepEqual(judged(scenario, 'gains.administrators', 'ana', change), {
    go: ['+bo root', '+cy root'],
    held: ['+ana root: gains.administrators'],
    counted: [],
  });
});

test('a rejected grant counts against no ceiling of its person, a rejected role against none of the controller', () => {
  const [ana] = people;
  const names = ['one', 'two', 'three'];
  const gaining: Scenario = {
    people: [ana!],
    desired: { roles: names.map((name) => wanted(name)), grants: names.map((name) => grant(name, ana!)) },
    observed: observed(...names.map((name) => role(name))),
    ownership: ownership(names),
  };
  const perPerson = { config: config({ gains: { grantsPerPerson: 2 } }) };
  const found = judged(gaining, 'gains.grantsPerPerson', 'two', perPerson);
  assert.deepEqual(found.go, ['+ana one', '+ana three']);
  assert.deepEqual(found.counted, []);

  const creating: Scenario = {
    people: [],
    desired: { roles: names.map((name) => wanted(name)) },
    observed: observed(),
  };
  const roles = { config: config({ gains: { createRoles: 2 } }) };
  const made = judged(creating, 'gains.createRoles', 'two', roles);
  assert.deepEqual(made.held, ['+role two: gains.createRoles']);
  assert.deepEqual(made.counted, []);
});

test('a rejected loss counts against no ceiling of grants, nor of administrators', () => {
  const losing = (permissions: readonly string[]): Scenario => ({
    people,
    desired: {
      roles: [wanted('dev', { permissions: [...permissions] }), wanted('browser')],
      grants: people.map((who) => grant('browser', who)),
    },
    observed: observed(
      role(definition('dev', [...permissions]), [...people.map(({ userName }) => userName), 'admin']),
      role(
        'browser',
        people.map(({ userName }) => userName),
      ),
    ),
    ownership: ownership(
      ['dev', 'browser'],
      people.flatMap(({ userName }) => [owned('dev', userName), owned('browser', userName)]),
    ),
  });
  const two = { count: 2, percent: 100, atLeast: 2 };
  const grants = { config: config({ losses: { revokeGrants: two } }) };
  const lost = judged(losing([BUILD]), 'losses.revokeGrants', 'ana', grants);
  assert.equal(lost.held.length, 1);
  assert.deepEqual(lost.counted, []);
  const administrators = { config: config({ losses: { revokeAdministrators: { count: 2 } } }) };
  const fallen = judged(losing([ADMINISTER]), 'losses.revokeAdministrators', 'ana', administrators);
  assert.equal(fallen.held.length, 1);
  assert.deepEqual(fallen.counted, []);
});

test('a leaver who was rejected leaves room for the others', () => {
  const gone = ['ana', 'bo', 'cy'].map((name) => person(`-okta/${name}`));
  const before = named(gone.map((who) => ({ ...who, active: true })));
  const scenario: Scenario = { people: gone, identities: named(gone, { claims: [...before.owners.values()] }) };
  const change = { config: config({ losses: { disableUsers: { count: 2, percent: 100, atLeast: 2 } } }) };
  const { held, events } = verdict(scenario, { ...change, ...without(scenario, 'losses.disableUsers', 'ana') });
  assert.ok(held.length > 0 && held.every((text) => text.includes('ana')), String(held));
  assert.deepEqual(events.map(({ key }) => key).sort(), ['s-bo', 's-cy']);
});
