import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { issuedAfter, outlives } from '../../src/credentials/external/issued.ts';
import { CLOCK_SKEW } from '../../src/credentials/signedText.ts';

test('a token was not issued before its iat; without one, not before its end less the longest life', () => {
  assert.equal(issuedAfter({ iat: 10, exp: 99 }, 1_000), 10);
  assert.equal(issuedAfter({ iat: 10 }, undefined), 10);
  assert.equal(issuedAfter({ exp: 100 }, 30_000), 70);
  assert.equal(issuedAfter({ exp: 100 }, undefined), undefined);
  assert.equal(issuedAfter({}, 30_000), undefined);
});

test('a token outlives the longest life where it ends more than a minute behind it, for clocks differ', () => {
  assert.equal(outlives({ exp: 130 + CLOCK_SKEW }, 30_000, 100_000), false);
  assert.equal(outlives({ exp: 131 + CLOCK_SKEW }, 30_000, 100_000), true);
});

test('whatever an issuer that keeps its word signed until an instant, is never taken for later', () => {
  const time = fc.integer({ min: 0, max: 4_000_000_000 });
  const life = fc.integer({ min: 1, max: 31_622_400 });
  fc.assert(
    fc.property(time, life, life, fc.nat({ max: 31_622_400 }), (issued, one, other, passed) => {
      const [lives, longest] = [Math.min(one, other), Math.max(one, other)];
      const token = { exp: issued + lives };
      const found = issuedAfter(token, longest * 1000)!;
      assert.ok(found <= issued);
      assert.equal(found === issued, lives === longest, 'one of the longest life is known to the second');
      assert.ok(!outlives(token, longest * 1000, (issued + passed) * 1000), 'and none of them outlives it');
      const longer = { exp: issued + longest + CLOCK_SKEW + 1 };
      assert.ok(outlives(longer, longest * 1000, issued * 1000));
      assert.ok(!outlives({ ...longer, iat: issued }, longest * 1000, issued * 1000), 'with iat nothing is concluded');
    }),
  );
});
