import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOneTurn, type Steps } from '../../src/access/breather.ts';
import { referencesIn, resolved } from '../../src/scim/bulk/references.ts';

const ids = (text: string): string | undefined => (text === 'unknown' ? undefined : `id-of-${text}`);
const resolve = (data: unknown): unknown => inOneTurn(resolved(data, { spent: 0 }, ids));
const references = (data: unknown): string[] => [...inOneTurn(referencesIn(data, { spent: 0 }))].sort();

test('references are found where ids of others stand, at any depth, and nowhere else', () => {
  const data = {
    displayName: 'bulkId:a',
    members: [{ value: 'bulkId:b', display: 'bulkId:c' }, 'bulkId:d', { value: 'bulkId:unknown' }],
    'urn:x:manager': 'bulkId:e',
    Operations: [{ op: 'remove', path: 'members[value eq "bulkId:f"]', value: [[{ value: 'bulkId:g' }]] }],
  };
  assert.deepEqual(references(data), ['b', 'd', 'e', 'f', 'g', 'unknown']);
  assert.deepEqual(resolve(data), {
    displayName: 'bulkId:a',
    members: [{ value: 'id-of-b', display: 'bulkId:c' }, 'id-of-d', { value: 'bulkId:unknown' }],
    'urn:x:manager': 'id-of-e',
    Operations: [{ op: 'remove', path: 'members[value eq "id-of-f"]', value: [[{ value: 'id-of-g' }]] }],
  });
});

test('PROPERTY: data without references stays the same, and no key gets another meaning', () => {
  const keys = fc.constantFrom('value', 'members', 'x', 'manager', '__proto__');
  const json = fc.letrec((tie) => ({
    data: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('bulkId:a', 'plain', 'unknown', '', null, 1, true),
      fc.array(tie('data'), { maxLength: 4 }),
      fc.array(fc.tuple(keys, tie('data')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).data;
  const model = (data: unknown, key = ''): unknown => {
    if (data === 'bulkId:a') return ['value', 'members', 'manager'].includes(key) ? 'id-of-a' : data;
    if (Array.isArray(data)) return data.map((item) => model(item, key));
    if (data === null || typeof data !== 'object') return data;
    return Object.fromEntries(Object.entries(data).map(([name, item]) => [name, model(item, name)]));
  };
  fc.assert(
    fc.property(json, (data) => {
      const found = resolve(data);
      assert.equal(JSON.stringify(found), JSON.stringify(model(data)));
      if (JSON.stringify(found) === JSON.stringify(data)) assert.equal(found, data);
    }),
  );
});

test('of a large operation no more than a part is looked at in one turn', () => {
  const members = Array.from({ length: 100_000 }, (_, n) => ({ value: n === 99_999 ? 'bulkId:a' : `${n}` }));
  const turns = (steps: Steps<unknown>): number => {
    let count = 1;
    while (steps.next().done !== true) count += 1;
    return count;
  };
  for (const data of [{ members }, { Operations: [{ op: 'add', path: 'members', value: members }] }]) {
    assert.ok(turns(referencesIn(data, { spent: 0 })) >= 10);
    assert.ok(turns(resolved(data, { spent: 0 }, ids)) >= 10);
  }
  const small = { members: members.slice(0, 10) };
  const effort = { spent: 0 };
  const many = Array.from({ length: 2_000 }, () => turns(referencesIn(small, effort)));
  assert.equal(many.filter((count) => count > 1).length, 2, 'many small ones count together');
});
