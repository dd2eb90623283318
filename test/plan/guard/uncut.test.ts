import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardInput } from '../../../src/plan/guard/input.ts';
import { grant, named, observed, ownership, person, role, type Scenario, wanted } from '../make.ts';
import { verdict } from './make.ts';

// Somebody is to gain at the id `ana`, which another person had before.

const ana = person('okta/ana');
const gaining = (who = ana): Scenario => ({
  people: [who],
  desired: { roles: [wanted('dev')], grants: [grant('dev', who)] },
  observed: observed(role('dev', [])),
  ownership: ownership(['dev'], []),
});
const NEEDS = '+ana dev: needs';

test('nobody gains at an id where what another one owes waits; what they owe themselves, or at another id, keeps nothing', () => {
  const before = { person: 's-before', foldedId: 'ana' };
  const own = { ...before, person: ana.id };
  const held = (change: Partial<GuardInput>) => verdict(gaining(), change).held;
  assert.deepEqual(held({}), []);
  assert.deepEqual(held({ uncut: [before] }), [NEEDS]);
  assert.deepEqual(held({ uncut: [own] }), []);
  assert.deepEqual(held({ uncut: [{ ...before, foldedId: 'bo' }] }), []);
  assert.deepEqual(held({ uncut: [own, before] }), [NEEDS]);
});

test('what this plan cuts keeps nothing, what a mode keeps from being cut does, unless an operator gave the id free', () => {
  const [cy, bo] = [person('okta/cy', { id: ana.id }), person('okta/ana', { id: 's-bo' })];
  const people = [cy, bo];
  const claims = [...named([ana]).owners.values()];
  const scenario: Scenario = { ...gaining(bo), people, identities: named(people, { claims }) };
  const owed = { person: ana.id, foldedId: 'ana' };
  const gains = (change: Partial<GuardInput>) => {
    const { go, held } = verdict(scenario, change);
    assert.ok([...go, ...held].some((step) => step.startsWith('revoke-tokens ana')));
    return held.includes(NEEDS) ? 'waits' : go.includes('+ana dev') && 'goes';
  };
  assert.equal(gains({ uncut: [owed] }), 'goes');
  assert.equal(gains({ mode: 'add-only' }), 'waits');
  assert.equal(gains({ mode: 'add-only', by: 'operator' }), 'goes');
  assert.equal(gains({ mode: 'add-only', freed: [owed] }), 'goes');
  assert.equal(gains({ mode: 'add-only', freed: [{ ...owed, foldedId: 'bo' }] }), 'waits');
});
