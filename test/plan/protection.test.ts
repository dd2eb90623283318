import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authority } from '../../src/plan/administrative.ts';
import { protection } from '../../src/plan/protection.ts';
import { cpuTime } from '../sim/cpuTime.ts';
import { ADMINISTER, CATALOGUE, entry, key, READ } from './make.ts';

const make = (users: readonly string[], ids: 'case-insensitive' | 'case-sensitive' | 'email' = 'case-insensitive') =>
  protection(
    { user: 'jenkins-scim', breakGlass: ['Admin'], protect: { users: [...users], groups: ['ops*'], roles: ['root'] } },
    { userIds: ids, groupIds: ids },
  );

test('the service and break-glass are always protected, whatever the case', () => {
  for (const ids of ['case-insensitive', 'case-sensitive', 'email'] as const)
    for (const id of ['admin', 'ADMIN', 'Jenkins-SCIM']) assert.ok(make([], ids).user(id), `${ids} ${id}`);
  assert.ok(!make([]).user('administrator'));
});

test('what is protected is so by either sigma, as one account may be spelled by both', () => {
  for (const id of ['Νίκος', 'νίκοσ', 'ΝΊΚΟΣ']) assert.ok(make(['νίκος']).user(id), id);
});

test('what is protected is so by whatever letters Jenkins takes for its own in an entry', () => {
  for (const id of ['admın', 'jenkinſ-scim']) assert.ok(make([]).user(id), id);
  assert.ok(make(['svc-*']).user('ſvc-deploy'));
});

test('globs are literal but for * and ?', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['svc-*', 'svc-', true],
    ['svc-*', 'svc-a-b', true],
    ['svc-*', 'xsvc-a', false],
    ['*-bot', 'deploy-bot', true],
    ['*-bot', 'deploy-bots', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['**', '', true],
    ['*', 'anything', true],
  ];
  for (const [glob, id, expected] of cases) assert.equal(make([glob]).user(id), expected, `${glob} ${id}`);
});

test('a glob made to be slow is not', () => {
  const started = cpuTime();
  assert.ok(!make([`${'*a'.repeat(30)}b`]).user('a'.repeat(2_000)));
  assert.ok(cpuTime() - started < 1000);
});

test('an entry is protected by its role, its user or its group', () => {
  const found = make(['svc-*']);
  assert.ok(found.entry(key('root'), entry('eve')));
  assert.ok(found.entry(key('dev'), entry('svc-x')));
  assert.ok(found.entry(key('dev'), entry('e:svc-x')));
  for (const id of ['g:ops-east', 'g:OPS-East', 'e:ops-east']) assert.ok(found.entry(key('dev'), entry(id)), id);
  assert.ok(found.entry(key('Root'), entry('eve')));
  assert.ok(!found.entry(key('dev'), entry('g:svc-x')));
  assert.ok(!found.entry(key('dev'), entry('ops-east')));
});

test('a role is administrative by its permissions, implied ones included', () => {
  const { administrative, administers } = authority(CATALOGUE);
  for (const id of [
    ADMINISTER,
    'hudson.model.Hudson.Manage',
    'hudson.model.Hudson.RunScripts',
    'hudson.security.Permission.GenericWrite',
  ])
    assert.ok(administrative([READ, id]), id);
  assert.ok(!administrative([READ]));
  assert.ok(
    administers({ type: 'global', permissions: ['hudson.security.Permission.FullControl'] }),
    'it implies Administer',
  );
  assert.ok(!administers({ type: 'global', permissions: ['hudson.model.Hudson.Manage'] }));
  assert.ok(!administers({ type: 'item', permissions: [ADMINISTER] }), 'an item role gives no global rights');
});

test('a catalogue that goes round in circles ends', () => {
  const circle = [
    { id: ADMINISTER, title: 'a', enabled: true, impliedBy: 'x' },
    { id: 'x', title: 'x', enabled: true, impliedBy: ADMINISTER },
  ];
  assert.ok(authority(circle).administrative(['x']));
});
