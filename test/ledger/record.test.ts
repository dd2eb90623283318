import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical } from '../../src/access/canonical.ts';
import {
  GENESIS,
  type LedgerRow,
  linkOf,
  misplacement,
  proofOf,
  proofOfNew,
  tampering,
} from '../../src/ledger/record.ts';

const key = new Uint8Array(32).fill(1);
const other = new Uint8Array(32).fill(2);
const text = fc.option(fc.string(), { nil: null });

const row = fc
  .record({
    id: fc.nat(),
    uid: fc.uuid(),
    at: fc.constant('2026-11-24T08:00:00.000Z'),
    kind: fc.string(),
    request: text,
    actor: text,
    subject_kind: text,
    subject_id: text,
    body: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => canonical(JSON.parse(JSON.stringify(value)))),
    digests: fc.dictionary(fc.string(), fc.string()).map((value) => canonical(JSON.parse(JSON.stringify(value)))),
  })
  .map((recorded): LedgerRow => {
    const proven = { ...recorded, proof: proofOf(key, recorded), seq: null, previous: null, hash: null, mac: null };
    return { ...proven, ...linkOf(key, proven, 7, GENESIS) };
  });

test('what the service wrote and sealed holds', () => {
  fc.assert(
    fc.property(row, (value) => {
      assert.equal(tampering(key, value), undefined);
      assert.equal(misplacement(key, value, 7, GENESIS), undefined);
    }),
  );
});

test('any change of any column is seen', () => {
  const edit = fc.oneof(fc.string(), fc.integer(), fc.constant(null));
  fc.assert(
    fc.property(
      row,
      fc.constantFrom(...(Object.keys(exampleRow()) as (keyof LedgerRow)[])),
      edit,
      (value, column, to) => {
        fc.pre(value[column] !== to);
        // A subject is one thing: without its kind and its id there is none, whichever of the two was missing.
        fc.pre(
          !(column.startsWith('subject') && value.subject_kind === null && value.subject_id === null && to === null),
        );
        const edited = { ...value, [column]: to } as LedgerRow;
        assert.notEqual(misplacement(key, edited, 7, GENESIS) ?? tampering(key, edited), undefined, column);
      },
    ),
    { numRuns: 500 },
  );
});

test('another spelling of the same JSON is a change', () => {
  fc.assert(
    fc.property(row, (value) => {
      assert.equal(tampering(key, { ...value, body: ` ${value.body}` }), 'its text was rewritten');
    }),
  );
});

test('without the keys nothing can be forged', () => {
  fc.assert(
    fc.property(row, (value) => {
      assert.notEqual(tampering(other, value), undefined);
      assert.equal(misplacement(other, value, 7, GENESIS), 'its seal does not fit');
    }),
  );
});

function exampleRow(): LedgerRow {
  return fc.sample(row, 1)[0]!;
}

test('the proof of a row that was just made is the proof of the row that is read', () => {
  fc.assert(fc.property(row, (value) => assert.equal(proofOfNew(key, value), proofOf(key, value))));
});

test('the canonical form is JSON with sorted keys, without undefined, at every depth', () => {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.map(([name, item]) => [name, sorted(item)]);
  };
  const order = (text: string): unknown => sorted(JSON.parse(text));
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonical(value);
      assert.deepEqual(order(text), order(JSON.stringify(value)));
      assert.equal(canonical(JSON.parse(text)), text);
    }),
  );
  assert.equal(
    canonical({ b: [undefined, { d: 1, c: undefined }], a: undefined, '\u00e9': '\ud800' }),
    '{"b":[null,{"d":1}],"\u00e9":"\\ud800"}',
  );
});
