import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trustedTime } from '../../../src/sync/clock/trustedTime.ts';

const START = { wall: 1_000_000, monotonic: 0 };
const clock = (wall: number, monotonic: number) => ({ now: () => wall, monotonic: () => monotonic });

test('a clock that runs with the monotonic one is trusted', () => {
  assert.deepEqual(trustedTime(clock(1_060_000, 60_000), START, 1_050_000), { now: 1_060_000, trusted: true });
});

test('a clock behind the highest time seen is not trusted, and time does not go back', () => {
  assert.deepEqual(trustedTime(clock(1_010_000, 10_000), START, 2_000_000), { now: 2_000_000, trusted: false });
});

test('a clock more than 10 minutes ahead of the monotonic one is not trusted, and nothing expires by it', () => {
  const leap = trustedTime(clock(90_000_000, 1_000), START, 0);
  assert.equal(leap.trusted, false);
  assert.equal(leap.now, 1_001_000);
});

test('a leap of less than 10 minutes is trusted', () => {
  assert.equal(trustedTime(clock(1_500_000, 1_000), START, 0).trusted, true);
});
