import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextUntil } from '../../src/policy/nextUntil.ts';
import { parseUntil } from '../../src/policy/until.ts';
import { judged, policyOf, rolesOf } from './scene.ts';

const POLICY = policyOf(`
roles: { r: { scope: global, preset: browse } }
rules:
  - { id: ana, user: Ana, grant: r, until: 2027-03-31 }
  - { id: bob, user: bob, grant: r, until: "2027-01-01T12:00:00+02:00" }
`);
const END = Date.parse('2027-04-01T00:00:00.000Z');

test('a day ends at 24:00 UTC, an instant is itself', () => {
  assert.equal(parseUntil('2027-03-31'), END);
  assert.equal(parseUntil('2028-02-29'), Date.parse('2028-03-01T00:00:00Z'));
  assert.equal(parseUntil('2027-01-01T12:00:00+02:00'), Date.parse('2027-01-01T10:00:00Z'));
  assert.equal(parseUntil('2027-01-01t10:00z'), Date.parse('2027-01-01T10:00:00Z'));
  for (const text of [
    '2027-02-29',
    '2027-13-01',
    '2027-1-1',
    'tomorrow',
    '2027-01-01T10:00',
    '2027-01-01T25:00:00Z',
    '2027-02-30T10:00Z',
    '',
  ])
    assert.equal(parseUntil(text), undefined, text);
});

test('a rule for one person holds until its end, and names the end as its reason', () => {
  const before = judged(POLICY, { people: { ana: [] }, now: END - 1 });
  assert.deepEqual(rolesOf(before.grants, 'ana'), ['r']);
  assert.equal(before.grants[0]!.reasons[0]!.until, '2027-04-01T00:00:00.000Z');
  assert.deepEqual(before.expired, []);
  const after = judged(POLICY, { people: { ana: [] }, now: END });
  assert.deepEqual([after.grants, after.expired], [[], ['ana\u0000p:ana']]);
});

test('once expired, always expired: a clock that goes back gives nothing again', () => {
  const back = judged(POLICY, { people: { ana: [] }, now: END - 1, expired: ['ana\u0000p:ana'] });
  assert.deepEqual([back.grants, back.expired], [[], ['ana\u0000p:ana']]);
});

test('an end that passed is told for inactive people too', () => {
  assert.deepEqual(judged(POLICY, { people: { ana: [] }, inactive: ['ana'], now: END }).expired, ['ana\u0000p:ana']);
});

test('the next end after a moment is known', () => {
  assert.equal(nextUntil(POLICY, 0), Date.parse('2027-01-01T10:00:00Z'));
  assert.equal(nextUntil(POLICY, Date.parse('2027-01-01T10:00:00Z')), END);
  assert.equal(nextUntil(POLICY, END), undefined);
});
