import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definitionDigest, digestOf, stepDigest } from '../../src/plan/digest.ts';
import { digestCalled, heldGroups } from '../../src/plan/guard/group.ts';
import { judge } from '../../src/plan/guard/judge.ts';
import type { Step } from '../../src/plan/step.ts';
import { config, guardInput } from './guard/make.ts';
import {
  BUILD,
  definition,
  grant,
  key,
  observed,
  owned,
  ownership,
  person,
  planInput,
  READ,
  reason,
  role,
  wanted,
} from './make.ts';

const ana = person('okta/ana');

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
}

test('the digest is over what is done, not over why or in which order', () => {
  const step: Step = {
    kind: 'grant',
    role: key('dev'),
    principal: { type: 'user', id: 'ana' },
    administrative: false,
    cause: 'gain',
    reasons: [],
  };
  const other: Step = { ...step, principal: { type: 'user', id: 'bob' } };
  assert.equal(
    digestOf([step, other]),
    digestOf([other, { ...step, reasons: [reason('x')], cause: 'drift', person: 'p' }]),
  );
  assert.notEqual(digestOf([step]), digestOf([step, other]));
  assert.notEqual(stepDigest(step), stepDigest({ ...step, administrative: true }));
  assert.notEqual(stepDigest(step), stepDigest({ ...step, principal: { type: 'either', id: 'ana' } }));
  assert.match(digestOf([]), /^[0-9a-f]{64}$/);
});

test('before-values are part of the digest', () => {
  const step = (before: readonly string[]): Step => ({
    kind: 'update-role',
    role: definition('dev', [BUILD]),
    before: definition('dev', before),
    administrative: false,
    cause: 'policy',
    reasons: [],
  });
  assert.notEqual(stepDigest(step([READ])), stepDigest(step([])));
});

test('a definition is the same whatever the order of permissions, and an empty template is none', () => {
  assert.equal(
    definitionDigest(definition('x', [READ, BUILD])),
    definitionDigest(definition('x', [BUILD, READ], { template: '' })),
  );
  assert.notEqual(definitionDigest(definition('x')), definitionDigest(definition('x', [READ], { pattern: 'a' })));
});

const strict = config({ losses: { revokeGrants: { count: 0, percent: 0, atLeast: 0 } }, gains: { createRoles: 0 } });
const input = planInput({
  people: [ana],
  desired: { roles: [wanted('new')], grants: [grant('new', ana)] },
  observed: observed(role(definition('dev', [BUILD]), ['ana']), role(definition('qa', [BUILD]), ['ana'])),
  ownership: ownership(['dev', 'qa'], [owned('dev', 'ana'), owned('qa', 'ana')]),
});

test('held steps are grouped by ceiling, each group with its own digest', () => {
  const groups = heldGroups(judge(guardInput(input, { config: strict })).held);
  assert.deepEqual(
    groups.map(({ ceiling, steps }) => [ceiling, steps.length]),
    [
      ['gains.createRoles', 1],
      ['losses.revokeGrants', 2],
    ],
  );
  assert.equal(new Set(groups.map(({ digest }) => digest)).size, 2);
  assert.deepEqual(heldGroups(judge(guardInput(input, { mode: 'observe' })).held), [], 'the mode is no quarantine');
});

test('--allow-loss DIGEST releases exactly the held steps that are still desired; later losses form another batch', () => {
  const [, losses] = heldGroups(judge(guardInput(input, { config: strict })).held);
  assert.ok(losses !== undefined);
  const released = new Set(losses.steps.map(stepDigest));
  const { go, held } = judge(guardInput(input, { config: strict, released }));
  assert.deepEqual(
    go.map(({ kind }) => kind),
    ['revoke', 'revoke'],
  );
  assert.equal(
    heldGroups(held).some(({ digest }) => digest === losses.digest),
    false,
  );
});

test('an unknown, short or ambiguous digest names nothing', () => {
  const stored = ['aaaaaaaa11', 'aaaaaaaa22', 'aaaaaaaa22'];
  for (const digest of ['bbbbbbbb', 'aaaaaaaa', 'aaaaaaa', '', 'aaaaaaaa1x', 'AAAAAAAA11', 'aaaaaaa%1'])
    assert.equal(
      code(() => digestCalled(digest, stored)),
      'PLAN_UNKNOWN',
      digest,
    );
  assert.equal(digestCalled('aaaaaaaa1', stored), 'aaaaaaaa11');
  assert.equal(digestCalled('aaaaaaaa22', stored), 'aaaaaaaa22');
});
