import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { javaPattern } from '../../src/practice/state/pattern.ts';

test('a quoted literal matches itself and what stands below it, and nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (name, other) => {
      fc.pre(!name.includes('\\E') && other !== name && !other.startsWith(`${name}/`));
      const pattern = javaPattern(`\\Q${name}\\E($|/.*)`);
      assert.equal(pattern.test(name), true);
      assert.equal(pattern.test(`${name}/job`), true);
      assert.equal(pattern.test(other), false);
    }),
  );
});

test('a pattern matches the whole name, with regard to case unless it says otherwise', () => {
  assert.equal(javaPattern('team').test('team2'), false);
  assert.equal(javaPattern('team').test('TEAM'), false);
  assert.equal(javaPattern('(?i)team').test('TEAM'), true);
  assert.equal(javaPattern('').test('team'), false);
  assert.equal(javaPattern('a|b').test('ab'), false);
});

test('a broken pattern throws', () => {
  assert.throws(() => javaPattern('team-('), SyntaxError);
});
