import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GuardConfig } from '../../../src/config/schema.ts';
import { stepDigest } from '../../../src/plan/digest.ts';
import { waitsForRelease } from '../../../src/plan/guard/ceiling.ts';
import { GUARD_EVENT_KINDS, type GuardEvent } from '../../../src/plan/guard/event.ts';
import type { GuardInput } from '../../../src/plan/guard/input.ts';
import { judge } from '../../../src/plan/guard/judge.ts';
import { isLoss } from '../../../src/plan/guard/mode.ts';
import { type Step, stepKey } from '../../../src/plan/step.ts';
import { NOW } from '../make.ts';
import { world } from '../worlds.ts';
import { config, guardInput, MINUTE } from './make.ts';

const small = fc.integer({ min: 0, max: 4 });
const ceiling = fc.record({ count: small, percent: fc.constantFrom(0, 10, 50, 100), atLeast: small });
const ceilings: fc.Arbitrary<GuardConfig> = fc
  .record({
    disableUsers: ceiling,
    renameUsers: ceiling,
    revokeGrants: ceiling,
    revokeAdministrators: fc.record({ count: small }),
    administrators: fc.record({ count: small }),
    grantsPerPerson: small,
    createRoles: small,
  })
  .map(({ disableUsers, renameUsers, revokeGrants, revokeAdministrators, ...gains }) =>
    config({ losses: { disableUsers, renameUsers, revokeGrants, revokeAdministrators }, gains }),
  );

const KEYS = [
  's-okta-ana',
  's-okta-cem',
  'user:ana',
  'global:dev\u0000user:ana',
  'global:dev\u0000user:eve',
  'global:dev',
];
const history: fc.Arbitrary<GuardEvent[]> = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 100 }).map((minutes) => NOW - minutes * MINUTE),
    controller: fc.constantFrom('ci', 'other'),
    connection: fc.constantFrom('okta', 'entra'),
    kind: fc.constantFrom(...GUARD_EVENT_KINDS),
    key: fc.constantFrom(...KEYS),
    person: fc.constantFrom('s-okta-ana', 's-okta-cem'),
    administrative: fc.boolean(),
    state: fc.constantFrom('applied' as const, 'held' as const),
  }),
  { maxLength: 12 },
);

const trial: fc.Arbitrary<GuardInput> = fc
  .record({
    input: world,
    config: ceilings,
    history,
    mode: fc.constantFrom(
      'off' as const,
      'observe' as const,
      'add-only' as const,
      'enforce' as const,
      'enforce' as const,
    ),
    by: fc.constantFrom('automatic' as const, 'operator' as const),
    people: fc.integer({ min: 0, max: 8 }),
    grants: fc.integer({ min: 0, max: 40 }),
    working: fc.subarray(['admin', 'ana', 'eve', 'jenkins-scim']),
    timeTrusted: fc.boolean(),
  })
  .map(({ input, people, grants, working, ...change }) =>
    guardInput(input, {
      ...change,
      populations: {
        people: new Map([
          ['okta', people],
          ['entra', people],
        ]),
        grants,
        groups: [],
      },
      workingAdministrators: working,
    }),
  );

/** A step of somebody: two who left one id owe the same steps there. */
const owedBy = (step: Step): string => `${stepKey(step)} ${step.person}`;

const keys = (input: GuardInput) => {
  const found = judge(input);
  return { go: found.go.map(owedBy), held: found.held.map(({ step }) => owedBy(step)), found };
};

test('every step goes or is held, never both, in the order of the plan', () => {
  fc.assert(
    fc.property(trial, (input) => {
      const { go, held } = keys(input);
      const all = input.plan.steps.map(owedBy);
      assert.deepEqual([...go, ...held].sort(), all.toSorted());
      assert.deepEqual(
        all.filter((key) => go.includes(key)),
        go,
      );
      assert.deepEqual(
        all.filter((key) => held.includes(key)),
        held,
      );
    }),
    { numRuns: 400 },
  );
});

test('higher ceilings hold no more', () => {
  fc.assert(
    fc.property(trial, ceilings, (input, other) => {
      const up = <T extends Record<string, number>>(a: T, b: T): T =>
        Object.fromEntries(Object.entries(a).map(([name, value]) => [name, Math.max(value, b[name] ?? 0)])) as T;
      const { losses, gains } = input.config;
      const higher: GuardConfig = {
        losses: {
          window: losses.window,
          disableUsers: up(losses.disableUsers, other.losses.disableUsers),
          renameUsers: up(losses.renameUsers, other.losses.renameUsers),
          revokeGrants: up(losses.revokeGrants, other.losses.revokeGrants),
          revokeAdministrators: up(losses.revokeAdministrators, other.losses.revokeAdministrators),
        },
        gains: {
          window: gains.window,
          administrators: up(gains.administrators, other.gains.administrators),
          grantsPerPerson: Math.max(gains.grantsPerPerson, other.gains.grantsPerPerson),
          createRoles: Math.max(gains.createRoles, other.gains.createRoles),
        },
      };
      const ceilingHolds = (found: ReturnType<typeof judge>) =>
        found.held.filter((item) => item.ceiling.startsWith('losses.') || item.ceiling.startsWith('gains.'));
      const low = new Set(judge(input).held.map(({ step }) => owedBy(step)));
      for (const { step, ceiling: by } of ceilingHolds(judge({ ...input, config: higher })))
        assert.ok(low.has(owedBy(step)), `${owedBy(step)} by ${by}`);
    }),
    { numRuns: 400 },
  );
});

test('the order of events is irrelevant, and events that are told already are not told again', () => {
  fc.assert(
    fc.property(trial, (input) => {
      const one = judge(input);
      const two = judge({ ...input, history: input.history.toReversed() });
      assert.deepEqual(two.go, one.go);
      assert.deepEqual(two.held, one.held);
      const told = { ...input, history: [...input.history, ...one.events] };
      const again = judge(told);
      const held = one.held.filter((item) => waitsForRelease(item.ceiling));
      for (const item of held) assert.ok(again.held.some(({ step }) => owedBy(step) === owedBy(item.step)));
    }),
    { numRuns: 300 },
  );
});

test('off and observe do nothing by themselves, add-only takes nothing away, expiry is held by no ceiling', () => {
  fc.assert(
    fc.property(trial, (input) => {
      const { go, held } = judge(input);
      if (input.mode === 'off' || (input.mode === 'observe' && input.by === 'automatic')) assert.deepEqual(go, []);
      if (input.mode === 'add-only' && input.by === 'automatic') assert.ok(!go.some(isLoss));
      for (const { step, ceiling: by } of held)
        if (step.cause === 'expired') assert.ok(['mode', 'clock', 'last-administrator'].includes(by), by);
    }),
  );
});

test('what is released goes, but for the mode, the last administrator, what is protected and what needs something held', () => {
  fc.assert(
    fc.property(trial, (input) => {
      const released = new Set(input.plan.steps.map(stepDigest));
      for (const { ceiling: by } of judge({ ...input, released }).held)
        assert.ok(['mode', 'last-administrator', 'protected', 'needs', 'clock'].includes(by), by);
    }),
  );
});

test('nothing is granted into a role whose creation is held', () => {
  fc.assert(
    fc.property(trial, (input) => {
      const { go, held } = judge(input);
      const waiting = new Set(held.flatMap(({ step }) => (step.kind === 'create-role' ? [step.role.name] : [])));
      for (const step of go) if (step.kind === 'grant') assert.ok(!waiting.has(step.role.name));
    }),
  );
});
