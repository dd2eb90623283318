import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { whyHeld } from '../../../src/plan/guard/group.ts';
import { judge } from '../../../src/plan/guard/judge.ts';
import { makePlan } from '../../../src/plan/planner.ts';
import { type ControllerView, planDocument, shownPlan } from '../../../src/plan/print/document.ts';
import { scopeText } from '../../../src/plan/print/scope.ts';
import { wrapped } from '../../../src/plan/print/style.ts';
import { planText } from '../../../src/plan/print/text.ts';
import { config, guardInput } from '../guard/make.ts';
import {
  ADMINISTER,
  BUILD,
  CATALOGUE,
  definition,
  grant,
  named,
  observed,
  owned,
  ownership,
  person,
  planInput,
  READ,
  reason,
  role,
  type Scenario,
  wanted,
} from '../make.ts';

const ana = person('okta/ana');
const bob = person('okta/bob');
const cem = person('-okta/cem');
const people = [ana, bob, cem];
const PLAIN = { width: 80, colour: false };

const scenario: Scenario = {
  people,
  identities: named(people, { claims: [...named([person('okta/cem')]).owners.values()] }),
  desired: {
    roles: [
      wanted('admins', { permissions: [ADMINISTER], administrative: true }),
      wanted('payments-developer', {
        type: 'item',
        pattern: '\\Qpayments\\E($|/.*)',
        permissions: [BUILD],
        policyRole: 'developer',
      }),
      wanted('browser', { permissions: [READ, BUILD] }),
    ],
    grants: [
      grant('admins', ana, [reason('admins', { group: 'jenkins-admins', line: 20 })]),
      {
        role: { type: 'item', name: 'payments-developer' },
        person: 's-bob',
        reasons: [reason('team-developers', { group: 'ci-pay-dev', via: ['pay'] })],
      },
      grant('browser', bob, [reason('everyone')]),
    ],
  },
  observed: observed(
    role(definition('admins', [ADMINISTER]), ['admin', 'bob']),
    role(definition('browser', [READ, 'hudson.model.View.Read']), ['bob', 'g:devs', 'cem']),
    role('qa', ['eve']),
  ),
  ownership: ownership(
    ['admins', 'browser'],
    [owned('admins', 'bob', { reasons: [reason('admins', { group: 'jenkins-admins' })] }), owned('browser', 'bob')],
  ),
};

function view(of: Scenario = scenario, name = 'ci-main'): ControllerView {
  const input = planInput(of);
  return { name, mode: 'enforce', plan: makePlan(input), verdict: judge(guardInput(input)), permissions: CATALOGUE };
}

test('the plan for people: summary, administration, every change with its rule, what is held, matched, unmanaged, found', () => {
  assert.equal(
    planText([view(), { name: 'ci-b', mode: 'observe', error: 'connection refused' }], PLAIN)
      .replace(/[0-9a-f]{64}/, 'D'.repeat(64))
      .replace(/loss [0-9a-f]{12}/, 'loss 3f9c1a2b4d5e'),
    `Plan: 3 to add, 1 to remove, 1 id to cut off, 1 held on 1 controller; 1 could
  not be read.
Digest ${'D'.repeat(64)}

ci-b (observe): could not be read
  connection refused
  What to do: jenkins-scim doctor --controller ci-b

ci-main (enforce): 3 to add, 1 to remove, 1 id to cut off, 1 held
  Administration gained: ana
  Administration lost: bob
  - cem left: revoke-tokens, remove-ssh-keys, close-ssh-sessions,
      scramble-password, end-sessions, remove-entries (1), second-cut
  + role payments-developer (folder payments): Job/Build
      roles.developer (policy.yaml:7)
  + ana gets admins (global) [administrative]
      admins (policy.yaml:20) by group jenkins-admins
  + bob gets payments-developer (folder payments)
      team-developers (policy.yaml:31) by group ci-pay-dev via pay
  - bob loses admins (global) [administrative], no rule gives it any more
      admins (policy.yaml:31) by group jenkins-admins
  Held by unmanaged-gain: entries of browser that are not ours would gain
    permissions; release: apply --allow-loss 3f9c1a2b4d5e
    ~ role browser (global) gains Job/Build; loses hudson.model.View.Read
        roles.browser (policy.yaml:7)
  Unmanaged, not touched: 2
    group devs in global role browser
    user eve in global role qa
`,
  );
});

