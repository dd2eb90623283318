import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepDigest } from '../../../src/plan/digest.ts';
import { limitOf } from '../../../src/plan/guard/ceiling.ts';
import type { GuardEvent } from '../../../src/plan/guard/event.ts';
import type { GuardInput } from '../../../src/plan/guard/input.ts';
import type { DirectoryPerson } from '../../../src/plan/identities.ts';
import { makePlan } from '../../../src/plan/planner.ts';
import {
  ADMINISTER,
  BUILD,
  definition,
  grant,
  NOW,
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
import { config, event, guardInput, MINUTE, verdict } from './make.ts';

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `u${String(index).padStart(3, '0')}`);
const team = (count: number, prefix = 'okta/'): DirectoryPerson[] =>
  names(count).map((name) => person(`${prefix}${name}`));

/** `count` people lose the role dev; each keeps browser. */
function losing(count: number, change: Partial<Scenario> = {}, reasons = [reason('devs')]): Scenario {
  const people = team(count);
  return {
    people,
    desired: {
      roles: [wanted('dev', { permissions: [BUILD] }), wanted('browser')],
      grants: people.map((who) => grant('browser', who)),
    },
    observed: observed(role(definition('dev', [BUILD]), names(count)), role('browser', names(count))),
    ownership: ownership(
      ['dev', 'browser'],
      names(count).flatMap((name) => [owned('dev', name, { reasons }), owned('browser', name)]),
    ),
    ...change,
  };
}

/** `count` people left. */
function leaving(count: number, prefix = '-okta/'): Scenario {
  const people = team(count, prefix);
  const before = named(people.map((who) => ({ ...who, active: true })));
  return { people, identities: named(people, { claims: [...before.owners.values()] }) };
}

const grants = (population: number, change: Partial<GuardInput> = {}): Partial<GuardInput> => ({
  populations: { people: new Map([['okta', 1000]]), grants: population, groups: [] },
  ...change,
});
const unit = (name: string): string => `global:dev\u0000user:${name}`;
const cutPeople = (list: readonly string[]): string[] => [
  ...new Set(list.map((text) => text.split(' ')[1]!.replace(':', ''))),
];

test('a ceiling on losses is the lower of count and percent, never below atLeast', () => {
  const ceiling = { count: 50, percent: 10, atLeast: 5 };
  assert.equal(limitOf(ceiling, 1000), 50);
  assert.equal(limitOf(ceiling, 200), 20);
  assert.equal(limitOf(ceiling, 99), 9);
  assert.equal(limitOf(ceiling, 3), 5);
  assert.equal(limitOf({ count: 2, percent: 100, atLeast: 0 }, 1000), 2);
});

test('losses of grants above the ceiling are held as a whole, gains go on', () => {
  assert.deepEqual(verdict(losing(20), grants(100)).held, []);
  const more = verdict(losing(21, {}), grants(100));
  assert.equal(more.held.length, 21);
  assert.ok(more.held.every((text) => text.endsWith('losses.revokeGrants')));
});

test('the window counts what was applied and what is held: event by event trips too', () => {
  const history = names(20).map((name) => event('grant-lost', unit(`x${name}`), 30));
  assert.equal(verdict(losing(1), grants(100, { history })).held.length, 1);
  const half = history.map((item, index): GuardEvent => (index % 2 === 0 ? item : { ...item, state: 'held' }));
  assert.equal(verdict(losing(1), grants(100, { history: half })).held.length, 1);
  assert.equal(verdict(losing(1), grants(100, { history: history.slice(1) })).held.length, 0);
});

test('the window rolls: 60 minutes later the events count no more', () => {
  const at = (minutes: number) => names(20).map((name) => event('grant-lost', unit(`x${name}`), minutes));
  assert.equal(verdict(losing(1), grants(100, { history: at(59) })).held.length, 1);
  assert.equal(verdict(losing(1), grants(100, { history: at(60) })).held.length, 0);
});

