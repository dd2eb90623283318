import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOneTurn } from '../../src/access/breather.ts';
import { ScimError } from '../../src/errors.ts';
import type { GroupChange } from '../../src/scim/groupChange.ts';
import { compileGroupPatch } from '../../src/scim/patch/groupPatch.ts';
import { readOperations } from '../../src/scim/patch/operation.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import { PATCH_OP } from '../../src/scim/urns.ts';

function compile(operation: object, profile: keyof typeof DIALECTS = 'generic'): readonly GroupChange[] | string {
  try {
    const message = { schemas: [PATCH_OP], Operations: [{ path: 'members', ...operation }] };
    return inOneTurn(
      compileGroupPatch(readOperations(message, DIALECTS[profile]), DIALECTS[profile], {
        ...{ filterLength: 4096, filterDepth: 32 },
      }),
    );
  } catch (error) {
    assert.ok(error instanceof ScimError, String(error));
    return error.code;
  }
}

const add = (...ids: string[]): GroupChange => ({ op: 'add-members', members: ids.map((value) => ({ value })) });
const remove = (...values: string[]): GroupChange => ({ op: 'remove-members', values });
const at = (...ids: string[]): string => `members[${ids.map((id) => `value eq "${id}"`).join(' or ')}]`;

test('only a removal without a value empties a group; an empty list and null are nobody', () => {
  assert.deepEqual(compile({ op: 'remove' }), [{ op: 'clear-members' }]);
  for (const value of [[], null]) assert.deepEqual(compile({ op: 'remove', value }), [], JSON.stringify(value));
  assert.deepEqual(compile({ op: 'remove', value: [{ value: 'A' }] }), [remove('A')]);
});

test('members are selected by their ids, several by or; any other filter is told that it is not supported (RFC 7644 §3.12)', () => {
  assert.deepEqual(compile({ op: 'remove', path: at('A') }), [remove('A')]);
  assert.deepEqual(compile({ op: 'remove', path: at('A', 'B', 'A') }), [remove('A', 'B')]);
  for (const filter of [
    'value ne "A"',
    'display eq "A"',
    'value eq "A" and value eq "B"',
    'value eq "A" or display eq "B"',
  ])
    assert.equal(compile({ op: 'remove', path: `members[${filter}]` }), 'SCIM_FILTER', filter);
});

test('who is selected is a member afterwards, unless the value names somebody else instead', () => {
  for (const op of ['add', 'replace']) {
    assert.deepEqual(compile({ op, path: at('A'), value: [{ value: 'A' }] }), [add('A')]);
    assert.deepEqual(compile({ op, path: at('A'), value: [{ display: 'a' }] }), [add('A')]);
    assert.deepEqual(compile({ op, path: at('A'), value: { display: 'a' } }), [add('A')]);
    assert.deepEqual(compile({ op, path: at('A'), value: [{ VALUE: 'B', display: 'b' }] }), [remove('A'), add('B')]);
    assert.deepEqual(compile({ op, path: at('A', 'B'), value: [{ value: 'B' }, { value: 'C' }] }), [
      remove('A'),
      add('B', 'C'),
    ]);
  }
});

test('a list that is named again in its value is that list, where a profile forgives it', () => {
  const value = { Members: [{ value: 'A' }, { value: 'B' }] };
  for (const profile of Object.keys(DIALECTS) as (keyof typeof DIALECTS)[]) {
    const found = compile({ op: 'add', value }, profile);
    if (DIALECTS[profile].shorthand) assert.deepEqual(found, [add('A', 'B')], profile);
    else assert.equal(typeof found, 'string', profile);
  }
  for (const other of [{ members: 'A' }, { others: [{ value: 'A' }] }, { members: [{ value: 'A' }], more: 1 }])
    assert.equal(typeof compile({ op: 'add', value: other }), 'string', JSON.stringify(other));
});
