import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tombstone } from '../../src/directory/facts/facts.ts';
import type { Desired } from '../../src/plan/desired.ts';
import type { DirectoryPerson, IdentityInput } from '../../src/plan/identities.ts';
import { makePlan } from '../../src/plan/planner.ts';
import type { Evaluation } from '../../src/policy/evaluation.ts';
import type { PersonFact } from '../../src/policy/facts.ts';
import { grant, person, planInput, short, wanted } from './make.ts';

const ana = person('okta/ana');

test('an evaluation of the policy and facts of the directory are what the planner takes', () => {
  const evaluation: Evaluation = {
    policy: 'p1',
    roles: [{ ...wanted('browser'), scope: 'global' }],
    grants: [grant('browser', ana)],
    blocked: [],
    bind: [],
    expired: [],
    frozen: [],
    beside: [],
    findings: [],
  };
  const fact: PersonFact = { ...ana, groups: [] };
  const tombstone: Tombstone = { id: 't', connection: 'okta', userName: 'tom', deletedAt: '2026-11-24T08:00:00.000Z' };
  const desired: Desired = evaluation;
  const people: DirectoryPerson[] = [fact];
  const tombstones: IdentityInput['tombstones'] = [tombstone];
  const plan = makePlan(planInput({ people, desired }));
  assert.deepEqual(plan.steps.map(short), ['+role browser', '+ana browser']);
  assert.equal(tombstones.length, 1);
});
