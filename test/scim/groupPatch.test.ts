import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOneTurn } from '../../src/access/breather.ts';
import { ScimError } from '../../src/errors.ts';
import type { GroupChange } from '../../src/scim/groupChange.ts';
import { clearsMembers, compileGroupPatch } from '../../src/scim/patch/groupPatch.ts';
import { readOperations } from '../../src/scim/patch/operation.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import { PATCH_OP } from '../../src/scim/urns.ts';
import { cpuTime } from '../sim/cpuTime.ts';
import { filterish } from './filters.ts';

const LIMITS = { filterLength: 4096, filterDepth: 32 };

function compile(operations: unknown[], profile: keyof typeof DIALECTS = 'generic'): readonly GroupChange[] {
  const list = readOperations({ schemas: [PATCH_OP], Operations: operations }, DIALECTS[profile]);
  return inOneTurn(compileGroupPatch(list, DIALECTS[profile], LIMITS));
}

function refusal(operation: unknown): string | undefined {
  try {
    compile([operation]);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ScimError, String(error));
    return error.scimType;
  }
}

const add = (...ids: string[]): GroupChange => ({ op: 'add-members', members: ids.map((value) => ({ value })) });
const remove = (...values: string[]): GroupChange => ({ op: 'remove-members', values });
const CLEAR: GroupChange = { op: 'clear-members' };

const COMPILED: readonly (readonly [string, unknown[], GroupChange[]])[] = [
  ['add', [{ op: 'Add', path: 'members', value: [{ value: 'A', $ref: null, display: 'a' }] }], [add('A')]],
  [
    'add with a type',
    [{ op: 'add', path: 'members', value: [{ value: 'A', type: 'group' }] }],
    [{ op: 'add-members', members: [{ value: 'A', type: 'Group' }] }],
  ],
  ['add of one', [{ op: 'add', path: 'MEMBERS', value: { value: 'A' } }], [add('A')]],
  ['add of plain ids', [{ op: 'add', path: 'members', value: ['A', 'B'] }], [add('A', 'B')]],
  ['duplicates', [{ op: 'add', path: 'members', value: [{ value: 'A' }, { value: 'A' }] }], [add('A')]],
  ['add of nobody', [{ op: 'add', path: 'members', value: [] }], []],
  [
    'neighbours become one',
    [
      { op: 'add', path: 'members', value: [{ value: 'A' }] },
      { op: 'add', path: 'members', value: [{ value: 'B' }] },
      { op: 'add', path: 'members', value: [{ value: 'A' }] },
    ],
    [add('A', 'B')],
  ],
  [
    'order is kept',
    [
      { op: 'add', path: 'members', value: ['A'] },
      { op: 'remove', path: 'members', value: ['A'] },
      { op: 'add', path: 'members', value: ['A'] },
    ],
    [add('A'), remove('A'), add('A')],
  ],
  ['remove listed', [{ op: 'remove', path: 'members', value: [{ value: 'A' }, { value: 'B' }] }], [remove('A', 'B')]],
  ['remove of an empty list', [{ op: 'remove', path: 'members', value: [] }], []],
  ['remove of null', [{ op: 'remove', path: 'members', value: null }], []],
  ['bare remove', [{ op: 'remove', path: 'members' }], [CLEAR]],
  [
    'remove selected',
    [
      { op: 'remove', path: 'members[value eq "A"]' },
      { op: 'remove', path: 'members[VALUE eq "B"]' },
    ],
    [remove('A', 'B')],
  ],
  ['remove selected by or', [{ op: 'remove', path: 'members[value eq "A" or value eq "B"]' }], [remove('A', 'B')]],
  ['add selected', [{ op: 'add', path: 'members[value eq "A"]', value: { display: 'a' } }], [add('A')]],
  [
    'replace selected by another',
    [{ op: 'replace', path: 'members[value eq "A"]', value: { value: 'B' } }],
    [remove('A'), add('B')],
  ],
  [
    'replace',
    [{ op: 'replace', path: 'members', value: [{ value: 'A' }] }],
    [{ op: 'replace-members', members: [{ value: 'A' }] }],
  ],
  ['replace by nobody', [{ op: 'replace', path: 'members', value: [] }], [{ op: 'replace-members', members: [] }]],
  ['pathless add', [{ op: 'add', value: { members: [{ value: 'A' }] } }], [add('A')]],
  [
    'pathless replace',
    [{ op: 'replace', value: { members: [{ value: 'A' }], id: 'x' } }],
    [{ op: 'replace-members', members: [{ value: 'A' }] }],
  ],
  ['echoes only', [{ op: 'replace', value: { id: 'x', schemas: [], meta: {} } }], []],
];

test('the strict profiles hold on to the type that is said of a member', () => {
  const operation = { op: 'add', path: 'members', value: [{ value: 'A', type: 'group' }, { value: 'B' }] };
  const members = [{ value: 'A', type: 'Group' }, { value: 'B' }];
  assert.deepEqual(compile([operation], 'rfc'), [{ op: 'add-members', members }]);
});

