import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { globMatches } from '../../../src/config/glob.ts';
import { matchesItem } from '../../../src/sync/explained/asked.ts';
import { alarmsDue } from '../../../src/sync/leavers/alarms.ts';
import { Schedule } from '../../../src/sync/pace/schedule.ts';
import { isVerified } from '../../../src/sync/pass/runs.ts';

test('an unfinished leaver alarms after 1, 15 and 60 minutes, then every hour', () => {
  const minutes = (count: number): number => count * 60_000;
  const due = [0, 1, 14, 15, 59, 60, 119, 120, 180].map((count) => alarmsDue(minutes(count)));
  assert.deepEqual(due, [0, 1, 1, 2, 2, 3, 3, 4, 5]);
});

test('losses are looked at again after 5 and 60 seconds', () => {
  const schedule = new Schedule();
  schedule.fullAt = 900_000;
  schedule.recheckAfter(1_000);
  assert.equal(schedule.next, 6_000);
  assert.equal(schedule.takeRechecks(5_999), undefined);
  assert.equal(schedule.takeRechecks(6_000), 6_000);
  assert.equal(schedule.next, 61_000);
  assert.equal(schedule.takeRechecks(61_000), 61_000);
  assert.equal(schedule.next, 900_000);
});

test('rechecks are bounded however many losses there are, and none of them is forgotten', () => {
  const schedule = new Schedule();
  schedule.fullAt = Infinity;
  const looked: number[] = [];
  for (let at = 0; at < 200_000; at += 10) {
    if (schedule.takeRechecks(at) !== undefined) looked.push(at);
    if (at <= 100_000) schedule.recheckAfter(at);
  }
  assert.ok(looked.length <= 170, String(looked.length));
  for (const after of [5_000, 60_000])
    for (let loss = 0; loss <= 100_000; loss += 10)
      assert.ok(
        looked.some((at) => at >= loss + after && at <= loss + after + 1_000),
        `${loss} + ${after}`,
      );
});

test('globs of controllers: star, question mark, literal', () => {
  assert.equal(globMatches('ci-*', 'ci-main'), true);
  assert.equal(globMatches('ci-*', 'cd-main'), false);
  assert.equal(globMatches('ci-?', 'ci-a'), true);
  assert.equal(globMatches('*', ''), true);
  assert.equal(globMatches('ci.main', 'cixmain'), false);
});

test('a glob agrees with the same thing as a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(text, name, (glob, value) => {
      const regex = new RegExp(`^${glob.replace(/\*+/g, '.*').replaceAll('?', '.')}$`);
      assert.equal(globMatches(glob, value), regex.test(value));
    }),
  );
});

const OBSERVED = {
  type: 'item',
  name: 'dev',
  pattern: '\\Qpay\\E',
  permissions: ['b', 'a'],
  entries: [
    { type: 'user', id: 'ana' },
    { type: 'user', id: 'mallory' },
    { type: 'group', id: 'bo' },
  ],
  digest: 'x',
} as const;

test('reading back judges only our entry, permissions and pattern, not the whole role', () => {
  const roles = new Map([['item:dev', OBSERVED]]);
  const about = { role: { type: 'item', name: 'dev' }, reasons: [], cause: 'gain', administrative: false } as const;
  const entry = (kind: 'grant' | 'revoke', id: string) =>
    isVerified({ ...about, kind, principal: { type: 'user', id } }, roles);
  assert.deepEqual(
    [entry('grant', 'ana'), entry('grant', 'bo'), entry('revoke', 'ana'), entry('revoke', 'bo')],
    [true, false, false, true],
  );
  const made = (permissions: string[], pattern: string) =>
    isVerified({ ...about, kind: 'create-role', role: { type: 'item', name: 'dev', pattern, permissions } }, roles);
  assert.deepEqual(
    [made(['a', 'b'], '\\Qpay\\E'), made(['a'], '\\Qpay\\E'), made(['a', 'b'], '.*')],
    [true, false, false],
  );
});

test('an item is matched by the pattern of a folder and of the folders above it, and a pattern of others is not judged', () => {
  assert.equal(matchesItem('\\Qpay\\E($|/.*)', 'pay/api'), true);
  assert.equal(matchesItem('\\Qorg\\E|\\Qorg/unit\\E', 'org/unit'), true);
  assert.equal(matchesItem('\\Qorg\\E|\\Qorg/unit\\E', 'org/other'), false);
  assert.equal(matchesItem('pay.*', 'web'), true);
});
