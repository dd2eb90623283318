import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePlan } from '../../src/plan/planner.ts';
import {
  applied,
  CATALOGUE,
  DAY,
  grant,
  key,
  NOW,
  named,
  observed,
  owned,
  ownership,
  person,
  planInput,
  reason,
  role,
  type Scenario,
  short,
  wanted,
} from './make.ts';

const ana = person('okta/ana');
const bob = person('okta/bob');
const people = [ana, bob];
const browser = wanted('browser');

const steps = (scenario: Scenario) => makePlan(planInput(scenario)).steps.map(short);
const entries = (list: readonly { role: { name: string }; principal: { id: string } }[]) =>
  list.map((item) => `${item.principal.id} ${item.role.name}`);
const codes = (scenario: Scenario) => makePlan(planInput(scenario)).findings.map(({ code }) => code);

test('what is wanted and not there is granted, with the rule behind it', () => {
  const why = reason('everyone', { group: 'ci-users', groupId: 'g1' });
  const plan = makePlan(planInput({ people, desired: { roles: [browser], grants: [grant('browser', ana, [why])] } }));
  assert.deepEqual(plan.steps.map(short), ['+role browser', '+ana browser']);
  assert.deepEqual(plan.steps[1]?.reasons, [why]);
  assert.equal(plan.steps[1]?.person, 's-ana');
  assert.ok(Object.isFrozen(plan.steps[1]));
});

test('reasons of several rules for one grant are joined in one step', () => {
  const grants = [grant('browser', ana, [reason('b')]), grant('browser', ana, [reason('a')])];
  const plan = makePlan(planInput({ people, desired: { roles: [browser], grants } }));
  assert.deepEqual(
    plan.steps[1]?.reasons.map(({ rule }) => rule),
    ['a', 'b'],
  );
});

test('a wanted entry that is already there is owned if the service created the role', () => {
  const there = {
    people,
    desired: { roles: [browser], grants: [grant('browser', ana)] },
    observed: observed(role('browser', ['Ana'])),
  };
  const plan = makePlan(planInput({ ...there, ownership: ownership(['browser']) }));
  assert.deepEqual(plan.steps, []);
  assert.deepEqual(entries(plan.owned), ['Ana browser']);
  assert.deepEqual(plan.matched, []);
});

test('a wanted entry that is already there in a role made by hand is matched, and not removed until adopt', () => {
  const existing = wanted('browser', { existing: true });
  const there: Scenario = {
    people,
    desired: { roles: [existing], grants: [grant('browser', ana)] },
    observed: observed(role('browser', ['ana', 'bob'])),
  };
  const plan = makePlan(planInput(there));
  assert.deepEqual(plan.steps, []);
  assert.deepEqual(entries(plan.matched), ['ana browser']);
  assert.deepEqual(entries(plan.unmanaged), ['bob browser']);
  assert.deepEqual(steps({ ...there, desired: { roles: [existing] } }), []);
});

test('only what is owned falls; unmanaged entries are reported, never touched', () => {
  const plan = makePlan(
    planInput({
      people,
      desired: { roles: [browser] },
      observed: observed(role('browser', ['ana', 'bob', 'g:devs'])),
      ownership: ownership(['browser'], [owned('browser', 'ana', { person: 's-ana' })]),
    }),
  );
  assert.deepEqual(plan.steps.map(short), ['-ana browser (unentitled)']);
  assert.deepEqual(entries(plan.unmanaged), ['bob browser', 'devs browser']);
});

test('an owned entry that is gone is no step; one that reappears is drift and is removed again', () => {
  const there = (present: boolean, list: string[]): Scenario => ({
    people,
    desired: { roles: [browser, wanted('other')], grants: [grant('other', ana)] },
    observed: observed(role('browser', list), role('other', ['ana'])),
    ownership: ownership(['browser', 'other'], [owned('browser', 'ana', { present }), owned('other', 'ana')]),
  });
  assert.deepEqual(steps(there(false, [])), []);
  assert.deepEqual(steps(there(false, ['ana'])), ['-ana browser (drift)']);
  assert.deepEqual(steps(there(true, ['ana'])), ['-ana browser (policy)']);
});