test('members of a PATCH become changes that read nothing', async (t) => {
  for (const [name, operations, changes] of COMPILED)
    await t.test(name, () => {
      assert.deepEqual(compile(operations), changes);
      assert.equal(clearsMembers(compile(operations)), changes.includes(CLEAR));
    });
});

test('attributes and members keep their order; attributes become one function', () => {
  const changes = compile([
    { op: 'replace', value: { id: 'x', displayName: 'one' } },
    { op: 'add', path: 'externalId', value: 'e' },
    { op: 'add', path: 'members', value: ['A'] },
    { op: 'replace', path: 'displayName', value: 'two' },
  ]);
  assert.deepEqual(
    changes.map(({ op }) => op),
    ['attributes', 'add-members', 'attributes'],
  );
  const before = Object.freeze({ displayName: 'zero' });
  const [first, , last] = changes;
  assert.ok(first?.op === 'attributes' && last?.op === 'attributes');
  assert.deepEqual(first.change(before), { displayName: 'one', externalId: 'e' });
  assert.deepEqual(last.change(first.change(before)), { displayName: 'two', externalId: 'e' });
});

test('refusals by kind', () => {
  const members = (value: unknown) => ({ op: 'add', path: 'members', value });
  for (const value of [
    [{}],
    [{ value: '' }],
    [{ value: 7 }],
    [{ value: null }],
    [7],
    [[]],
    [{ value: 'A', type: 'Robot' }],
    [{ value: 'x'.repeat(257) }],
    [{ value: '\ud800' }],
  ])
    assert.equal(refusal(members(value)), 'invalidValue', JSON.stringify(value));
  assert.equal(refusal({ op: 'remove', path: 'members[type eq "Group"]' }), 'invalidFilter');
  assert.equal(refusal({ op: 'remove', path: 'members[value co "A"]' }), 'invalidFilter');
  assert.equal(refusal({ op: 'remove', path: 'members[not (value eq "A")]' }), 'invalidFilter');
  assert.equal(refusal({ op: 'replace', path: 'members[value eq "A"].value', value: 'B' }), 'mutability');
  assert.equal(refusal({ op: 'replace', path: 'members.value', value: 'B' }), 'mutability');
  assert.equal(refusal({ op: 'remove', path: 'members[value eq "A"' }), 'invalidPath');
  assert.equal(refusal({ op: 'replace', path: 'userName', value: 'B' }), 'invalidPath');
  assert.throws(() => compile([members(['A'])], 'rfc'), /a member is an object/);
});

test('one member is a value of a PATCH as a list of one is, as for every other list (RFC 7644 §3.5.2.1)', () => {
  for (const profile of ['rfc', 'okta'] as const)
    for (const op of ['add', 'replace', 'remove']) {
      const one = { op, path: 'members', value: { value: 'A' } };
      assert.deepEqual(compile([one], profile), compile([{ ...one, value: [one.value] }], profile), `${profile} ${op}`);
    }
  const other = { op: 'replace', path: 'members[value eq "A"]', value: { value: 'B' } };
  assert.deepEqual(compile([other], 'rfc'), compile([other], 'okta'));
  assert.throws(() => compile([{ op: 'add', path: 'members', value: 'A' }], 'rfc'), /members is a list/);
});

test('256 members and 1,000 operations of one member are one change each', () => {
  const value = Array.from({ length: 256 }, (_, index) => ({ value: `m${index}` }));
  assert.equal(compile([{ op: 'add', path: 'members', value }]).length, 1);
  const single = Array.from({ length: 1000 }, (_, index) => ({
    op: 'add',
    path: 'members',
    value: [{ value: `m${index}` }],
  }));
  const [change, ...rest] = compile(single);
  assert.equal(rest.length, 0);
  assert.ok(change?.op === 'add-members' && change.members.length === 1000);
});

test('an operation that names members never clears them all, whatever it carries', () => {
  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant([]), fc.constant(null), fc.constant({}));
  fc.assert(
    fc.property(
      fc.constantFrom('add', 'remove', 'Remove'),
      fc.oneof(fc.constantFrom('members', 'members[value eq "A"]', 'members.value'), filterish),
      value,
      (op, path, carried) => {
        try {
          assert.equal(clearsMembers(compile([{ op, path, value: carried }])), false);
        } catch (error) {
          assert.ok(error instanceof ScimError, String(error));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('many operations after a large one take linear time', () => {
  const value = Array.from({ length: 100_000 }, (_, index) => ({ value: `m${index}` }));
  const operations = [
    { op: 'add', path: 'members', value },
    ...Array.from({ length: 999 }, (_, index) => ({ op: 'add', path: 'members', value: [{ value: `n${index}` }] })),
  ];
  const started = cpuTime();
  const [change] = compile(operations);
  assert.ok(change?.op === 'add-members' && change.members.length === 100_999);
  assert.ok(cpuTime() - started < 3000);
});