test('the same grant lost, regained and lost again within the window counts once; what is back does not count', () => {
  const lostTwice = names(20).flatMap((name) => [
    event('grant-lost', unit(`x${name}`), 50),
    event('grant-lost', unit(`x${name}`), 10),
  ]);
  assert.equal(verdict(losing(1), grants(100, { history: lostTwice.slice(0, 38) })).held.length, 0);
  const back = names(20).flatMap((name) => [
    event('grant-lost', unit(`x${name}`), 50),
    event('grant-gained', unit(`x${name}`), 40),
  ]);
  assert.equal(verdict(losing(20), grants(100, { history: back })).held.length, 0);
  const again = names(20).flatMap((name) => [
    event('grant-lost', unit(name), 50),
    event('grant-gained', unit(name), 40),
  ]);
  assert.equal(verdict(losing(20), grants(100, { history: [...back, ...again].reverse() })).held.length, 0);
});

test('a loss matched by the same person in another role counts against none: effect is compared', () => {
  const base = losing(30);
  const people = base.people ?? [];
  const moved: Scenario = {
    ...base,
    desired: {
      roles: [wanted('builder', { permissions: [BUILD] }), wanted('browser')],
      grants: people.flatMap((who) => [grant('builder', who), grant('browser', who)]),
    },
  };
  assert.deepEqual(verdict(moved, grants(100)).held, []);
});

test('a definition that loses permissions is a loss for everybody who holds the role', () => {
  const base = losing(30);
  const people = base.people ?? [];
  const edited: Scenario = {
    ...base,
    desired: {
      roles: [wanted('dev', { permissions: [] }), wanted('browser')],
      grants: people.flatMap((who) => [grant('dev', who), grant('browser', who)]),
    },
  };
  assert.deepEqual(verdict(edited, grants(100)).held, ['~role dev: losses.revokeGrants']);
  assert.deepEqual(verdict(edited, grants(1000)).held, []);
});

test('expiry is never held by a ceiling and counts against none; without a trusted clock it waits', () => {
  const until = new Date(NOW - MINUTE).toISOString();
  const scenario = losing(30, {}, [reason('interim', { until })]);
  const found = verdict(scenario, grants(10));
  assert.deepEqual(found.held, []);
  assert.deepEqual(found.events, []);
  assert.equal(verdict(scenario, { timeTrusted: false }).held[0], '-u000 dev (expired): clock');
});

test('leavers within the ceiling go, those above are held one by one with all their steps', () => {
  const populations = { people: new Map([['okta', 60]]), grants: 0, groups: [] };
  const found = verdict(leaving(9), { populations });
  assert.deepEqual(cutPeople(found.go), names(6));
  assert.deepEqual(
    [...new Set(found.held.map((text) => text.split(' ')[1]))],
    names(9)
      .slice(6)
      .map((name) => `${name}:`),
  );
  assert.deepEqual(found.findings, ['plan.leavers-held'], 'alarmed at once');
  const one = verdict(leaving(9), { populations, exempt: new Set(['s-u008']) });
  assert.deepEqual(cutPeople(one.go), [...names(6), 'u008']);
});

test('disableUsers counts people of one connection over all controllers, and who is back does not count', () => {
  const populations = {
    people: new Map([
      ['okta', 60],
      ['entra', 60],
    ]),
    grants: 0,
    groups: [],
  };
  const history = names(6).map((name) =>
    event('disabled', `s-x${name}`, 20, { controller: 'other', connection: 'okta', person: `s-x${name}` }),
  );
  assert.equal(verdict(leaving(2), { populations, history }).go.length, 0);
  assert.equal(verdict(leaving(2, '-entra/'), { populations, history }).held.length, 0);
  assert.equal(verdict(leaving(1), { populations, history, activeAgain: new Set(['s-xu000']) }).held.length, 0);
  const mine = names(6).map((name) => event('disabled', `s-${name}`, 20, { controller: 'other', connection: 'okta' }));
  assert.equal(
    verdict(leaving(6), { populations, history: mine }).held.length,
    0,
    'gone elsewhere already: goes here too',
  );
});