test('an empty plan says so', () => {
  const input = planInput();
  const text = planText([{ name: 'ci', mode: 'enforce', plan: makePlan(input) }], PLAIN);
  assert.match(text, /^Plan: nothing to do on 1 controller\.\n/);
  assert.match(text, /\nci \(enforce\): nothing to do\n$/);
});

test('colour changes nothing but colour', () => {
  const coloured = planText([view()], { width: 80, colour: true });
  assert.match(coloured, /\u001b\[32m {2}\+ ana gets/);
  assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), planText([view()], PLAIN));
});

test('lines fit the width where names allow it', () => {
  for (const width of [40, 60, 80, 200])
    for (const line of planText([view()], { width, colour: false }).split('\n'))
      assert.ok(line.length <= width || !line.trim().includes(' ') || /Digest/.test(line), `${width}: ${line}`);
});

test('names of strangers cannot steer the terminal', () => {
  const evil = '\u001b[2Jx\n+ all\u202egood\u200b\u009b';
  const one = person('okta/x', { id: 's-x', userName: 'x\u202e\u200b' });
  const input: Scenario = {
    people: [one],
    desired: {
      roles: [wanted(evil, { policyRole: evil })],
      grants: [grant(evil, one, [reason(evil, { group: evil, file: evil, via: [evil] })])],
      findings: [{ code: 'x', level: 'error', subject: evil, finding: evil, remedy: evil, docs: 'docs/policy.md' }],
    },
    observed: observed(role(`${evil}2`, [evil, `g:${evil}`])),
  };
  const text = planText(
    [
      { ...view(input), name: 'ci' },
      { name: 'b', mode: 'off', error: evil },
    ],
    PLAIN,
  );
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
  assert.doesNotMatch(text, /^\+ all/m);
});

test('long lists are cut, and the text says so', () => {
  const many = Array.from({ length: 150 }, (_, index) => person(`okta/u${index}`));
  const text = planText(
    [view({ people: many, desired: { roles: [wanted('browser')], grants: many.map((who) => grant('browser', who)) } })],
    PLAIN,
  );
  assert.match(text, /and 51 more; --json lists all/);
});

test('the document has the shape that scripts read', () => {
  const document = planDocument([view(), { name: 'ci-b', mode: 'observe', error: 'connection refused' }]);
  assert.deepEqual(Object.keys(document), ['digest', 'controllers']);
  const [unread, main] = document.controllers;
  assert.deepEqual(
    [unread?.name, unread?.unread, unread?.error, unread?.steps],
    ['ci-b', true, 'connection refused', []],
  );
  const step = main?.steps.find(({ principal, kind }) => kind === 'grant' && principal?.id === 'bob');
  assert.deepEqual(
    { ...step, key: step?.key.length },
    {
      kind: 'grant',
      cause: 'gain',
      key: 64,
      role: 'payments-developer',
      roleType: 'item',
      scope: 'folder payments',
      principal: { type: 'user', id: 'bob' },
      person: 's-bob',
      administrative: false,
      reasons: [reason('team-developers', { group: 'ci-pay-dev', via: ['pay'] })],
    },
  );
  assert.deepEqual(
    main?.quarantined.map(({ kind, ceiling }) => [kind, ceiling]),
    [['update-role', 'unmanaged-gain']],
  );
  assert.deepEqual(
    main?.unmanaged.map(({ principal }) => principal.id),
    ['devs', 'eve'],
  );
  assert.deepEqual(JSON.parse(JSON.stringify(document)), document, 'it survives JSON');
});