test('a grant of ours that was removed by hand comes back as drift', () => {
  const plan = makePlan(
    planInput({
      people,
      desired: { roles: [browser], grants: [grant('browser', ana)] },
      observed: observed(role('browser')),
      ownership: ownership(['browser'], [owned('browser', 'ana', { present: true, person: 's-ana' })]),
    }),
  );
  assert.deepEqual(
    plan.steps.map(({ kind, cause }) => [kind, cause]),
    [['grant', 'drift']],
  );
});

test('somebody active whom no rule grants anything any more is unentitled; who keeps something is not', () => {
  const base: Scenario = {
    people,
    observed: observed(role('browser', ['ana']), role('dev', ['ana'])),
    ownership: ownership(['browser', 'dev'], [owned('browser', 'ana'), owned('dev', 'ana')]),
  };
  const all = makePlan(planInput({ ...base, desired: { roles: [browser, wanted('dev')] } }));
  assert.deepEqual(
    all.unentitled.map(({ person: who, id, connection }) => [who, id, connection]),
    [['s-ana', 'ana', 'okta']],
  );
  const some = makePlan(
    planInput({ ...base, desired: { roles: [browser, wanted('dev')], grants: [grant('dev', ana)] } }),
  );
  assert.deepEqual(some.steps.map(short), ['-ana browser (policy)']);
  assert.deepEqual(some.unentitled, []);
});

test('a grant whose last reason has ended is expired, and goes before gains', () => {
  const until = new Date(NOW - 1).toISOString();
  const base: Scenario = {
    people,
    desired: { roles: [browser, wanted('dev')], grants: [grant('dev', ana)] },
    observed: observed(role('browser', ['ana']), role('dev')),
    ownership: ownership(['browser', 'dev'], [owned('browser', 'ana', { reasons: [reason('interim', { until })] })]),
  };
  assert.deepEqual(steps(base), ['-ana browser (expired)', '+ana dev']);
  const lasting = [reason('interim', { until }), reason('lasting')];
  const both = ownership(['browser', 'dev'], [owned('browser', 'ana', { reasons: lasting })]);
  assert.deepEqual(steps({ ...base, ownership: both }), ['+ana dev', '-ana browser (policy)']);
  const later = [reason('interim', { until: new Date(NOW + DAY).toISOString() })];
  const early = ownership(['browser', 'dev'], [owned('browser', 'ana', { reasons: later })]);
  assert.deepEqual(steps({ ...base, ownership: early }), ['+ana dev', '-ana browser (policy)']);
  const stored = { ...base.desired, expired: ['interim\u0000s-ana'] };
  assert.deepEqual(steps({ ...base, ownership: early, desired: stored }), ['-ana browser (expired)', '+ana dev']);
});

test('whose last grant has ended is unentitled, while active', () => {
  const reasons = [reason('interim', { until: new Date(NOW - 1).toISOString() })];
  const ended = (grants: Scenario['desired']): Scenario => ({
    people,
    desired: { roles: [browser, wanted('dev')], ...grants },
    observed: observed(role('browser', ['ana']), role('dev', ['ana'])),
    ownership: ownership(['browser', 'dev'], [owned('browser', 'ana', { reasons }), owned('dev', 'ana')]),
  });
  const who = (input: ReturnType<typeof planInput>) => makePlan(input).unentitled.map((one) => one.person);
  assert.deepEqual(who(planInput(ended({ grants: [grant('dev', ana)] }))), []);
  const last = { ...ended({}), ownership: ownership(['browser'], [owned('browser', 'ana', { reasons })]) };
  assert.deepEqual(who(planInput(last)), ['s-ana']);
  assert.deepEqual(who({ ...planInput(last), standing: new Map([['s-ana', 'inactive']]) }), []);
});

test('frozen grants are kept where held and never new', () => {
  const frozen = [grant('browser', ana), grant('browser', bob)];
  const scenario: Scenario = {
    people,
    desired: { roles: [browser], frozen },
    observed: observed(role('browser', ['ana'])),
    ownership: ownership(['browser'], [owned('browser', 'ana')]),
  };
  assert.deepEqual(steps(scenario), []);
});

test('a blocked role neither gains nor loses', () => {
  const scenario: Scenario = {
    people,
    desired: {
      roles: [wanted('browser', { permissions: ['x'] })],
      grants: [grant('browser', bob)],
      blocked: [key('browser')],
    },
    observed: observed(role('browser', ['ana'])),
    ownership: ownership(['browser'], [owned('browser', 'ana')]),
  };
  assert.deepEqual(steps(scenario), []);
});

