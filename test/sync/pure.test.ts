import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { globMatches } from '../../src/access/glob.ts';
import { alarmsDue } from '../../src/sync/alarms.ts';
import { nextDue, takeRechecks, withRechecks } from '../../src/sync/schedule.ts';

test('an unfinished leaver alarms after 1, 15 and 60 minutes, then every hour', () => {
  const minutes = (count: number): number => count * 60_000;
  const due = [0, 1, 14, 15, 59, 60, 119, 120, 180].map((count) => alarmsDue(minutes(count)));
  assert.deepEqual(due, [0, 1, 1, 2, 2, 3, 3, 4, 5]);
});

test('losses are looked at again after 5 and 60 seconds', () => {
  const schedule = withRechecks({ fullAt: 900_000, fingerprintAt: 60_000, rechecks: [] }, 1_000);
  assert.equal(nextDue(schedule), 6_000);
  const first = takeRechecks(schedule, 6_000);
  assert.equal(first.due, true);
  assert.equal(nextDue(first.schedule), 60_000);
  assert.equal(takeRechecks(first.schedule, 61_000).due, true);
});

test('rechecks are bounded however many losses there are', () => {
  let schedule = { fullAt: 0, fingerprintAt: 0, rechecks: [] as readonly number[] };
  for (let at = 0; at < 1_000; at++) schedule = { ...schedule, ...withRechecks(schedule, at) };
  assert.ok(schedule.rechecks.length <= 64);
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
