import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersonState } from '../../src/access/ports/controller.ts';
import { foldId } from '../../src/access/principal.ts';
import { leaverOrders } from '../../src/plan/batch.ts';
import type { Debt } from '../../src/plan/debt.ts';
import type { PlanInput } from '../../src/plan/input.ts';
import { makePlan } from '../../src/plan/planner.ts';
import { NOBODY } from '../jenkins/nobody.ts';
import {
  applied,
  grant,
  NOW,
  named,
  observed,
  owned,
  ownership,
  person,
  planInput,
  role,
  type Scenario,
  short,
  wanted,
} from './make.ts';

const ana = person('okta/ana');
const gone = person('-okta/ana');
const bob = person('okta/bob');
const left = named([gone, bob], { claims: [...named([ana, bob]).owners.values()] });
const ALL = [
  'revoke-tokens ana',
  'remove-ssh-keys ana',
  'close-ssh-sessions ana',
  'scramble-password ana',
  'end-sessions ana',
  'remove-entries ana',
  'second-cut ana',
];

function state(change: Partial<PersonState> = {}): PersonState {
  const nothing = {
    tokens: [],
    sshKeys: 0,
    sshSessions: 0,
    password: true,
    credentials: 0,
    runningBuilds: 0,
    queuedBuilds: 0,
    entries: [],
  };
  return { id: 'ana', record: 'ana', ...nothing, ...change };
}

function debt(change: Partial<Debt> = {}): Debt {
  return { person: 's-ana', connection: 'okta', id: 'ana', foldedId: 'ana', cause: 'leaver', done: [], ...change };
}

const plan = (scenario: Scenario, change: Partial<PlanInput> = {}) =>
  makePlan(planInput({ people: [gone, bob], identities: left, ...scenario, change }));
const steps = (scenario: Scenario, change: Partial<PlanInput> = {}) => plan(scenario, change).steps.map(short);
const leaver = (change: Partial<PlanInput['leaver']>) => ({ leaver: { ...planInput().leaver, ...change } });

test('a leaver owes all steps in their order, before anything else', () => {
  const scenario: Scenario = {
    desired: { roles: [wanted('dev')], grants: [grant('dev', bob)] },
    observed: observed(role('dev', ['ana'])),
    ownership: ownership(['dev'], [owned('dev', 'ana')]),
  };
  assert.deepEqual(steps(scenario), [...ALL, '+bob dev']);
  assert.deepEqual(leaverOrders(plan(scenario).steps), [
    { id: 'ana', steps: ALL.map((text) => text.split(' ')[0]), entries: 'all' },
  ]);
});

test('every USER and EITHER entry whose SID folds to the id falls, those made by hand too; GROUP entries stay', () => {
  const scenario: Scenario = { observed: observed(role('dev', ['Ana', 'e:ANA', 'g:ana', 'bob'])) };
  const removal = plan(scenario).steps.find(({ kind }) => kind === 'remove-entries');
  assert.ok(removal !== undefined && 'entries' in removal);
  assert.deepEqual(
    removal.entries?.map(({ principal }) => `${principal.type} ${principal.id}`),
    ['either ANA', 'user Ana'],
  );
});

test('entries that Jenkins may take for another id, by a letter with the same capital, fall by their spelling', () => {
  const bill = { id: 'Bill', foldedId: foldId('Bill', 'case-insensitive') };
  const removed = (...ids: string[]) => {
    const scenario: Scenario = { observed: observed(role('dev', [...ids, 'bob'])) };
    const removal = plan(scenario, { debts: [debt(bill)] }).steps.find(
      (step) => step.kind === 'remove-entries' && step.principal.id === bill.id,
    );
    const { entries } = leaverOrders([removal!])[0]!;
    return entries === 'all' ? entries : entries.map(({ principal }) => principal.id);
  };
  assert.deepEqual(removed('bıll', 'bill'), ['bill', 'bıll']);
  assert.equal(removed('BILL', 'bill'), 'all');
});