test('protected principals, break-glass and the service itself neither gain nor lose', () => {
  const names = ['svc-deploy', 'admin', 'Jenkins-Scim'];
  const all = names.map((name) => person(`okta/${name}`));
  const protect = { users: ['svc-*'], groups: ['ops-*'], roles: ['root*'] };
  const gains: Scenario = {
    people: [...all, ana],
    desired: {
      roles: [browser, wanted('rooted')],
      grants: [...all.map((who) => grant('browser', who)), grant('rooted', ana)],
    },
    controller: { protect },
  };
  assert.deepEqual(steps(gains), ['+role browser']);
  const losses: Scenario = {
    people: [...all, ana],
    desired: { roles: [wanted('browser', { entries: 'exclusive' })] },
    observed: observed(role('browser', [...names, 'g:ops-east', 'g:devs']), role('rooted', ['ana'])),
    ownership: ownership(
      ['browser', 'rooted'],
      [...names.map((name) => owned('browser', name)), owned('rooted', 'ana')],
    ),
    controller: { protect },
  };
  assert.deepEqual(steps(losses), ['-devs browser (policy)']);
});

test('entries: exclusive removes entries made by hand, additive leaves them', () => {
  const base: Scenario = {
    people,
    observed: observed(role('browser', ['ana', 'eve', 'g:devs', 'e:old'])),
    ownership: ownership(['browser']),
  };
  const grants = [grant('browser', ana)];
  const exclusive = wanted('browser', { entries: 'exclusive' });
  assert.deepEqual(steps({ ...base, desired: { roles: [browser], grants } }), []);
  assert.deepEqual(steps({ ...base, desired: { roles: [exclusive], grants } }), [
    '-old browser (policy)',
    '-devs browser (policy)',
    '-eve browser (policy)',
  ]);
});

test('an account named by a rule is granted; a person, a protected or a reserved one is a finding', () => {
  const grants = ['svc', 'ana', 'admin', 'anonymous'].map((name) => grant('browser', name));
  const scenario: Scenario = { people, desired: { roles: [browser], grants } };
  assert.deepEqual(steps(scenario), ['+role browser', '+svc browser']);
  assert.deepEqual(codes(scenario), ['entry.account-is-person', 'entry.protected', 'entry.reserved']);
});

test('GROUP and untyped entries that read like a person are findings', () => {
  const scenario: Scenario = { people, observed: observed(role('browser', ['g:ANA', 'e:bob', 'g:devs', 'ana'])) };
  const found = makePlan(planInput(scenario)).findings;
  assert.deepEqual(
    found.map(({ code, subject }) => `${code} ${subject}`),
    ['entry.lookalike group ANA in global role browser', 'entry.lookalike either bob in global role browser'],
  );
});

test('a grant counts as administrative by the permissions of the role when planned', () => {
  const administrative = (permissions: readonly string[], existing: boolean): unknown => {
    const found = makePlan(
      planInput({
        people,
        desired: { roles: [wanted('r', { existing })], grants: [grant('r', ana)] },
        observed: observed(role({ type: 'global', name: 'r', pattern: '.*', permissions })),
        ownership: ownership(existing ? [] : ['r']),
      }),
    ).steps.find(({ kind }) => kind === 'grant');
    return found !== undefined && 'administrative' in found && found.administrative;
  };
  assert.equal(administrative(['hudson.model.Hudson.Read'], true), false);
  for (const id of [
    'hudson.model.Hudson.Administer',
    'hudson.model.Hudson.Manage',
    'hudson.security.Permission.FullControl',
  ])
    assert.equal(administrative([id], true), true, id);
  assert.equal(administrative(['hudson.model.Hudson.RunScripts'], false), true, 'while the redefinition is not done');
  assert.ok(CATALOGUE.length > 0);
});

