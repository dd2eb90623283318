import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleKey } from '../../../src/access/role.ts';
import { stepDigest } from '../../../src/plan/digest.ts';
import { judge } from '../../../src/plan/guard/judge.ts';
import type { DirectoryPerson } from '../../../src/plan/identities.ts';
import {
  ADMINISTER,
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
  role,
  type Scenario,
  wanted,
} from '../make.ts';
import { config, event, guardInput, shown, verdict } from './make.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `u${index}`);
const team = (count: number): DirectoryPerson[] => names(count).map((name) => person(`okta/${name}`));
const root = definition('root', [ADMINISTER]);
const wantedRoot = wanted('root', { permissions: [ADMINISTER], administrative: true });

function promoting(count: number): Scenario {
  const people = team(count);
  return {
    people,
    desired: {
      roles: [wantedRoot, wanted('browser')],
      grants: people.flatMap((who) => [grant('root', who), grant('browser', who)]),
    },
    observed: observed(role(root, ['admin']), role('browser')),
    ownership: ownership(['root', 'browser']),
  };
}

test('new administrators above the ceiling wait, their other grants go', () => {
  assert.deepEqual(verdict(promoting(3)).held, []);
  const four = verdict(promoting(4));
  assert.deepEqual(
    four.held,
    names(4).map((name) => `+${name} root: gains.administrators`),
  );
  assert.deepEqual(
    four.go,
    names(4).map((name) => `+${name} browser`),
  );
});

test('administrators are distinct people over the fleet, within 24 hours', () => {
  const elsewhere = (name: string, minutes: number) =>
    event('administrator-gained', `user:${name}`, minutes, { controller: 'other', person: `s-${name}` });
  const three = ['x', 'y', 'z'].map((name) => elsewhere(name, 60));
  assert.equal(verdict(promoting(1), { history: three }).held.length, 1);
  assert.equal(verdict(promoting(1), { history: three.slice(1) }).held.length, 0);
  assert.equal(
    verdict(promoting(1), { history: ['x', 'y', 'z'].map((name) => elsewhere(name, 24 * 60)) }).held.length,
    0,
  );
  const same = names(3).map((name) => elsewhere(name, 60));
  assert.equal(verdict(promoting(3), { history: same }).held.length, 0, 'the same people on one more controller');
  const twice = ['x', 'x', 'x'].map((name) => elsewhere(name, 60));
  assert.equal(verdict(promoting(1), { history: twice }).held.length, 0);
});

test('held administrators count too: event by event never gets past', () => {
  const held = ['x', 'y', 'z'].map((name) =>
    event('administrator-gained', `user:${name}`, 60, { person: `s-${name}`, state: 'held' }),
  );
  assert.equal(verdict(promoting(1), { history: held }).held.length, 1);
});

test('who is an administrator already is no new one', () => {
  const scenario = promoting(4);
  const before = observed(role(root, ['admin']), role('browser'), role(definition('other', [ADMINISTER]), names(4)));
  assert.deepEqual(verdict({ ...scenario, observed: before }).held, []);
});

test('adding Administer to a role makes every holder a new administrator', () => {
  const people = team(4);
  const scenario = (entries: readonly string[]): Scenario => ({
    people,
    desired: {
      roles: [wanted('staff', { permissions: [ADMINISTER], administrative: true })],
      grants: people.map((who) => grant('staff', who)),
    },
    observed: observed(role('staff', [...names(4), ...entries]), role('other', ['eve'])),
    ownership: ownership(
      ['staff'],
      [...names(4), ...entries].map((name) => owned('staff', name)),
    ),
  });
  assert.deepEqual(verdict(scenario([])).held, ['~role staff: gains.administrators']);
});

