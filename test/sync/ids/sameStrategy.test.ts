import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observed, ObservedRole } from '../../../src/access/ports/controller.ts';
import { STALE, sameStrategy } from '../../../src/sync/ids/sameStrategy.ts';

const role = (name: string, people: readonly string[], digest = `${name} ${people.join()}`): ObservedRole => ({
  type: 'global',
  name,
  permissions: ['hudson.model.Item.Read', 'hudson.model.Item.Build'],
  pattern: '',
  entries: people.map((id) => ({ type: 'user', id })),
  digest,
});
const observed = (roles: readonly ObservedRole[], fingerprint = ''): Observed => ({
  roles,
  session: 's',
  fingerprint,
  time: 1,
});

test('a controller is as it was left where its fingerprint is the same', () => {
  const roles = [role('a', ['ana'])];
  assert.equal(sameStrategy(observed(roles, 'x'), observed(roles, 'x')), true);
  assert.equal(sameStrategy(observed(roles, 'x'), observed(roles, 'y')), false);
});

test('another session is another controller', () => {
  const roles = [role('a', ['ana'])];
  assert.equal(sameStrategy(observed(roles, 'x'), { ...observed(roles, 'x'), session: 't' }), false);
});

test('after changes of our own each role is compared by its digest, in any order', () => {
  const roles = [role('a', ['ana']), role('b', [])];
  assert.equal(sameStrategy(observed(roles), observed(roles.toReversed(), 'y')), true);
  assert.equal(sameStrategy(observed(roles), observed([role('a', ['bo']), role('b', [])], 'y')), false);
  assert.equal(sameStrategy(observed(roles), observed([...roles, role('c', [])], 'y')), false);
  assert.equal(sameStrategy(observed(roles), observed([roles[0]!, role('c', [])], 'y')), false);
});

test('a role that a cut took entries from is compared entry by entry', () => {
  const cut = role('a', ['ana', 'bo'], STALE);
  assert.equal(sameStrategy(observed([cut]), observed([role('a', ['bo', 'ana'])], 'y')), true);
  assert.equal(sameStrategy(observed([cut]), observed([role('a', ['ana', 'bo', 'cleo'])], 'y')), false);
  const fewer = { ...role('a', ['ana', 'bo']), permissions: ['hudson.model.Item.Read'] };
  assert.equal(sameStrategy(observed([cut]), observed([fewer], 'y')), false);
  assert.equal(sameStrategy(observed([cut]), observed([{ ...role('a', ['ana', 'bo']), pattern: 'x/.*' }], 'y')), false);
});