test('entries that Jenkins may take for another id, by a sigma, fall by their spelling', () => {
  const nikos = { id: 'ΝΙΚΟΣ-Α', foldedId: foldId('ΝΙΚΟΣ-Α', 'case-insensitive') };
  const scenario: Scenario = { observed: observed(role('dev', ['νικοσ-α', 'νικος-α', 'bob'])) };
  const removal = plan(scenario, { debts: [debt(nikos)] }).steps.find(
    (step) => step.kind === 'remove-entries' && step.principal.id === nikos.id,
  );
  const [order] = leaverOrders([removal!]);
  assert.ok(order!.entries !== 'all');
  assert.deepEqual(
    order!.entries.map(({ principal }) => principal.id),
    ['νικος-α', 'νικοσ-α'],
  );
});

test('what may stay at an id is told to the cut by name, also where nothing of it was read: by hand, or in a protected role', () => {
  const exactly = (scenario: Scenario, grants: 'all' | 'managed') =>
    plan(scenario, { ...leaver({ grants }), debts: [debt()] }).steps.flatMap((step) =>
      step.kind === 'remove-entries' ? [[step.exactly === true, step.entries?.map(({ role: { name } }) => name)]] : [],
    );
  const entries = [owned('browser', 'ana', { person: 's-ana', present: true })];
  const both = { observed: observed(role('browser', ['ana']), role('root', ['ana'])) };
  const ours = { observed: observed(role('browser', ['ana'])), ownership: ownership(['browser'], entries) };
  const guarded = { controller: { protect: { users: [], groups: [], roles: ['root'] } } };
  assert.deepEqual(exactly(both, 'all'), [[false, ['browser', 'root']]]);
  assert.deepEqual(exactly({ ...both, ...guarded }, 'all'), [[true, ['browser']]]);
  assert.deepEqual(exactly(ours, 'managed'), [[true, ['browser']]]);
  assert.deepEqual(exactly(ours, 'all'), [[false, ['browser']]]);
});

test('leaver.grants managed: exactly the owned entries fall', () => {
  const scenario: Scenario = {
    observed: observed(role('dev', ['ana']), role('qa', ['ana'])),
    ownership: ownership(['dev'], [owned('dev', 'ana')]),
  };
  const orders = leaverOrders(plan(scenario, leaver({ grants: 'managed' })).steps);
  assert.deepEqual(orders[0]?.entries, [
    { role: { type: 'global', name: 'dev' }, principal: { type: 'user', id: 'ana' } },
  ]);
});

test('what a cut took and could not save is owed until it is saved, and nothing beside it', () => {
  const kept = { observed: observed(role('qa', ['ana'])), ownership: ownership(['dev']) };
  const managed = leaver({ grants: 'managed' });
  const removals = (scenario: Scenario, change: Partial<PlanInput>, owed: Partial<Debt>) =>
    leaverOrders(plan(scenario, { ...change, debts: [debt(owed)] }).steps).map(({ steps: kinds, entries }) => [
      kinds.includes('remove-entries'),
      entries,
    ]);
  assert.deepEqual(removals(kept, managed, { tried: ['remove-entries'] }), [[true, []]]);
  assert.deepEqual(removals({}, managed, { tried: ['remove-entries'] }), [[true, []]]);
  assert.deepEqual(removals(kept, managed, {}), [[false, []]]);
  assert.deepEqual(removals({}, {}, { tried: ['remove-entries'] }), [[true, 'all']]);
  assert.deepEqual(removals({}, {}, { tried: ['remove-entries'], state: { id: 'ana', ...NOBODY } }), [[true, 'all']]);
  assert.deepEqual(removals(kept, managed, { done: ['remove-entries'] }), [[false, []]]);
});

test('what the configuration keeps is not owed', () => {
  assert.deepEqual(steps({}, leaver({ tokens: 'keep', sshKeys: 'keep', sessions: 'keep', password: 'keep' })), [
    'remove-entries ana',
  ]);
  assert.deepEqual(steps({}, leaver({ record: 'delete' })), [
    ...ALL.slice(0, 6),
    'delete-record ana',
    'second-cut ana',
  ]);
});