test('adding Administer to a role everyone holds is held whatever the ceilings', () => {
  const loose = config({ gains: { administrators: { count: 1_000_000 } } });
  const people = team(4);
  const scenario = (entries: readonly string[], others: readonly string[]): Scenario => ({
    people,
    desired: {
      roles: [wanted('staff', { permissions: [ADMINISTER], administrative: true })],
      grants: people.map((who) => grant('staff', who)),
    },
    observed: observed(role('staff', [...names(4), ...entries]), role('other', others)),
    ownership: ownership(
      ['staff'],
      [...names(4), ...entries].map((name) => owned('staff', name)),
    ),
  });
  assert.deepEqual(verdict(scenario([], ['eve']), { config: loose }).held, []);
  assert.deepEqual(verdict(scenario([], ['u0']), { config: loose }).held, ['~role staff: everyone-administers']);
  const held = '~role staff: everyone-administers';
  for (const everybody of [
    'g:authenticated',
    'g:anonymous',
    'g:role_everyone',
    'g:Role_Everyone',
    'g:FACTOR_PASSWORD',
    'anonymous',
  ])
    assert.ok(verdict(scenario([everybody], ['eve']), { config: loose }).held.includes(held), everybody);
  assert.ok(
    !verdict(scenario(['authenticated'], ['eve']), { config: loose }).held.includes(held),
    'a USER entry is nobody',
  );
});

test('who administers already, in a role of their own, does not hide that everybody else would', () => {
  const loose = config({ gains: { administrators: { count: 1_000_000 } } });
  const people = team(4);
  const scenario = (others: readonly string[]): Scenario => ({
    people,
    desired: {
      roles: [wanted('staff', { permissions: [ADMINISTER], administrative: true })],
      grants: people.map((who) => grant('staff', who)),
    },
    observed: observed(
      role('staff', names(4)),
      { ...role('break-glass', ['admin']), permissions: [ADMINISTER] },
      role('other', others),
    ),
    ownership: ownership(
      ['staff'],
      names(4).map((name) => owned('staff', name)),
    ),
  });
  assert.deepEqual(verdict(scenario(['u0']), { config: loose }).held, ['~role staff: everyone-administers']);
  assert.deepEqual(verdict(scenario(['u0', 'admin']), { config: loose }).held, ['~role staff: everyone-administers']);
  assert.deepEqual(verdict(scenario(['eve']), { config: loose }).held, []);
});

test('a definition that gains permissions which unmanaged entries would receive is held', () => {
  const scenario = (permissions: readonly string[], entries: readonly string[]): Scenario => ({
    desired: { roles: [wanted('dev', { permissions })] },
    observed: observed(role('dev', entries)),
    ownership: ownership(['dev']),
  });
  assert.deepEqual(verdict(scenario([READ, 'x'], ['eve'])).held, ['~role dev: unmanaged-gain']);
  assert.deepEqual(verdict(scenario([READ, 'x'], [])).held, []);
  assert.deepEqual(verdict(scenario([], ['eve'])).held, []);
});

test('a role that somebody made administrative by hand is put back, whoever else is in it: nobody gains by that', () => {
  const scenario = (type: 'global' | 'item'): Scenario => ({
    desired: { roles: [wanted('dev', { type, permissions: [READ] })] },
    observed: observed(role({ ...definition('dev', [ADMINISTER]), type }, ['eve']), role(root, ['boss'])),
    ownership: ownership([{ type, name: 'dev' }]),
  });
  const held = (type: 'global' | 'item') => verdict(scenario(type), { workingAdministrators: ['boss'] }).held;
  assert.deepEqual(held('global'), []);
  assert.deepEqual(held('item'), ['~role dev: unmanaged-gain'], 'there it gives nothing');
});

test('what somebody has by another role for now makes nothing of what an entry that is not ours would gain', () => {
  const scenario = (other: string): Scenario => ({
    desired: { roles: [wanted('dev', { permissions: [READ, 'x'] }), wanted('other', { permissions: [other] })] },
    observed: observed(role('dev', ['eve']), role(definition('other', [other]), ['eve']), role(root, ['boss'])),
    ownership: ownership(['dev', 'other'], [owned('other', 'eve')]),
  });
  for (const other of ['x', ADMINISTER])
    assert.ok(verdict(scenario(other)).held.includes('~role dev: unmanaged-gain'), other);
});