test('the digest of the document is that of its controllers, whatever their order', () => {
  const one = view(scenario, 'a');
  const two = view({}, 'b');
  assert.equal(planDocument([one, two]).digest, planDocument([two, one]).digest);
  assert.notEqual(planDocument([one]).digest, planDocument([two]).digest);
});

test('what waits under one ceiling is released as one: each of its reasons is said', () => {
  const steps = (['ana', 'bo', 'cy'] as const).map((id) => ({
    ...{ kind: 'revoke' as const, cause: 'policy' as const, administrative: false, reasons: [] },
    ...{ role: { type: 'global' as const, name: 'dev' }, principal: { type: 'user' as const, id } },
  }));
  const held = steps.map((step, index) => ({
    ...{ step, ceiling: 'bound-group' as const },
    reason: `the group g${index % 2} was deleted`,
  }));
  const plan = shownPlan('ci-main', 'enforce', steps);
  const text = planText([{ name: 'ci-main', mode: 'enforce', plan, verdict: { go: [], held, findings: [] } }], PLAIN);
  assert.match(
    text.replaceAll(/\s+/g, ' '),
    /bound-group: the group g0 was deleted; the group g1 was deleted; release:/,
  );
  assert.equal(whyHeld(Array.from({ length: 9 }, (_, index) => `r${index % 7}`)), 'r0; r1; r2; r3; r4; and 2 more');
});

test('the scope of a role made by hand is that of the controller', () => {
  const qa = definition('qa', [BUILD], { type: 'item', pattern: 'qa-.*' });
  const byHand: Scenario = {
    people,
    observed: observed(role(qa)),
    desired: {
      roles: [wanted('qa', { type: 'item', pattern: '', permissions: [], existing: true })],
      grants: [{ ...grant('qa', ana), role: { type: 'item', name: 'qa' } }],
    },
  };
  assert.match(planText([view(byHand)], PLAIN), /ana gets qa \(items qa-\.\*\)/);
});

test('stored steps can be shown without their plan', () => {
  const strict = config({ losses: { revokeGrants: { count: 0, percent: 0, atLeast: 0 } } });
  const { held } = judge(guardInput(planInput(scenario), { config: strict }));
  const plan = shownPlan(
    'ci-main',
    'enforce',
    held.map(({ step }) => step),
  );
  const text = planText([{ name: 'ci-main', mode: 'enforce', plan, verdict: { go: [], held, findings: [] } }], PLAIN);
  assert.match(text, /bob loses admins/);
});

test('what several owe who left one id is one line, with each step once', () => {
  const steps = ['s-1', 's-2'].flatMap((person) =>
    (['revoke-tokens', 'end-sessions'] as const).map((kind) => ({
      ...{ kind, person, cause: 'leaver' as const, reasons: [] },
      principal: { type: 'user' as const, id: 'bo' },
    })),
  );
  const plan = shownPlan('ci-main', 'enforce', steps);
  const text = planText(
    [{ name: 'ci-main', mode: 'enforce', plan, verdict: { go: steps, held: [], findings: [] } }],
    PLAIN,
  );
  assert.match(text, /bo left: revoke-tokens, end-sessions\n/);
});

test('a scope reads as the folder it stands for', () => {
  assert.equal(scopeText({ type: 'global', pattern: '.*' }), 'global');
  assert.equal(scopeText({ type: 'item', pattern: '\\Qteam-a\\E($|/.*)' }), 'folder team-a');
  assert.equal(scopeText({ type: 'item', pattern: '\\Qa/b\\E' }), 'folder a/b itself');
  assert.equal(scopeText({ type: 'item', pattern: 'release-.*' }), 'items release-.*');
  assert.equal(scopeText({ type: 'agent', pattern: 'linux-.*' }), 'agents linux-.*');
});

test('wrapping keeps every word and never loses a line', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
      fc.integer({ min: 20, max: 100 }),
      (words, width) => {
        const lines = wrapped(words.join(' '), 2, 4, width);
        assert.deepEqual(
          lines.flatMap((line) => line.trim().split(' ')),
          words,
        );
        assert.ok(lines.every((line) => line.length <= width));
      },
    ),
  );
});