test('a rename moves the grants: gains first, then the old id', () => {
  const renamed = person('okta/anna', { id: 's-ana' });
  const before = named([ana]);
  const scenario: Scenario = {
    people: [renamed],
    identities: named([renamed], { claims: [...before.owners.values()] }),
    desired: { roles: [browser], grants: [grant('browser', renamed)] },
    observed: observed(role('browser', ['ana'])),
    ownership: ownership(['browser'], [owned('browser', 'ana', { person: 's-ana' })]),
  };
  const input = planInput(scenario);
  const plan = makePlan(input);
  assert.deepEqual(plan.steps.map(short), [
    '+anna browser',
    'revoke-tokens ana',
    'remove-ssh-keys ana',
    'close-ssh-sessions ana',
    'scramble-password ana',
    'end-sessions ana',
    'remove-entries ana',
    'second-cut ana',
  ]);
  const after = applied(input, plan.steps);
  assert.deepEqual(after.observed.roles[0]?.entries, [{ type: 'user', id: 'anna' }]);
});

test('in a swap the credentials of both ids are cut first, and the entries follow the people', () => {
  const a = person('okta/bob', { id: 's-ana' });
  const b = person('okta/ana', { id: 's-bob' });
  const plan = makePlan(
    planInput({
      people: [a, b],
      identities: named([a, b], { claims: [...named(people).owners.values()] }),
      desired: { roles: [browser, wanted('dev')], grants: [grant('browser', a), grant('dev', b)] },
      observed: observed(role('browser', ['ana']), role('dev', ['bob'])),
      ownership: ownership(['browser', 'dev'], [owned('browser', 'ana'), owned('dev', 'bob')]),
    }),
  );
  const kinds = plan.steps.map(short);
  assert.deepEqual(
    kinds.filter((step) => !/tokens|ssh|password|sessions|cut/.test(step)),
    ['+bob browser', '+ana dev', '-ana browser (policy)', '-bob dev (policy)'],
  );
  assert.equal(kinds[0], 'revoke-tokens ana');
  assert.ok(!kinds.some((step) => step.startsWith('remove-entries')));
});

test('an exclusive role that is not ours keeps what was made by hand until it is adopted', () => {
  const scenario: Scenario = {
    people,
    desired: { roles: [wanted('browser', { entries: 'exclusive' })] },
    observed: observed(role('browser', ['eve'])),
  };
  assert.deepEqual(steps(scenario), []);
  assert.deepEqual(steps({ ...scenario, ownership: ownership(['browser']) }), ['-eve browser (policy)']);
});

test('a grant that somebody else held under the same id is a gain, not drift', () => {
  const plan = makePlan(
    planInput({
      people,
      desired: { roles: [browser], grants: [grant('browser', ana)] },
      observed: observed(role('browser')),
      ownership: ownership(['browser'], [owned('browser', 'ana', { present: true, person: 's-old' })]),
    }),
  );
  assert.equal(plan.steps[0]?.cause, 'gain');
});

test('what somebody keeps though nothing gives it follows them from the id they had, role by role, and is nobody’s gain', () => {
  const other = wanted('other');
  const gains = (left: ReturnType<typeof owned>[], change: Scenario['desired'] = {}) =>
    makePlan(
      planInput({
        people,
        desired: { roles: [browser, other], following: [grant('browser', ana, [reason('kept')])], ...change },
        observed: observed(role('browser', ['old']), role('other', ['old'])),
        ownership: ownership(['browser', 'other'], left),
      }),
    ).steps.filter(({ kind }) => kind === 'grant');
  const old = { person: ana.id, present: true };
  assert.deepEqual(gains([owned('browser', 'old', old)]).map(short), ['+ana browser']);
  for (const [why, left] of [
    ['it is not there', owned('browser', 'old', { ...old, present: false })],
    ['nobody knows whether it is', owned('browser', 'old', { person: ana.id })],
    ['a compromised credential gave it', owned('browser', 'old', { ...old, compromised: true })],
    ['a group has it', owned('browser', 'g:old', old)],
    ['it is at the id they have', owned('browser', 'ANA', old)],
    ['it is in another role', owned('other', 'old', old)],
    ['it was of somebody else', owned('browser', 'old', { ...old, person: bob.id })],
  ] as const)
    assert.deepEqual(gains([left]).map(short), [], why);
  const given = gains([owned('browser', 'old', old)], { grants: [grant('browser', ana, [reason('rule')])] });
  assert.deepEqual(
    given.flatMap(({ reasons }) => reasons.map(({ rule }) => rule)),
    ['rule'],
  );
});