test('somebody without a record owes only entries', () => {
  const none = { id: 'ana', ...NOBODY };
  assert.deepEqual(steps({}, { debts: [debt({ state: none })] }), []);
  assert.deepEqual(steps({ observed: observed(role('dev', ['ana'])) }, { debts: [debt({ state: none })] }), [
    'remove-entries ana',
  ]);
});

test('the second cut takes only what is not to be kept', () => {
  const again = (change: Parameters<typeof leaver>[0]) => {
    const { steps: made } = plan({}, { debts: [debt({ state: state() })], ...leaver(change) });
    const orders = leaverOrders(made);
    assert.equal(orders.length, 1);
    return orders[0]!.steps.includes('second-cut') ? (orders[0]!.again ?? 'all') : 'none';
  };
  assert.equal(again({}), 'all');
  assert.deepEqual(again({ tokens: 'keep' }), ['remove-ssh-keys', 'close-ssh-sessions']);
  assert.deepEqual(again({ sshKeys: 'keep' }), ['revoke-tokens']);
  assert.equal(again({ tokens: 'keep', sshKeys: 'keep' }), 'none');
});

test('steps that are done are not owed, unless what was read contradicts them', () => {
  const done = [
    'revoke-tokens',
    'remove-ssh-keys',
    'close-ssh-sessions',
    'scramble-password',
    'end-sessions',
    'remove-entries',
    'second-cut',
  ] as const;
  assert.deepEqual(steps({}, { debts: [debt({ done, state: state() })] }), []);
  const again = state({ tokens: [{ uuid: 'u', name: 'n', legacy: false }], sshKeys: 1 });
  assert.deepEqual(steps({}, { debts: [debt({ done, state: again })] }), [
    'revoke-tokens ana',
    'remove-ssh-keys ana',
    'second-cut ana',
  ]);
  const back = observed(role('dev', ['ana']));
  assert.deepEqual(steps({ observed: back }, { debts: [debt({ done, state: state() })] }), ['remove-entries ana']);
  assert.deepEqual(
    steps({}, { debts: [debt({ state: state({ password: false }) })] }),
    ALL.filter((text) => !text.startsWith('scramble')),
  );
});

test('entries that stand again at the id of somebody who left fall again, though the debt is paid', () => {
  const paid = named([gone], { claims: [...left.owners.values()], paid: [{ person: 's-ana', foldedId: 'ana' }] });
  const scenario: Scenario = {
    identities: paid,
    observed: observed(role('dev', ['ana'])),
    ownership: ownership(['dev'], [owned('dev', 'ana')]),
  };
  assert.deepEqual(steps(scenario), ['remove-entries ana']);
  assert.deepEqual(steps({ identities: paid }), []);
});

test('a protected leaver keeps everything, and that is an error finding', () => {
  const protect = { users: ['an?'], groups: [], roles: [] };
  const found = plan({
    desired: { roles: [wanted('dev')] },
    controller: { protect },
    observed: observed(role('dev', ['ana'])),
    ownership: ownership(['dev'], [owned('dev', 'ana')]),
  });
  assert.deepEqual(found.steps, []);
  assert.deepEqual(
    found.findings.map(({ code, level }) => [code, level]),
    [['leaver.protected', 'error']],
  );
});

test('what is found twice, by two debts of one id say, is told once', () => {
  const protect = { users: ['an?'], groups: [], roles: [] };
  const found = plan({ controller: { protect } }, { debts: [debt(), debt({ cause: 'unentitled' })] });
  assert.deepEqual(
    found.findings.map(({ code }) => code),
    ['leaver.protected'],
  );
});

test('a protected role keeps a leaver, everything else falls by exact entries', () => {
  const protect = { users: [], groups: [], roles: ['root'] };
  const found = plan({ controller: { protect }, observed: observed(role('root', ['ana']), role('dev', ['ana'])) });
  assert.deepEqual(leaverOrders(found.steps)[0]?.entries, [
    { role: { type: 'global', name: 'dev' }, principal: { type: 'user', id: 'ana' } },
  ]);
  assert.deepEqual(
    found.findings.map(({ code }) => code),
    ['leaver.protected-role'],
  );
});

