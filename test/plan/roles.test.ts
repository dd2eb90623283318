import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePlan } from '../../src/plan/planner.ts';
import {
  BUILD,
  DAY,
  definition,
  grant,
  key,
  NOW,
  observed,
  owned,
  ownership,
  person,
  planInput,
  READ,
  role,
  type Scenario,
  short,
  wanted,
} from './make.ts';

const ana = person('okta/ana');
const people = [ana];
const steps = (scenario: Scenario) => makePlan(planInput({ people, ...scenario })).steps.map(short);
const codes = (scenario: Scenario) => makePlan(planInput({ people, ...scenario })).findings.map(({ code }) => code);

test('a role is created only where none of that name and type exists', () => {
  assert.deepEqual(steps({ desired: { roles: [wanted('dev')] } }), ['+role dev']);
  const item = role(definition('dev', [READ], { type: 'item' }));
  assert.deepEqual(steps({ desired: { roles: [wanted('dev')] }, observed: observed(item) }), ['+role dev']);
});

test('a same-named role made by hand is a finding until adopted: neither redefined nor given to anybody', () => {
  const scenario: Scenario = {
    desired: { roles: [wanted('dev', { permissions: [BUILD] })], grants: [grant('dev', ana)] },
    observed: observed(role('dev')),
  };
  assert.deepEqual(steps(scenario), []);
  assert.deepEqual(codes(scenario), ['role.not-ours']);
  assert.deepEqual(steps({ ...scenario, ownership: ownership(['dev']) }), ['~role dev', '+ana dev']);
});

test('only the definition of owned roles is repaired, whatever the order of permissions', () => {
  const scenario = (permissions: readonly string[], pattern = '.*'): Scenario => ({
    desired: { roles: [wanted('dev', { permissions: [READ, BUILD] })] },
    observed: observed(role(definition('dev', permissions, { pattern }))),
    ownership: ownership(['dev']),
  });
  assert.deepEqual(steps(scenario([BUILD, READ])), []);
  assert.deepEqual(steps(scenario([BUILD, READ, READ])), []);
  assert.deepEqual(steps(scenario([READ])), ['~role dev']);
  assert.deepEqual(steps(scenario([READ, BUILD], 'x.*')), ['~role dev']);
  const [step] = makePlan(planInput(scenario([READ]))).steps;
  assert.ok(step?.kind === 'update-role');
  assert.deepEqual([step.before.permissions, step.role.permissions], [[READ], [READ, BUILD].sort()]);
  assert.equal(step.reasons[0]?.rule, 'roles.dev');
});

test('a redefinition that gives goes with the gains, one that only takes goes with the losses', () => {
  const scenario = (permissions: readonly string[]): Scenario => ({
    desired: { roles: [wanted('dev', { permissions }), wanted('zoo')], grants: [grant('zoo', ana)] },
    observed: observed(role(definition('dev', [READ, BUILD])), role('zoo')),
    ownership: ownership(['dev', 'zoo']),
  });
  assert.deepEqual(steps(scenario([READ, BUILD, 'x'])), ['~role dev', '+ana zoo']);
  assert.deepEqual(steps(scenario([READ])), ['+ana zoo', '~role dev']);
});

test('existing roles are assigned, never defined, never created', () => {
  const desired = { roles: [wanted('qa', { existing: true, permissions: [] })], grants: [grant('qa', ana)] };
  assert.deepEqual(steps({ desired, observed: observed(role('qa')) }), ['+ana qa']);
  assert.deepEqual(steps({ desired }), []);
  assert.deepEqual(codes({ desired }), ['role.existing-absent']);
});

test('a role nobody wants is deleted only if it is ours and was empty for 24 h; otherwise it is reported', () => {
  const left = (since: number | undefined, list: string[] = []): Scenario => ({
    observed: observed(role('old', list)),
    ownership: { entries: [], roles: [{ role: key('old'), ...(since === undefined ? {} : { emptySince: since }) }] },
  });
  assert.deepEqual(steps(left(NOW - DAY)), ['-role old']);
  assert.deepEqual(steps(left(NOW - DAY + 1)), []);
  assert.deepEqual(steps(left(undefined)), []);
  assert.deepEqual(steps(left(NOW - DAY, ['eve'])), []);
  assert.deepEqual(codes(left(undefined)), ['role.leftover']);
  assert.deepEqual(steps({ observed: observed(role('old')) }), [], 'not ours');
  assert.deepEqual(steps({ ...left(NOW - DAY), desired: { blocked: [key('old')] } }), []);
  const protect = { users: [], groups: [], roles: ['o*'] };
  assert.deepEqual(steps({ ...left(NOW - DAY), controller: { protect } }), []);
});

test('roles of ours without entries are told, so that their day can begin', () => {
  const plan = makePlan(
    planInput({ observed: observed(role('a'), role('b', ['x']), role('c')), ownership: ownership(['a', 'b']) }),
  );
  assert.deepEqual(plan.empty, [key('a')]);
});

test('owned grants of a role that left the policy fall', () => {
  const scenario: Scenario = {
    observed: observed(role('old', ['ana', 'eve'])),
    ownership: ownership(['old'], [owned('old', 'ana')]),
  };
  assert.deepEqual(steps(scenario), ['-ana old (unentitled)']);
});

test('renamedFrom moves our grants to the new name and deletes the old one in the same plan', () => {
  const desired = { roles: [wanted('new', { renamedFrom: 'old' })], grants: [grant('new', ana)] };
  const ours: Scenario = {
    desired,
    observed: observed(role('old', ['ana'])),
    ownership: ownership(['old'], [owned('old', 'ana')]),
  };
  assert.deepEqual(steps(ours), ['+role new', '+ana new', '-ana old (policy)', '-role old']);
  const mixed = { ...ours, observed: observed(role('old', ['ana', 'eve'])) };
  assert.deepEqual(steps(mixed), ['+role new', '+ana new', '-ana old (policy)'], 'what is not ours keeps the old role');
  assert.deepEqual(codes(mixed), ['role.leftover']);
  const foreign: Scenario = { desired, observed: observed(role('old', ['ana'])) };
  assert.deepEqual(steps(foreign), ['+role new', '+ana new']);
  assert.deepEqual(codes(foreign), ['role.renamed-not-ours']);
});

test('a protected role is neither defined nor given, and that is a finding', () => {
  const scenario: Scenario = {
    desired: { roles: [wanted('root')], grants: [grant('root', ana)] },
    controller: { protect: { users: [], groups: [], roles: ['ROOT'] } },
  };
  assert.deepEqual(steps(scenario), []);
  assert.deepEqual(codes(scenario), ['role.protected']);
});
