import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldId } from '../../src/access/principal.ts';

test('ids that Jenkins takes for one account are one id: Java and JavaScript tell apart where a word ends', () => {
  // As Jenkins 2.568.2 on Java 25 has them: IdStrategy.CASE_INSENSITIVE.keyFor, toLowerCase(Locale.ENGLISH).
  const keys = { 'ΝΙΚΟΣ-Α': 'νικοσ-α', ΝΙΚΟΣ_Α: 'νικοσ_α', 'ΝΙΚΟΣ:Α': 'νικος:α', 'a-Σ': 'a-ς', 'ΝΙΚΟΣ.Α': 'νικοσ.α' };
  for (const [id, key] of Object.entries(keys))
    assert.equal(foldId(id, 'case-insensitive'), foldId(key, 'case-insensitive'), id);
  assert.equal(foldId('Ana@ΝΙΚΟΣ-Α.GR', 'email'), foldId('Ana@νικοσ-α.gr', 'email'));
  assert.notEqual(foldId('Νίκος', 'case-sensitive'), foldId('Νίκοσ', 'case-sensitive'));
});
