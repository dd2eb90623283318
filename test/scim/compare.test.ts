import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compares } from '../../src/scim/filter/compare.ts';
import type { CompareOperator } from '../../src/scim/filter/filter.ts';

type Operator = Exclude<CompareOperator, 'ne'>;
const OPERATORS: readonly Operator[] = ['eq', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];
const FOLDED = { caseExact: false, type: 'string' } as const;
const EXACT = { caseExact: true, type: 'string' } as const;
/** The operators that hold between two values, in their order. */
const held = (
  stored: unknown,
  value: string | number | boolean | null,
  path: Parameters<typeof compares>[3] = FOLDED,
) => OPERATORS.filter((operator) => compares(stored, operator, value, path)).join(' ');

test('text is compared folded unless its case counts; an instant is as it is written', () => {
  assert.equal(held('Ana', 'aNA'), 'eq co sw ew ge le');
  assert.equal(held('Ana', 'ana', EXACT), 'lt le');
  assert.equal(held('ana', 'Ana', EXACT), 'gt ge');
  assert.equal(held('2026-01-01T00:00:00Z', '2026-01-01t00:00:00z', { caseExact: false, type: 'dateTime' }), 'lt le');
});

test('each operator holds where it says, and nowhere else', () => {
  assert.equal(held('banana', 'ban'), 'co sw gt ge');
  assert.equal(held('banana', 'ana'), 'co ew gt ge');
  assert.equal(held('banana', 'nan'), 'co lt le');
  assert.equal(held('banana', 'x'), 'lt le');
  assert.equal(held('', ''), 'eq co sw ew ge le');
});

test('a final sigma is looked for like any other, wherever it stands in the text', () => {
  for (const [operator, part] of [
    ['co', 'ΟΣ'],
    ['sw', 'ΟΔΟΣ'],
    ['ew', 'ΟΔΟΣ ΜΕΓΑΛΗ ΟΔΟΣ'],
  ] as const) {
    assert.equal(compares('ὁδος μεγαλη οδος'.replace('ὁ', 'ο'), operator, part, FOLDED), true, operator);
    assert.equal(compares('οδοσ μεγαλη οδοσ', operator, part, FOLDED), true, operator);
  }
  assert.equal(compares('οδοσ', 'eq', 'οδος', FOLDED), false, 'the whole is compared as it is folded');
});

test('numbers go by their size, booleans and null are equal or not, and what is of another type never matches', () => {
  assert.equal(held(2, 10), 'lt le');
  assert.equal(held(10, 2), 'gt ge');
  assert.equal(held(2, 2), 'eq ge le');
  assert.equal(held(true, true), 'eq');
  assert.equal(held(true, false), '');
  assert.equal(held(null, null), 'eq');
  const values = ['2', 2, true, null] as const;
  for (const stored of values)
    for (const value of values) if (stored !== value) assert.equal(held(stored, value), '', `${stored} ${value}`);
});

test('of two texts one is lower, by the bytes of UTF-8, or they are equal', () => {
  const text = fc.string({ unit: 'binary' }).map((value) => value.toWellFormed());
  fc.assert(
    fc.property(text, text, (stored, value) => {
      const sign = Buffer.compare(Buffer.from(stored), Buffer.from(value));
      const ordered = (operator: Operator) => compares(stored, operator, value, EXACT);
      assert.deepEqual((['lt', 'le', 'eq', 'ge', 'gt'] as const).map(ordered), [
        sign < 0,
        sign <= 0,
        sign === 0,
        sign >= 0,
        sign > 0,
      ]);
    }),
  );
});
