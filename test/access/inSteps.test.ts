import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOneTurn } from '../../src/access/breather.ts';
import { A_STEP, inSteps, sortedInSteps } from '../../src/access/inSteps.ts';

/** The most that `count` came to between two places to stop at. */
function mostBetween(steps: Generator<void, unknown>, count: { now: number }): number {
  let most = 0;
  for (let over = false; !over; ) {
    count.now = 0;
    over = steps.next().done === true;
    most = Math.max(most, count.now);
  }
  return most;
}

test('everything is run over in its order, so many in a step, and nothing stops for a short list', () => {
  const count = { now: 0 };
  const seen: number[] = [];
  const items = Array.from({ length: 2 * A_STEP + 1 }, (_, n) => n);
  const run = (n: number): void => {
    count.now += 1;
    seen.push(n);
  };
  assert.equal(mostBetween(inSteps(items, run), count), A_STEP);
  assert.deepEqual(seen, items);
  assert.equal([...inSteps(items.slice(0, A_STEP), run)].length, 0);
});

test('a sort in steps compares few at a time and is the sort of the language', () => {
  const count = { now: 0 };
  const items = Array.from({ length: 3 * A_STEP + 7 }, (_, n) => ({ key: (n * 7_919) % 10_007, n }));
  const compare = (a: { key: number }, b: { key: number }): number => {
    count.now += 1;
    return a.key - b.key;
  };
  assert.deepEqual(inOneTurn(sortedInSteps(items, compare)), items.toSorted(compare));
  // A run is sorted by itself: n log n comparisons of the run, not of all.
  assert.ok(mostBetween(sortedInSteps(items, compare), count) <= A_STEP * Math.ceil(Math.log2(A_STEP)));
  const small = (a: number, b: number): number => a - b;
  fc.assert(
    fc.property(fc.array(fc.integer()), (list) => {
      assert.deepEqual(inOneTurn(sortedInSteps(list, small)), list.toSorted(small));
    }),
  );
});