test('a definition by which a protected entry would gain or lose is held, whoever asks and whatever was released', () => {
  const scenario = (before: readonly string[], after: readonly string[], entries: readonly string[]): Scenario => ({
    desired: { roles: [wanted('dev', { permissions: after })] },
    observed: observed(role(definition('dev', before), entries), role(root, ['boss'])),
    ownership: ownership(['dev']),
    controller: { protect: { users: ['boss', 'svc-*'], groups: ['ops'], roles: [] } },
  });
  const held = (...made: Parameters<typeof scenario>) => verdict(scenario(...made), { by: 'operator' }).held;
  for (const id of ['svc-x', 'SVC-X', 'admin', 'jenkins-scim', 'g:ops'])
    for (const [before, after] of [
      [[READ, BUILD], [READ]],
      [[READ], [READ, BUILD]],
    ] as const)
      assert.deepEqual(held(before, after, [id]), ['~role dev: protected'], `${id} ${before} ${after}`);
  assert.deepEqual(held([READ], [READ, BUILD], ['boss']), [], 'who administers anyway gains nothing');
  assert.deepEqual(held([READ, BUILD], [READ], ['boss']), [], 'nor loses anything');
  assert.deepEqual(held([READ, BUILD], [READ], ['eve']), []);
  const input = guardInput(planInput(scenario([READ, BUILD], [READ], ['svc-x'])));
  const released = new Set(input.plan.steps.map(stepDigest));
  assert.deepEqual(shown(judge({ ...input, by: 'operator', released })).held, ['~role dev: protected']);
});

test('a role that comes to all items takes nothing from anybody, and the reason says that a protected entry would gain', () => {
  const item = (pattern: string) => ({ type: 'item' as const, name: 'dev', pattern, permissions: [BUILD] });
  const redefined = (from: string, to: string) =>
    judge(
      guardInput(
        planInput({
          desired: { roles: [wanted('dev', item(to))] },
          observed: observed(role(item(from), ['svc-x'])),
          ownership: { roles: [{ role: { type: 'item', name: 'dev' } }], entries: [] },
          controller: { protect: { users: ['svc-*'], groups: [], roles: [] } },
        }),
      ),
    ).held.map(({ reason }) => reason);
  assert.deepEqual(redefined('pay', '.*'), ['svc-x, which is protected, would gain by it']);
  assert.deepEqual(redefined('.*', 'pay'), ['svc-x, which is protected, would lose by it']);
});

test('one person gains at most so many grants on a controller within 24 hours', () => {
  const people = team(2);
  const roles = Array.from({ length: 26 }, (_, index) => wanted(`r${index}`));
  const scenario: Scenario = {
    people,
    desired: { roles, grants: [...roles.map(({ name }) => grant(name, people[0]!)), grant('r0', people[1]!)] },
    observed: observed(...roles.map((item) => role(item.name))),
    ownership: ownership(roles.map(({ name }) => name)),
  };
  const found = verdict(scenario);
  assert.deepEqual(found.go, ['+u1 r0']);
  assert.ok(found.held.every((text) => text.endsWith('gains.grantsPerPerson')));
  const history = ['a', 'b'].map((name) =>
    event('grant-gained', `global:${name}\u0000user:u1`, 60, { person: 's-u1' }),
  );
  const strict = config({ gains: { grantsPerPerson: 2 } });
  assert.equal(verdict(scenario, { config: strict, history }).go.length, 0);
});

