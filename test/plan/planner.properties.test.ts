import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldId } from '../../src/access/principal.ts';
import { roleKey } from '../../src/access/role.ts';
import { digestOf, stepDigest } from '../../src/plan/digest.ts';
import type { PlanInput } from '../../src/plan/input.ts';
import { makePlan } from '../../src/plan/planner.ts';
import { type Step, stepKey } from '../../src/plan/step.ts';
import { applied } from './make.ts';
import { world } from './worlds.ts';

const PROTECTED = ['admin', 'jenkins-scim', 'svc-x'];

/** Ids and roles that a step changes something for. */
function touchedIds(step: Step): string[] {
  if ('entries' in step) return (step.entries ?? []).map(({ principal }) => principal.id.toLowerCase());
  return 'principal' in step ? [step.principal.id.toLowerCase()] : [];
}

/** The input with every debt paid that this plan pays. */
function settled(input: PlanInput, steps: readonly Step[]): PlanInput {
  const debts = input.identities.owed.map((owed) => ({
    ...owed,
    done: steps.flatMap((step) => ('role' in step || step.person !== owed.person ? [] : [step.kind])),
  }));
  return { ...input, ...applied(input, steps), debts };
}

test('a plan made after a plan was done is empty', () => {
  fc.assert(
    fc.property(world, (input) => {
      const plan = makePlan(input);
      const again = makePlan(settled(input, plan.steps));
      assert.deepEqual(again.steps.map(stepKey), []);
    }),
    { numRuns: 400 },
  );
});

test('a partial plan is part of the whole one', () => {
  fc.assert(
    fc.property(world, fc.array(fc.nat(6)), (input, picks) => {
      const ids = [...input.standing.keys()];
      const scope = new Set(picks.flatMap((pick) => ids[pick % Math.max(1, ids.length)] ?? []));
      const whole = new Set(makePlan(input).steps.map(stepDigest));
      for (const step of makePlan({ ...input, scope }).steps) assert.ok(whole.has(stepDigest(step)), stepKey(step));
    }),
    { numRuns: 400 },
  );
});

test('a partial plan of everybody has every step that is about a person', () => {
  fc.assert(
    fc.property(world, (input) => {
      const scope = new Set(input.standing.keys());
      const partial = new Set(makePlan({ ...input, scope }).steps.map(stepDigest));
      const exclusive = new Set(input.desired.roles.filter((role) => role.entries === 'exclusive').map(roleKey));
      for (const step of makePlan(input).steps) {
        if (step.person === undefined) continue;
        if (step.kind === 'revoke' && exclusive.has(roleKey(step.role))) continue;
        assert.ok(partial.has(stepDigest(step)), stepKey(step));
      }
    }),
  );
});

test('protected principals and roles never appear', () => {
  fc.assert(
    fc.property(world, (input) => {
      const root = input.controller.protect.roles.length > 0;
      for (const step of makePlan(input).steps) {
        assert.ok(!touchedIds(step).some((id) => PROTECTED.includes(id)), stepKey(step));
        const roles =
          'role' in step ? [step.role] : 'entries' in step ? (step.entries ?? []).map(({ role }) => role) : [];
        assert.ok(!root || !roles.some(({ name }) => name === 'root'), stepKey(step));
      }
    }),
    { numRuns: 300 },
  );
});

test('nothing is revoked that is not owned, but for leavers and exclusive roles', () => {
  fc.assert(
    fc.property(world, (input) => {
      const owned = new Set(
        input.ownership.entries.map((item) => `${roleKey(item.role)} ${item.principal.type} ${item.principal.id}`),
      );
      const exclusive = new Set(input.desired.roles.filter((role) => role.entries === 'exclusive').map(roleKey));
      for (const step of makePlan(input).steps) {
        if (step.kind === 'revoke' && !exclusive.has(roleKey(step.role)))
          assert.ok(owned.has(`${roleKey(step.role)} ${step.principal.type} ${step.principal.id}`), stepKey(step));
        if (step.kind === 'remove-entries') {
          const owner = input.identities.owners.get(foldId(step.principal.id, 'case-insensitive'));
          assert.equal(owner?.state, 'leaving');
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('roles that are not ours are never created over, redefined or deleted; blocked ones are not touched by gains or losses', () => {
  fc.assert(
    fc.property(world, (input) => {
      const ours = new Set(input.ownership.roles.map(({ role }) => roleKey(role)));
      const there = new Set(input.observed.roles.map(roleKey));
      const blocked = new Set(input.desired.blocked.map(roleKey));
      for (const step of makePlan(input).steps) {
        if (!('role' in step)) continue;
        const key = roleKey(step.role);
        assert.ok(!blocked.has(key), stepKey(step));
        if (step.kind === 'create-role') assert.ok(!there.has(key));
        if (step.kind === 'update-role' || step.kind === 'delete-role') assert.ok(ours.has(key));
      }
    }),
    { numRuns: 300 },
  );
});

test('the order of anything in the input is irrelevant', () => {
  fc.assert(
    fc.property(world, (input) => {
      const turned: PlanInput = {
        ...input,
        observed: {
          ...input.observed,
          roles: input.observed.roles.toReversed().map((role) => ({ ...role, entries: role.entries.toReversed() })),
        },
        desired: {
          ...input.desired,
          roles: input.desired.roles.toReversed(),
          grants: input.desired.grants.toReversed(),
          frozen: input.desired.frozen.toReversed(),
        },
        ownership: { roles: input.ownership.roles.toReversed(), entries: input.ownership.entries.toReversed() },
      };
      const plan = makePlan(input);
      assert.deepEqual(makePlan(turned).steps, plan.steps);
      assert.equal(digestOf(plan.steps.toReversed()), digestOf(plan.steps));
    }),
  );
});

test('no step of anybody appears twice, gains come before the losses that are not of leavers or expired, and all is frozen', () => {
  fc.assert(
    fc.property(world, (input) => {
      const { steps } = makePlan(input);
      assert.equal(new Set(steps.map((step) => `${stepKey(step)} ${step.person}`)).size, steps.length);
      const lastGain = steps.findLastIndex(({ kind }) => kind === 'grant' || kind === 'create-role');
      const firstLoss = steps.findIndex(({ kind, cause }) => kind === 'revoke' && cause !== 'expired');
      assert.ok(firstLoss === -1 || firstLoss > lastGain);
      assert.ok(steps.every((step) => Object.isFrozen(step)));
    }),
  );
});
