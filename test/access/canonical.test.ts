import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical } from '../../src/access/canonical.ts';

/** The same by the book: keys sorted by UTF-16 code units, whatever is undefined left out. */
function byTheBook(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(byTheBook).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${byTheBook(item)}`).join(',')}}`;
}

test('the canonical form has its keys in the order of UTF-16 code units, at any depth and however many there are', () => {
  const key = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.nat().map(String),
    fc.constantFrom('__proto__', 'toJSON ', 'é', '\u{1f600}', '\uffff'),
  );
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
  );
  const value = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 5 }), tie('object')),
    object: fc.array(fc.tuple(key, tie('value')), { maxLength: 80 }).map((entries) => Object.fromEntries(entries)),
  })).value;
  fc.assert(
    fc.property(value, (given) => {
      const before = JSON.stringify(given);
      assert.equal(canonical(given), byTheBook(given));
      assert.equal(JSON.stringify(given), before);
    }),
    { numRuns: 200 },
  );
});