test('roles created above the ceiling wait, and so do the grants that need them', () => {
  const people = team(1);
  const roles = Array.from({ length: 51 }, (_, index) => wanted(`r${index}`));
  const scenario: Scenario = { people, desired: { roles, grants: [grant('r0', people[0]!)] } };
  const found = verdict(scenario);
  assert.deepEqual(found.go, []);
  assert.equal(found.held.filter((text) => text.endsWith('gains.createRoles')).length, 51);
  assert.equal(found.held.at(-1), '+u0 r0: needs');
  assert.deepEqual(verdict({ ...scenario, desired: { roles: roles.slice(1) } }).held, []);
});

test('a role that is created counts as one from now on, and nothing else does', () => {
  const people = team(1);
  const scenario: Scenario = {
    people,
    desired: {
      roles: [wanted('new'), wanted('browser', { permissions: [] })],
      grants: [grant('new', people[0]!), grant('browser', people[0]!)],
    },
    observed: observed(role('browser')),
    ownership: ownership(['browser']),
  };
  const { go, events } = verdict(scenario);
  assert.deepEqual(go, ['+role new', '+u0 browser', '+u0 new', '~role browser']);
  const created = events.filter(({ kind }) => kind === 'role-created');
  assert.deepEqual(
    created.map(({ key, state }) => [key, state]),
    [[roleKey(key('new')), 'applied']],
  );
  const strict = config({ gains: { createRoles: 1 } });
  const one = event('role-created', roleKey(key('older')), 60);
  assert.deepEqual(verdict(scenario, { config: strict, history: [one] }).held[0], '+role new: gains.createRoles');
  assert.deepEqual(verdict(scenario, { config: strict }).held, []);
});

test('a grant into a role that still gives more than it should waits with the redefinition', () => {
  const people = team(30);
  const scenario: Scenario = {
    people,
    desired: { roles: [wanted('dev', { permissions: [] })], grants: people.map((who) => grant('dev', who)) },
    observed: observed(role('dev', names(29))),
    ownership: ownership(
      ['dev'],
      names(29).map((name) => owned('dev', name)),
    ),
  };
  const populations = { people: new Map(), grants: 100, groups: [] };
  assert.deepEqual(verdict(scenario, { populations }).held, ['+u29 dev: needs', '~role dev: losses.revokeGrants']);
});

test('the narrowing of a role does not wait because one of those in it is to gain elsewhere what is held', () => {
  const people = team(5);
  const narrowed = (promoted: number): Scenario => ({
    people,
    desired: {
      roles: [wanted('dev'), wantedRoot],
      grants: [
        ...people.map((who) => grant('dev', who)),
        ...people.slice(0, promoted).map((who) => grant('root', who)),
      ],
    },
    observed: observed(role(definition('dev', [READ, BUILD]), names(5)), role(root, ['admin'])),
    ownership: ownership(
      ['dev', 'root'],
      names(5).map((name) => owned('dev', name)),
    ),
  });
  const none = { config: config({ gains: { administrators: { count: 0 } } }) };
  assert.deepEqual(verdict(narrowed(1), none).held, ['+u0 root: gains.administrators']);
  assert.deepEqual(verdict(narrowed(2), none).go, ['~role dev']);
  const most = names(3).map((name) => `+${name} root: gains.administrators`);
  assert.deepEqual(verdict(narrowed(3), none).held, [...most, '~role dev: needs'], 'most of them move');
});

test('what others took away is repaired past the ceilings on gains; a reactivation is a gain', () => {
  const scenario = (present: boolean): Scenario => ({
    ...promoting(4),
    ownership: ownership(
      ['root', 'browser'],
      names(4).flatMap((name) => [
        owned('root', name, { present, person: `s-${name}` }),
        owned('browser', name, { present, person: `s-${name}` }),
      ]),
    ),
  });
  assert.deepEqual(verdict(scenario(true)).held, []);
  assert.deepEqual(verdict(scenario(true)).events, []);
  assert.equal(verdict(scenario(false)).held.length, 4);
  const lost: Scenario = { ...scenario(true), observed: observed() };
  assert.deepEqual(verdict(lost, { config: config({ gains: { createRoles: 0 } }) }).held, []);
});
