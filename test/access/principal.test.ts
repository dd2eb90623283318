import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldId, isEverybody, isReservedId } from '../../src/access/principal.ts';

test('ids that Jenkins takes for one account are one id: Java and JavaScript tell apart where a word ends', () => {
  // As Jenkins 2.568.2 on Java 25 has them: IdStrategy.CASE_INSENSITIVE.keyFor, toLowerCase(Locale.ENGLISH).
  const keys = { 'ΝΙΚΟΣ-Α': 'νικοσ-α', ΝΙΚΟΣ_Α: 'νικοσ_α', 'ΝΙΚΟΣ:Α': 'νικος:α', 'a-Σ': 'a-ς', 'ΝΙΚΟΣ.Α': 'νικοσ.α' };
  for (const [id, key] of Object.entries(keys))
    assert.equal(foldId(id, 'case-insensitive'), foldId(key, 'case-insensitive'), id);
  assert.equal(foldId('Ana@ΝΙΚΟΣ-Α.GR', 'email'), foldId('Ana@νικοσ-α.gr', 'email'));
  assert.notEqual(foldId('Νίκος', 'case-sensitive'), foldId('Νίκοσ', 'case-sensitive'));
});

test('ids that one entry is about are one id: before 2.568.2 those of Jenkins, too, that have one capital letter (SECURITY-3924)', () => {
  // As String.compareToIgnoreCase has them, by which IdStrategy compared the SIDs of entries.
  const alike = [
    'bıll bill',
    'İan ian',
    'ſue sue',
    'µ μ',
    'ς σ',
    'ϑ θ',
    'ϐ β',
    'ϵ ε',
    'ϰ κ',
    'ϖ π',
    'ϱ ρ',
    'ϕ φ',
    'ẛ ṡ',
    'ᲀ в',
    '\u1fbe ι',
  ];
  for (const pair of alike) {
    const [one, other] = pair.split(' ') as [string, string];
    assert.equal(foldId(one, 'case-insensitive'), foldId(other, 'case-insensitive'), pair);
    assert.equal(foldId(one.toUpperCase(), 'case-insensitive'), foldId(other, 'case-insensitive'), pair);
    assert.notEqual(foldId(one, 'case-sensitive'), foldId(other, 'case-sensitive'), pair);
  }
  for (const pair of ['straße strasse', 'ana anna', 'é e', 'ı l'])
    assert.equal(new Set(pair.split(' ').map((id) => foldId(id, 'case-insensitive'))).size, 2, pair);
  for (let code = 0; code < 0x11_0000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const folded = foldId(`a${String.fromCodePoint(code)}\u0307`, 'case-insensitive');
    if (foldId(folded, 'case-insensitive') !== folded) assert.fail(`U+${code.toString(16)} folds further each time`);
  }
});

test('no name is everybody’s by a letter that Jenkins takes for another', () => {
  for (const id of ['anonymouſ', 'AUTHENTICATED', 'authentıcated', 'ſystem', 'role_everyone', 'FACTOR_PASSWORD'])
    assert.ok(isReservedId(id), id);
  assert.ok(isEverybody({ type: 'user', id: 'anonymouſ' }));
  for (const id of ['authentıcated', 'authentİcated']) {
    assert.ok(isEverybody({ type: 'group', id }), id);
    assert.ok(!isEverybody({ type: 'user', id }), id);
  }
});