test('losing all users of a connection is held whatever the count, where there were more than 3', () => {
  const people = (count: number) => ({ people: new Map([['okta', count]]), grants: 0, groups: [] });
  assert.ok(verdict(leaving(4), { populations: people(4) }).held.every((text) => text.endsWith('whole-connection')));
  assert.equal(verdict(leaving(4), { populations: people(4) }).go.length, 0);
  assert.equal(verdict(leaving(3), { populations: people(3) }).held.length, 0);
  const earlier = names(4)
    .slice(0, 3)
    .map((name) => event('disabled', `s-x${name}`, 5, { connection: 'okta' }));
  assert.equal(verdict(leaving(1), { populations: people(4), history: earlier }).go.length, 0);
});

test('losing all members of a group is held, where it had more than 3', () => {
  const why = [reason('devs', { groupId: 'g1', group: 'devs' })];
  const groups = (before: number, kept: number) => ({
    populations: { people: new Map(), grants: 10_000, groups: [{ id: 'g1', name: 'devs', before, kept, gone: false }] },
  });
  assert.deepEqual(verdict(losing(1, {}, why), groups(4, 0)).held, ['-u000 dev (policy): whole-group']);
  assert.deepEqual(verdict(losing(1, {}, why), groups(4, 1)).held, []);
  assert.deepEqual(verdict(losing(1, {}, why), groups(3, 0)).held, []);
});

test('everything that follows from deleting a group a rule names is held', () => {
  const why = [reason('devs', { groupId: 'g1', group: 'devs' })];
  const groups = [{ id: 'g1', name: 'devs', before: 1, kept: 1, gone: true }];
  const populations = { people: new Map(), grants: 10_000, groups };
  assert.deepEqual(verdict(losing(1, {}, why), { populations }).held, ['-u000 dev (policy): bound-group']);
});

test('administrators who cease to be are counted by effect', () => {
  const people = team(3);
  const root = definition('root', [ADMINISTER]);
  const scenario: Scenario = {
    people,
    desired: { roles: [wanted('browser')], grants: people.map((who) => grant('browser', who)) },
    observed: observed(role(root, [...names(3), 'admin']), role('browser', names(3))),
    ownership: ownership(
      ['browser'],
      names(2)
        .map((name) => owned('root', name))
        .concat(names(3).map((name) => owned('browser', name))),
    ),
  };
  const found = verdict(scenario);
  assert.deepEqual(found.held, [
    '-u000 root (policy): losses.revokeAdministrators',
    '-u001 root (policy): losses.revokeAdministrators',
  ]);
  assert.deepEqual(verdict(scenario, { config: config({ losses: { revokeAdministrators: { count: 2 } } }) }).held, []);
  const second: Scenario = {
    ...scenario,
    observed: observed(
      role(root, [...names(3), 'admin']),
      role('browser', names(3)),
      role(definition('also', [ADMINISTER]), names(2)),
    ),
  };
  assert.deepEqual(verdict(second).held, [], 'they still administer by another role');
});

test('what waits goes on waiting after the window, until it is released', () => {
  const scenario = losing(1);
  const [step] = makePlan(planInput(scenario)).steps;
  const waiting = new Map([[stepDigest(step!), 'losses.revokeGrants']]);
  assert.deepEqual(verdict(scenario, { waiting }).held, ['-u000 dev (policy): losses.revokeGrants']);
  const released = new Set(waiting.keys());
  const found = verdict(losing(1), { waiting, released });
  assert.deepEqual(found.held, []);
  assert.deepEqual(found.events, [], 'what was released is not by itself and does not count');
  const byMode = new Map([[stepDigest(step!), 'mode']]);
  assert.deepEqual(verdict(scenario, { waiting: byMode }).held, []);
  const rejected = new Set(byMode.keys());
  assert.deepEqual(verdict(scenario, { waiting: byMode, rejected }).held, ['-u000 dev (policy): mode']);
  assert.deepEqual(verdict(scenario, { waiting: byMode, rejected, by: 'operator' }).go, []);
  assert.deepEqual(verdict(scenario, { waiting: byMode, rejected, released: rejected }).held, []);
});

