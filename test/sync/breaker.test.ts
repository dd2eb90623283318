import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Breaker, CLOSED, failed, isOpen } from '../../src/sync/breaker.ts';

test('one or two failures pause shortly, the third opens the breaker for two seconds', () => {
  const once = failed(CLOSED, 1_000);
  const twice = failed(once, 1_000);
  const thrice = failed(twice, 1_000);
  assert.deepEqual([once.until, twice.until, thrice.until], [1_500, 2_000, 3_000]);
  assert.equal(isOpen(thrice, 2_999), true);
  assert.equal(isOpen(thrice, 3_000), false);
});

test('however many failures, it is tried again within a minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (failures) => {
      let breaker: Breaker = CLOSED;
      for (let at = 0; at < failures; at++) breaker = failed(breaker, 0);
      assert.ok(breaker.until > 0 && breaker.until <= 60_000);
    }),
  );
});
