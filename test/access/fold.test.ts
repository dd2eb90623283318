import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fold } from '../../src/access/fold.ts';
import { usernameCaseMapped } from '../scim/precis.ts';

// docs/decisions/010-names.md
const POINTS = Array.from({ length: 0x110000 }, (_, point) => point).filter(
  (point) => point < 0xd800 || point > 0xdfff,
);

test('names of RFC 8265 §3.5: what is one name, and what is another', () => {
  for (const [name, enforced] of [
    ['juliet@example.com', 'juliet@example.com'],
    ['fussball', 'fussball'],
    ['fu\u00dfball', 'fu\u00dfball'],
    ['\u03c0', '\u03c0'],
    ['\u03a3', '\u03c3'],
    ['\u03c3', '\u03c3'],
    ['\u03c2', '\u03c2'],
  ] as const) {
    assert.equal(usernameCaseMapped(name), enforced);
    assert.equal(fold(name), enforced);
  }
  // Not allowed by the profile: a space, nothing, a compatibility character, a symbol. We store and compare what comes.
  for (const name of ['foo bar', '', 'henry\u2163', '\u265a']) assert.equal(usernameCaseMapped(name), undefined);
});

test('every code point that UsernameCaseMapped accepts folds to its enforced form', () => {
  let accepted = 0;
  for (const point of POINTS) {
    const text = String.fromCodePoint(point);
    const enforced = usernameCaseMapped(text);
    if (enforced === undefined) continue;
    accepted += 1;
    if (fold(text) !== enforced) assert.equal(fold(text), enforced, `U+${point.toString(16)}`);
  }
  assert.ok(accepted > 140_000, `${accepted} of them`);
});

test('every name that UsernameCaseMapped accepts folds to its enforced form', () => {
  const near = fc.integer({ min: 0x21, max: 0x5ff }).map((point) => String.fromCodePoint(point));
  const wide = fc.integer({ min: 0xff00, max: 0xffef }).map((point) => String.fromCodePoint(point));
  const any = fc.nat(POINTS.length - 1).map((index) => String.fromCodePoint(POINTS[index]!));
  const marks = fc.constantFrom(
    '\u0301',
    '\u0307',
    '\u0308',
    '\u0323',
    '\u0327',
    '\u0345',
    '\u3099',
    '\u0130',
    '\u01c5',
    '\u03a3',
    '\u1e9e',
  );
  const name = fc
    .array(fc.oneof(near, near, wide, any, marks), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(''));
  let accepted = 0;
  fc.assert(
    fc.property(name, (text) => {
      const enforced = usernameCaseMapped(text);
      if (enforced === undefined) return;
      accepted += 1;
      assert.equal(fold(text), enforced);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(accepted > 2_000, `${accepted} of them`);
});

test('folding is stable: a folded name folds to itself', () => {
  for (const point of POINTS) {
    const once = fold(String.fromCodePoint(point));
    if (fold(once) !== once) assert.fail(`U+${point.toString(16)}`);
  }
});

test('what UsernameCaseMapped refuses is compared by its compatible form, so that no look-alike is a second name', () => {
  for (const [one, other] of [
    ['henry\u2163', 'henryIV'],
    ['\ufb01sh', 'fish'],
    ['\u212aelvin', 'kelvin'],
    ['\u24d0na', 'ana'],
    ['\u1d2cna', 'ana'],
    ['foo\u00a0bar', 'foo bar'],
  ] as const) {
    assert.equal(usernameCaseMapped(one), undefined, one);
    assert.equal(fold(one), fold(other), one);
  }
});
