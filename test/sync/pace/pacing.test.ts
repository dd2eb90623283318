import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRESH, mayBegin, paced } from '../../../src/sync/pace/pacing.ts';

/** How many batches a steady stream of changes leads to in so many milliseconds. */
function batches(duration: number): number {
  let pacing = FRESH;
  let count = 0;
  for (let now = 1_000_000; now < 1_000_000 + duration; now += 5)
    if (mayBegin(pacing, now) <= now) {
      pacing = paced(pacing, now);
      count += 1;
    }
  return count;
}

test('the first change goes at once', () => {
  assert.equal(mayBegin(FRESH, 5_000), 5_000);
});

test('while changes keep coming the window widens to a second', () => {
  assert.ok(batches(10_000) <= 14, String(batches(10_000)));
  let pacing = paced(FRESH, 10_000);
  for (const now of [10_100, 10_300, 10_700, 11_500]) {
    assert.equal(mayBegin(pacing, now), now);
    pacing = paced(pacing, now);
  }
  assert.equal(pacing.window, 1_000);
});

test('after a quiet time the next change goes at once again', () => {
  let pacing = FRESH;
  for (const now of [10_000, 10_100, 10_300, 10_700, 11_500, 12_500]) pacing = paced(pacing, now);
  pacing = paced(pacing, 30_000);
  assert.equal(pacing.window, 100);
});