test('of a leaver whose steps were rejected while the mode held them the finding names no mode that lets leavers go', () => {
  const first = guardInput(planInput(leaving(1)));
  const waiting = new Map(first.plan.steps.map((step) => [stepDigest(step), 'mode']));
  const found = verdict(leaving(1), { waiting, rejected: new Set(waiting.keys()) });
  assert.deepEqual([found.go, found.findings], [[], ['plan.leavers-held']]);
});

test('a leaver waits and is released as a person, whatever was read since', () => {
  const first = guardInput(planInput(leaving(1)));
  const digests = first.plan.steps.map(stepDigest);
  const waiting = new Map([[digests[0]!, 'losses.disableUsers']]);
  const later: Scenario = { ...leaving(1), observed: observed(role('hand-made', ['u000'])) };
  assert.equal(verdict(later, { waiting }).go.length, 0);
  assert.equal(verdict(later, { waiting, released: new Set([digests[0]!]) }).held.length, 0);
});

test('an old id counts against no ceiling on grants, and waits while the gain at the new one is held', () => {
  const people = team(30).map((who) => ({ ...who, userName: `${who.userName}-new` }));
  const scenario: Scenario = {
    people,
    identities: named(people, { claims: [...named(team(30)).owners.values()] }),
    desired: { roles: [wanted('dev')], grants: people.map((who) => grant('dev', who)) },
    observed: observed(role('dev', names(30))),
    ownership: ownership(
      ['dev'],
      names(30).map((name) => owned('dev', name)),
    ),
  };
  assert.deepEqual(verdict(scenario, grants(1)).held, []);
  const none = config({ gains: { grantsPerPerson: 0 } });
  assert.deepEqual(verdict(scenario, { config: none }).held, [], 'nobody gains by what goes along');
  assert.deepEqual(verdict(scenario, { hasRoom: false }).go, []);
});

test('a move waits as a whole if its gain is held: nobody loses by it', () => {
  const base = losing(2);
  const people = base.people ?? [];
  const moved: Scenario = {
    ...base,
    desired: {
      roles: [wanted('builder', { permissions: [BUILD] }), wanted('browser')],
      grants: people.flatMap((who) => [grant('builder', who), grant('browser', who)]),
    },
  };
  const found = verdict(moved, { config: config({ gains: { createRoles: 0 } }) });
  assert.deepEqual(found.go, []);
  assert.deepEqual(found.held, [
    '+role builder: gains.createRoles',
    '+u000 builder: needs',
    '+u001 builder: needs',
    '-u000 dev (policy): needs',
    '-u001 dev (policy): needs',
  ]);
});

test('sessions of somebody whose grants are held are not ended', () => {
  const people = team(1);
  const scenario: Scenario = {
    people,
    desired: { roles: [wanted('dev', { permissions: [READ] })] },
    observed: observed(role('dev', names(1))),
    ownership: ownership(['dev'], [owned('dev', 'u000')]),
    change: {
      debts: [
        { person: 's-u000', connection: 'okta', id: 'u000', foldedId: 'u000', cause: 'unentitled', due: NOW, done: [] },
      ],
    },
  };
  assert.equal(verdict(scenario).go.length, 3);
  const strict = config({ losses: { revokeGrants: { count: 0, percent: 0, atLeast: 0 } } });
  assert.deepEqual(verdict(scenario, { config: strict }).go, []);
});

test('what an operator released does not count against the rest', () => {
  const scenario = losing(21);
  const released = new Set(makePlan(planInput(scenario)).steps.slice(0, 1).map(stepDigest));
  assert.deepEqual(verdict(scenario, grants(100, { released })).held, []);
});

