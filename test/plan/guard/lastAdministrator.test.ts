import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ADMINISTER,
  definition,
  grant,
  named,
  observed,
  owned,
  ownership,
  person,
  READ,
  role,
  type Scenario,
  wanted,
} from '../make.ts';
import { config, verdict } from './make.ts';

const ana = person('okta/ana');
const bob = person('okta/bob');
const root = definition('root', [ADMINISTER]);
const loose = config({ losses: { revokeAdministrators: { count: 100 } } });

function demoting(
  who: readonly string[],
  holders: readonly string[],
  stay: readonly ReturnType<typeof person>[] = [],
): Scenario {
  return {
    people: [ana, bob],
    desired: {
      roles: [wanted('root', { permissions: [ADMINISTER], administrative: true }), wanted('browser')],
      grants: [...stay.map((one) => grant('root', one)), grant('browser', ana), grant('browser', bob)],
    },
    observed: observed(role(root, holders), role('browser', ['ana', 'bob'])),
    ownership: ownership(
      ['root', 'browser'],
      [...who.map((name) => owned('root', name)), owned('browser', 'ana'), owned('browser', 'bob')],
    ),
  };
}

test('somebody other than the service who is known to work keeps Administer; just that step is held', () => {
  const scenario = demoting(['ana', 'bob'], ['ana', 'bob', 'jenkins-scim']);
  const found = verdict(scenario, { config: loose, workingAdministrators: ['ana', 'bob'] });
  assert.deepEqual(found.go, ['-ana root (policy)']);
  assert.deepEqual(found.held, ['-bob root (policy): last-administrator']);
});

test('the service itself does not count as somebody', () => {
  const found = verdict(demoting(['ana'], ['ana', 'jenkins-scim']), {
    config: loose,
    workingAdministrators: ['jenkins-scim', 'ana'],
  });
  assert.deepEqual(found.held, ['-ana root (policy): last-administrator']);
});

test('an administrator who is not known to work does not count', () => {
  const found = verdict(demoting(['ana'], ['ana', 'bob']), { config: loose, workingAdministrators: [] });
  assert.deepEqual(found.held, ['-ana root (policy): last-administrator']);
});

test('a gain in the same plan counts, because gains are written first', () => {
  const found = verdict(demoting(['ana'], ['ana'], [bob]), { config: loose, workingAdministrators: ['ana', 'bob'] });
  assert.deepEqual(found.held, []);
});

test('a held gain does not count', () => {
  const none = config({ losses: { revokeAdministrators: { count: 100 } }, gains: { administrators: { count: 0 } } });
  const found = verdict(demoting(['ana'], ['ana'], [bob]), { config: none, workingAdministrators: ['ana', 'bob'] });
  assert.deepEqual(found.held, ['+bob root: gains.administrators', '-ana root (policy): last-administrator']);
});

test('the last administrator who leaves loses everything but the entry', () => {
  const gone = { ...ana, active: false };
  const scenario: Scenario = {
    people: [gone],
    identities: named([gone], { claims: [...named([ana]).owners.values()] }),
    desired: { roles: [wanted('root', { permissions: [ADMINISTER], administrative: true })] },
    observed: observed(role(root, ['ana'])),
    ownership: ownership(['root']),
  };
  const found = verdict(scenario, { workingAdministrators: ['ana'] });
  assert.deepEqual(found.held, ['remove-entries ana: last-administrator']);
  assert.ok(found.go.includes('revoke-tokens ana'));
  assert.deepEqual(verdict(scenario, { workingAdministrators: ['ana'], exempt: new Set(['s-ana']) }).held, found.held);
});

test('a definition that loses Administer is held if nobody else would be left', () => {
  const scenario: Scenario = {
    people: [ana],
    desired: { roles: [wanted('root', { permissions: [READ] })], grants: [grant('root', ana)] },
    observed: observed(role(root, ['ana'])),
    ownership: ownership(['root'], [owned('root', 'ana')]),
  };
  assert.deepEqual(verdict(scenario, { workingAdministrators: ['ana'] }).held, ['~role root: last-administrator']);
  const other = {
    ...scenario,
    observed: observed(role(root, ['ana']), role(definition('local', [ADMINISTER]), ['Admin'])),
  };
  assert.deepEqual(verdict(other, { workingAdministrators: ['admin'] }).held, []);
});

test('an item role with Administer gives no administration of Jenkins', () => {
  const scenario: Scenario = {
    ...demoting(['ana'], ['ana']),
    observed: observed(
      role(root, ['ana']),
      role(definition('x', [ADMINISTER], { type: 'item' }), ['bob']),
      role('browser', ['ana', 'bob']),
    ),
  };
  const found = verdict(scenario, { config: loose, workingAdministrators: ['ana', 'bob'] });
  assert.deepEqual(found.held, ['-ana root (policy): last-administrator']);
});
