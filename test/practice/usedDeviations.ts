import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { DeviationName } from './deviations.ts';
import type { Replay } from './replay.ts';

/** The deviations a topic needed are exactly those named: one more is not hidden, one less is not kept. */
export function usedDeviations(t: TestContext, replay: Replay, expected: readonly DeviationName[]): void {
  t.test('needs these deviations and no other', () => {
    assert.deepEqual([...replay.used].toSorted(), expected.toSorted());
  });
}