test('events of a clock that was ahead count', () => {
  const history = names(20).map((name) => event('grant-lost', unit(`x${name}`), -5));
  assert.equal(verdict(losing(1), grants(100, { history })).held.length, 1);
});

test('a loss that is out of its window is told again while it waits', () => {
  const strict = config({ losses: { revokeGrants: { count: 0, percent: 0, atLeast: 0 } } });
  const told = (minutes: number) => [event('grant-lost', unit('u000'), minutes, { state: 'held' })];
  assert.equal(verdict(losing(1), { config: strict, history: told(59) }).events.length, 0);
  assert.equal(verdict(losing(1), { config: strict, history: told(61) }).events.length, 1);
});

test('the same permission elsewhere makes up for nothing; administration makes up for everything', () => {
  const people = team(30);
  const folder = (name: string) => ({ type: 'item' as const, name, pattern: name, permissions: [BUILD] });
  const moving = (target: {
    type: 'item' | 'global' | 'agent';
    name: string;
    pattern: string;
    permissions: readonly string[];
  }): Scenario => ({
    people,
    desired: {
      roles: [wanted(target.name, { ...target })],
      grants: people.map((who) => ({ role: { type: target.type, name: target.name }, person: who.id, reasons: [] })),
    },
    observed: observed(role(folder('pay'), names(30))),
    ownership: ownership(
      [],
      names(30).map((name) => ({ ...owned('pay', name), role: { type: 'item' as const, name: 'pay' } })),
    ),
  });
  const held = (scenario: Scenario) =>
    verdict(scenario, grants(100)).held.filter((text) => text.endsWith('revokeGrants')).length;
  assert.equal(held(moving(folder('web'))), 30);
  assert.equal(held(moving({ ...folder('also-pay'), pattern: 'pay' })), 0);
  assert.equal(held(moving({ ...folder('all'), pattern: '.*' })), 0);
  assert.equal(held(moving({ type: 'agent', name: 'agents', pattern: '.*', permissions: [BUILD] })), 30);
  assert.equal(held(moving({ type: 'global', name: 'everywhere', pattern: '.*', permissions: [BUILD] })), 0);
  assert.equal(held(moving({ type: 'global', name: 'root', pattern: '.*', permissions: [ADMINISTER] })), 0);
});

test('leavers and expiries are not held by what is held for a whole group', () => {
  const until = new Date(NOW - MINUTE).toISOString();
  const why = [reason('devs', { groupId: 'g1', group: 'devs', until })];
  const groups = [{ id: 'g1', name: 'devs', before: 4, kept: 0, gone: true }];
  const populations = { people: new Map(), grants: 10_000, groups };
  assert.deepEqual(verdict(losing(1, {}, why), { populations }).held, []);
});

test('a renamed role is not deleted while something in the old one is held', () => {
  const why = [reason('devs', { groupId: 'g1', group: 'devs' })];
  const people = team(1);
  const scenario: Scenario = {
    people,
    desired: { roles: [wanted('new', { renamedFrom: 'old' })], grants: people.map((who) => grant('new', who)) },
    observed: observed(role('old', ['u000'])),
    ownership: ownership(['old'], [owned('old', 'u000', { reasons: why })]),
  };
  assert.deepEqual(verdict(scenario).held, []);
  const groups = [{ id: 'g1', name: 'devs', before: 4, kept: 0, gone: false }];
  const populations = { people: new Map(), grants: 10_000, groups };
  assert.deepEqual(verdict(scenario, { populations }).held, ['-u000 old (policy): whole-group', '-role old: needs']);
});

test('no role is deleted by a clock that cannot be trusted', () => {
  const scenario: Scenario = {
    observed: observed(role('old')),
    ownership: { entries: [], roles: [{ role: { type: 'global', name: 'old' }, emptySince: NOW - 2 * 86_400_000 }] },
  };
  assert.deepEqual(verdict(scenario).go, ['-role old']);
  assert.deepEqual(verdict(scenario, { timeTrusted: false }).held, ['-role old: clock']);
});
