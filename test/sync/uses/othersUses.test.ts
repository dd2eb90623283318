import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { othersUses } from '../../../src/sync/uses/othersUses.ts';

test('what a controller counted beyond what was sent is somebody else’s', () => {
  assert.deepEqual(othersUses({ a: 10, b: 4 }, { a: 13, b: 4 }, 3), { used: 3, count: 0, tokens: ['a'] });
  assert.deepEqual(othersUses({ a: 10, b: 4 }, { a: 13, b: 5 }, 3), { used: 4, count: 1, tokens: ['a', 'b'] });
  assert.deepEqual(othersUses({}, {}, 0), { used: 0, count: 0, tokens: [] });
});

test('where less was counted than may have gone, nobody else is meant', () => {
  assert.deepEqual(othersUses({ a: 10 }, { a: 11 }, 30), { used: 1, count: 0, tokens: ['a'] });
});

test('a counter that went back cannot be compared; a token that is new or gone says nothing of the others', () => {
  assert.deepEqual(othersUses({ a: 10 }, { a: 10, b: 7 }, 5), { used: 0, count: 0, tokens: [] });
  assert.deepEqual(othersUses({ a: 10 }, { a: 16, b: 7 }, 5), { used: 6, count: 1, tokens: ['a'] });
  assert.equal(othersUses({ a: 10 }, { a: 9 }, 5), undefined);
  assert.deepEqual(othersUses({ a: 10, b: 7 }, { a: 12 }, 2), { used: 2, count: 0, tokens: ['a'] });
});

test('PROPERTY: exactly the uses of others are found, whatever tokens they and we used', () => {
  const uses = fc.dictionary(fc.uuid(), fc.nat(1_000), { maxKeys: 4 });
  const more = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(uses, more, (before, added) => {
      const now: Record<string, number> = {};
      let [ours, others] = [0, 0];
      for (const [at, [uuid, known]] of Object.entries(before).entries()) {
        const [mine, theirs] = added[at]!;
        now[uuid] = known + mine + theirs;
        ours += mine;
        others += theirs;
      }
      assert.equal(othersUses(before, now, ours)?.count, others);
    }),
  );
});
