import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../src/plan/guard/judge.ts';
import { makePlan } from '../../src/plan/planner.ts';
import { type PlanDocument, planDocument } from '../../src/plan/print/document.ts';
import { parseSaved, stillHolds } from '../../src/plan/saved.ts';
import { guardInput } from './guard/make.ts';
import {
  BUILD,
  definition,
  grant,
  observed,
  owned,
  ownership,
  person,
  planInput,
  reason,
  role,
  type Scenario,
  wanted,
} from './make.ts';

const ana = person('okta/ana');
const bob = person('okta/bob');
const dev = definition('dev', [BUILD]);
const base: Scenario = {
  people: [ana, bob],
  desired: { roles: [wanted('dev', { permissions: [BUILD] })], grants: [grant('dev', ana)] },
  observed: observed(role(dev, ['eve']), role('old', ['bob'])),
  ownership: ownership(['dev', 'old'], [owned('old', 'bob')]),
};

function documentOf(scenario: Scenario): PlanDocument {
  const input = planInput(scenario);
  const plan = makePlan(input);
  return planDocument([{ name: 'ci', mode: 'enforce', plan, verdict: judge(guardInput(input)) }]);
}

/** Through a file. */
const save = (document: PlanDocument) => parseSaved(JSON.parse(JSON.stringify(document)));

function staleness(saved: PlanDocument, current: PlanDocument): string {
  try {
    stillHolds(save(saved), current);
    return 'holds';
  } catch (error) {
    assert.equal((error as { code: string }).code, 'PLAN_STALE');
    return (error as Error).message;
  }
}

test('a saved plan that still holds selects exactly its steps', () => {
  const document = documentOf(base);
  const selected = stillHolds(save(document), document).get('ci');
  assert.deepEqual(
    [...(selected ?? [])],
    document.controllers[0]?.steps.map(({ key }) => key),
  );
  assert.ok((selected?.size ?? 0) > 0);
});

test('a busy directory does not make it stale: what is new is not selected', () => {
  const document = documentOf(base);
  const busier = documentOf({
    ...base,
    desired: { ...base.desired, grants: [grant('dev', ana, [reason('another', { group: 'g' })]), grant('dev', bob)] },
    observed: observed(role(dev, ['eve', 'zoe']), role('old', ['bob'])),
  });
  const selected = stillHolds(save(document), busier).get('ci');
  assert.equal(selected?.size, document.controllers[0]?.steps.length);
  assert.ok(
    (busier.controllers[0]?.steps.length ?? 0) + (busier.controllers[0]?.quarantined.length ?? 0) >
      (selected?.size ?? 0),
  );
});

test('another policy, other steps or changed touched roles make it stale', () => {
  const document = documentOf(base);
  assert.match(
    staleness(document, documentOf({ ...base, desired: { ...base.desired, policy: 'p2' } })),
    /policy for ci/,
  );
  assert.match(
    staleness(document, documentOf({ ...base, desired: { ...base.desired, grants: [] } })),
    /grant dev is not to be done/,
  );
  const redefined = observed(role(definition('dev', ['other']), ['eve']), role('old', ['bob']));
  assert.match(staleness(document, documentOf({ ...base, observed: redefined })), /not to be done|was changed/);
  const oldRedefined = observed(role(dev, ['eve']), role(definition('old', ['other']), ['bob']));
  assert.match(staleness(document, documentOf({ ...base, observed: oldRedefined })), /role old was changed/);
});

test('an edited file selects nothing', () => {
  const document = documentOf(base);
  const [controller] = document.controllers;
  assert.ok(controller !== undefined);
  const edited = {
    ...document,
    controllers: [{ ...controller, steps: controller.steps.map((step) => ({ ...step, role: 'harmless' })) }],
  };
  assert.match(staleness(edited, document), /saved file was changed/);
});

test('a controller that cannot be read, now or then, is left out of a saved plan', () => {
  const document = documentOf(base);
  const unread = planDocument([{ name: 'ci', mode: 'enforce', error: 'no answer' }]);
  assert.equal(stillHolds(save(document), unread).size, 0);
  assert.equal(stillHolds(save(unread), document).size, 0);
  assert.match(staleness(document, planDocument([])), /no controller ci/);
});

test('anything else is no saved plan', () => {
  for (const value of [null, [], 'x', {}, { digest: 'x', controllers: [{}] }, { digest: 1, controllers: [] }])
    assert.throws(() => parseSaved(value), { code: 'PLAN_STALE' });
});