test('an unentitled person loses sessions now and tokens after the grace; keys, password and record are never touched', () => {
  const people = [ana, bob];
  const owes = (due: number, done: Debt['done'] = []) => ({ debts: [debt({ cause: 'unentitled', due, done })] });
  const scenario: Scenario = { people, identities: named(people) };
  assert.deepEqual(steps(scenario, owes(NOW + 1)), ['end-sessions ana']);
  assert.deepEqual(steps(scenario, owes(NOW)), ['revoke-tokens ana', 'end-sessions ana']);
  assert.deepEqual(steps(scenario, owes(NOW, ['end-sessions'])), ['revoke-tokens ana']);
  const back: Scenario = { ...scenario, desired: { roles: [wanted('dev')], grants: [grant('dev', ana)] } };
  assert.deepEqual(steps(back, owes(NOW)), ['+role dev', '+ana dev'], 'a grant came back within the grace');
});

test('a begun debt of a reactivated person cuts credentials and leaves the entries', () => {
  const people = [ana, bob];
  const scenario: Scenario = {
    people,
    identities: named(people, { claims: [...left.owners.values()] }),
    desired: { roles: [wanted('dev')], grants: [grant('dev', ana)] },
    observed: observed(role('dev', ['ana'])),
    ownership: ownership(['dev'], [owned('dev', 'ana')]),
  };
  const found = steps(scenario, { debts: [debt({ done: ['revoke-tokens'] })] });
  assert.ok(found.includes('end-sessions ana') && found.includes('second-cut ana'));
  assert.ok(!found.some((text) => text.startsWith('remove-entries') || text.includes('dev')));
});

test('a plan with nothing but leaver steps leaves nothing to do once they are done', () => {
  const scenario: Scenario = {
    people: [gone, bob],
    identities: left,
    observed: observed(role('dev', ['ana', 'e:Ana']), role('qa', ['ANA'])),
    ownership: ownership(['dev'], [owned('dev', 'ana')]),
  };
  const input = planInput(scenario);
  const done = makePlan(input).steps.flatMap((step) => ('role' in step ? [] : [step.kind]));
  const after = planInput({
    ...scenario,
    ...applied(input, makePlan(input).steps),
    change: { debts: [debt({ done, state: state() })] },
  });
  assert.deepEqual(makePlan(after).steps, []);
});

test('the record of an id that somebody else has now is not deleted', () => {
  const people = [person('okta/ana', { id: 's-bob' }), person('okta/bob', { id: 's-ana' })];
  const swapped = named(people, { claims: [...named([ana, bob]).owners.values()] });
  const found = makePlan(planInput({ people, identities: swapped, change: leaver({ record: 'delete' }) })).steps;
  assert.ok(found.some(({ kind }) => kind === 'revoke-tokens'));
  assert.ok(!found.some(({ kind }) => kind === 'delete-record' || kind === 'remove-entries'));
});

test('an unentitled debt is moot without a record, and once the id is of somebody else', () => {
  const people = [ana, bob];
  const scenario: Scenario = { people, identities: named(people) };
  const owes = (change: Partial<Debt>) => ({ debts: [debt({ cause: 'unentitled', due: NOW, ...change })] });
  const { record: _, ...none } = state();
  assert.deepEqual(steps(scenario, owes({ state: none })), []);
  assert.deepEqual(steps(scenario, owes({ id: 'bob', foldedId: 'bob' })), []);
});

test('what two take along who left one id is one entry: a renamed role that somebody else is in stays', () => {
  const next = person('-entra/ana', { id: 's-next' });
  const identities = named([gone, next, bob], { claims: [...named([ana, bob]).owners.values()] });
  assert.deepEqual(identities.owed.map((owed) => owed.person).sort(), ['s-ana', 's-next']);
  const { steps } = makePlan(
    planInput({
      identities,
      desired: { roles: [wanted('new', { renamedFrom: 'old' })], grants: [grant('new', bob)] },
      observed: observed(role('old', ['ana', 'eve'])),
      ownership: ownership(['old'], [owned('old', 'ana')]),
    }),
  );
  assert.ok(steps.some(({ kind }) => kind === 'remove-entries'));
  assert.deepEqual(steps.filter(({ kind }) => kind === 'delete-role').map(short), []);
});
