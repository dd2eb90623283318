import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOneTurn } from '../../src/access/breather.ts';
import { canonical } from '../../src/access/canonical.ts';
import { ScimError } from '../../src/errors.ts';
import { compileGroupPatch } from '../../src/scim/patch/groupPatch.ts';
import { readOperations } from '../../src/scim/patch/operation.ts';
import { compileUserPatch } from '../../src/scim/patch/userPatch.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import type { Attributes } from '../../src/scim/resource.ts';
import { ENTERPRISE_USER as E, PATCH_OP } from '../../src/scim/urns.ts';
import { cpuTime } from '../sim/cpuTime.ts';
import { filterish } from './filters.ts';

const LIMITS = { filterLength: 4096, filterDepth: 32 };
type ProfileName = keyof typeof DIALECTS;

const ANA: Attributes = Object.freeze({
  userName: 'ana',
  active: true,
  displayName: 'Ana',
  name: { givenName: 'Ana', familyName: 'Diaz' },
  emails: [
    { value: 'ana@corp.test', type: 'work', primary: true },
    { value: 'ana@home.test', type: 'home', display: 'home' },
  ],
  addresses: [{ type: 'work', locality: 'Sevilla', country: 'ES' }],
  [E]: { department: 'Build', manager: { value: 'boss' } },
});

function patch(operations: unknown[], from: Attributes = ANA, profile: ProfileName = 'generic'): Attributes {
  const list = readOperations({ schemas: [PATCH_OP], Operations: operations }, DIALECTS[profile]);
  return inOneTurn(inOneTurn(compileUserPatch(list, DIALECTS[profile], LIMITS))(from));
}

function refusal(operation: unknown, profile: ProfileName = 'generic'): string | undefined {
  try {
    patch([operation], ANA, profile);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ScimError, String(error));
    return error.scimType;
  }
}

const [WORK, HOME] = ANA.emails as [Attributes, Attributes];
const { primary: _, ...WORK_UNMARKED } = WORK;

/** name, operations, what differs afterwards (undefined: absent). */
const CHANGES: readonly (readonly [string, unknown[], Attributes])[] = [
  ['add of a singular attribute replaces it', [{ op: 'add', path: 'displayName', value: 'A' }], { displayName: 'A' }],
  [
    'names in any case',
    [{ op: 'REPLACE', path: 'NAME.givenname', value: 'B' }],
    { name: { givenName: 'B', familyName: 'Diaz' } },
  ],
  [
    'a complex value is merged',
    [{ op: 'replace', path: 'name', value: { middleName: 'M' } }],
    { name: { givenName: 'Ana', familyName: 'Diaz', middleName: 'M' } },
  ],
  ['remove of a sub-attribute', [{ op: 'remove', path: 'name.givenName' }], { name: { familyName: 'Diaz' } }],
  [
    'a null part of a complex value is unassigned (RFC 7643 §2.5)',
    [{ op: 'replace', path: 'name', value: { givenName: null, middleName: 'M' } }],
    { name: { familyName: 'Diaz', middleName: 'M' } },
  ],
  [
    'an empty text in a complex value, too',
    [{ op: 'replace', value: { name: { givenName: '' }, [E]: { manager: { value: '' } } } }],
    { name: { familyName: 'Diaz' }, [E]: { department: 'Build' } },
  ],
  [
    'null parts of an element that is added to',
    [{ op: 'add', path: 'emails[type eq "home"]', value: { display: null, value: 'n' } }],
    { emails: [WORK, { value: 'n', type: 'home' }] },
  ],
  [
    'a null value takes the element that is added to',
    [{ op: 'add', path: 'emails[type eq "home"]', value: { value: null } }],
    { emails: [WORK] },
  ],
  [
    'the last sub-attribute takes the whole',
    [
      { op: 'remove', path: 'name.givenName' },
      { op: 'remove', path: 'name.familyName' },
    ],
    { name: undefined },
  ],
  ['null is unassigned', [{ op: 'replace', path: 'displayName', value: null }], { displayName: undefined }],
  ['an empty string is unassigned', [{ op: 'replace', path: 'displayName', value: '' }], { displayName: undefined }],
  [
    'remove with a value of a singular attribute',
    [{ op: 'Remove', path: 'displayName', value: 'x' }],
    { displayName: undefined },
  ],
  [
    'add appends',
    [{ op: 'add', path: 'emails', value: [{ value: 'x', type: 'other' }] }],
    { emails: [WORK, HOME, { value: 'x', type: 'other' }] },
  ],
  [
    'add of a new primary one beside the old one, which says nothing of it',
    [
      {
        op: 'add',
        path: 'emails',
        value: [
          { value: 'x', primary: true },
          { ...WORK_UNMARKED, display: 'D' },
        ],
      },
    ],
    { emails: [{ ...WORK, primary: false, display: 'D' }, HOME, { value: 'x', primary: true }] },
  ],
  [
    'the old one first, and twice',
    [
      {
        op: 'add',
        path: 'emails',
        value: [{ ...WORK_UNMARKED, display: 'D' }, { value: 'x', primary: true }, WORK_UNMARKED],
      },
    ],
    { emails: [{ ...WORK, primary: false, display: 'D' }, HOME, { value: 'x', primary: true }] },
  ],
  [
    'the mark said for the old one by the second of two',
    [{ op: 'add', path: 'emails', value: [{ ...WORK_UNMARKED, display: 'D' }, WORK] }],
    { emails: [{ ...WORK, display: 'D' }, HOME] },
  ],
  [
    'add of one object',
    [{ op: 'add', path: 'emails', value: { value: 'x' } }],
    { emails: [WORK, HOME, { value: 'x' }] },
  ],
  [
    'add of what is there',
    [{ op: 'add', path: 'emails', value: [{ value: 'ANA@corp.test', type: 'Work' }, HOME] }],
    { emails: [{ ...WORK, value: 'ANA@corp.test' }, HOME] },
  ],
  [
    'add of nothing',
    [
      { op: 'add', path: 'emails', value: [] },
      { op: 'add', path: 'emails', value: null },
    ],
    {},
  ],
  ['replace of all', [{ op: 'replace', path: 'emails', value: [{ value: 'x' }] }], { emails: [{ value: 'x' }] }],
  ['replace by an empty list', [{ op: 'replace', path: 'emails', value: [] }], { emails: undefined }],
  ['bare remove of all', [{ op: 'remove', path: 'emails' }], { emails: undefined }],
  ['remove of the listed', [{ op: 'remove', path: 'emails', value: [{ value: 'ANA@home.test' }] }], { emails: [WORK] }],
  [
    'remove of the listed, of another type',
    [{ op: 'remove', path: 'emails', value: [{ value: 'ana@home.test', type: 'work' }] }],
    {},
  ],
  [
    'remove of an empty list',
    [
      { op: 'remove', path: 'emails', value: [] },
      { op: 'remove', path: 'emails', value: null },
    ],
    {},
  ],
  [
    'remove of listed parts',
    [{ op: 'remove', path: 'addresses', value: [{ country: 'es' }] }],
    { addresses: undefined },
  ],
  ['remove by a value path', [{ op: 'remove', path: 'emails[type eq "HOME"]' }], { emails: [WORK] }],
  [
    'remove of a sub-attribute by a value path',
    [{ op: 'remove', path: 'emails[type eq "home"].display' }],
    { emails: [WORK, { value: 'ana@home.test', type: 'home' }] },
  ],
  [
    'remove of its value takes the element',
    [{ op: 'remove', path: 'emails[type eq "home"].value' }],
    { emails: [WORK] },
  ],
  [
    'replace of a value leaves the rest',
    [{ op: 'replace', path: 'emails[type eq "home"].value', value: 'n' }],
    { emails: [WORK, { ...HOME, value: 'n' }] },
  ],
  [
    'replace of an element keeps what selected it',
    [{ op: 'replace', path: 'emails[type eq "home"]', value: { value: 'n' } }],
    { emails: [WORK, { value: 'n', type: 'home' }] },
  ],
  [
    'add to an element merges',
    [{ op: 'add', path: 'emails[type eq "home"]', value: { value: 'n' } }],
    { emails: [WORK, { ...HOME, value: 'n' }] },
  ],
  [
    'an absent element is created once',
    [
      { op: 'add', path: 'emails[type eq "other"].value', value: 'n' },
      { op: 'add', path: 'emails[type eq "other"].display', value: 'd' },
    ],
    { emails: [WORK, HOME, { type: 'other', value: 'n', display: 'd' }] },
  ],
  [
    'by several equalities',
    [{ op: 'add', path: 'ims[type eq "XMPP" and primary eq true].value', value: 'n' }],
    { ims: [{ type: 'xmpp', primary: true, value: 'n' }] },
  ],
  [
    'replace creates too',
    [{ op: 'replace', path: 'phoneNumbers[type eq "mobile"].value', value: 'n' }],
    { phoneNumbers: [{ type: 'mobile', value: 'n' }] },
  ],
  ['an empty value creates nothing', [{ op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '' }], {}],
  [
    'an empty value takes the element',
    [{ op: 'Replace', path: 'emails[type eq "home"].value', value: '' }],
    { emails: [WORK] },
  ],
  [
    'a new primary takes the mark',
    [{ op: 'add', path: 'emails', value: [{ value: 'x', primary: true }] }],
    { emails: [{ ...WORK, primary: false }, HOME, { value: 'x', primary: true }] },
  ],
  [
    'by a value path, too',
    [{ op: 'replace', path: 'emails[type eq "home"].primary', value: 'True' }],
    {
      emails: [
        { ...WORK, primary: false },
        { ...HOME, primary: true },
      ],
    },
  ],
  [
    'a sub-attribute of all values',
    [{ op: 'replace', path: 'emails.display', value: 'd' }],
    {
      emails: [
        { ...WORK, display: 'd' },
        { ...HOME, display: 'd' },
      ],
    },
  ],
  [
    'plain text for complex values',
    [{ op: 'add', path: 'roles', value: ['a', 'b'] }],
    { roles: [{ value: 'a' }, { value: 'b' }] },
  ],
  [
    'the extension by its URN',
    [{ op: 'add', path: E, value: { division: 'D', manager: { value: 'm' } } }],
    { [E]: { department: 'Build', division: 'D', manager: { value: 'm' } } },
  ],
  [
    'an object under the URN',
    [{ op: 'replace', value: { [E]: { division: 'D' } } }],
    { [E]: { department: 'Build', manager: { value: 'boss' }, division: 'D' } },
  ],
  [
    'a path below the URN',
    [{ op: 'replace', path: `${E}:manager.value`, value: 'm' }],
    { [E]: { department: 'Build', manager: { value: 'm' } } },
  ],
  [
    'the manager as an object with $ref and displayName',
    [{ op: 'replace', path: `${E}:manager`, value: { value: 'm', $ref: null, displayName: 'M' } }],
    { [E]: { department: 'Build', manager: { value: 'm' } } },
  ],
  ['remove of the extension', [{ op: 'remove', path: E }], { [E]: undefined }],
  ['a null for the extension', [{ op: 'replace', value: { [E]: null } }], { [E]: undefined }],
  ['a null that is added to it', [{ op: 'add', path: E, value: null }], {}],
  [
    'a name of the extension without its URN',
    [{ op: 'replace', path: 'department', value: 'D' }],
    { [E]: { department: 'D', manager: { value: 'boss' } } },
  ],
  ['a list of one for one value', [{ op: 'Replace', path: 'displayName', value: ['A'] }], { displayName: 'A' }],
  [
    'an object for a plain value',
    [{ op: 'Replace', path: 'displayName', value: [{ $ref: null, value: 'A' }] }],
    { displayName: 'A' },
  ],
  [
    'what is not the primary one, which is what does not say so',
    [{ op: 'replace', path: 'emails[primary eq false].display', value: 'd' }],
    { emails: [WORK, { ...HOME, display: 'd' }] },
  ],
  [
    'one that is not primary, made by its path',
    [{ op: 'add', path: 'ims[primary eq false].value', value: 'n' }],
    { ims: [{ primary: false, value: 'n' }] },
  ],
  [
    'pathless value paths as keys',
    [{ op: 'replace', value: { 'emails[type eq "home"].value': 'n', 'name.givenName': 'B' } }],
    { emails: [WORK, { ...HOME, value: 'n' }], name: { givenName: 'B', familyName: 'Diaz' } },
  ],
  [
    'pathless echoes',
    [
      {
        op: 'replace',
        value: { id: 'x', meta: {}, groups: [{ value: 'g' }], schemas: ['x'], password: 'p', displayName: 'A' },
      },
    ],
    { displayName: 'A' },
  ],
  [
    'pathless unknown attributes',
    [{ op: 'add', value: { shoeSize: 7, 'urn:x:title': 'y', displayName: 'A' } }],
    { displayName: 'A' },
  ],
  ['a path into a foreign schema', [{ op: 'add', path: 'urn:example:2.0:User:badge', value: '7' }], {}],
  ['a path to the password', [{ op: 'replace', path: 'password', value: 'p' }], {}],
  ['an empty path is none', [{ op: 'replace', path: '', value: { displayName: 'A' } }], { displayName: 'A' }],
  [
    'removal of what is not there',
    [
      { op: 'remove', path: 'title' },
      { op: 'remove', path: 'ims[type eq "x"]' },
      { op: 'remove', path: 'roles' },
    ],
    {},
  ],
  [
    'operations in their order',
    [
      { op: 'remove', path: 'title' },
      { op: 'add', path: 'title', value: 'a' },
      { op: 'replace', path: 'title', value: 'b' },
    ],
    { title: 'b' },
  ],
  ['active removed: unassigned', [{ op: 'remove', path: 'active' }], { active: undefined }],
  ['no operation', [], {}],
];

test('a PATCH of a user', async (t) => {
  for (const [name, operations, difference] of CHANGES)
    await t.test(name, () => {
      const wanted = { ...ANA, ...difference };
      assert.equal(canonical(patch(operations)), canonical(wanted));
      assert.equal(canonical(patch(operations, patch(operations))), canonical(patch(operations)), 'twice is once');
    });
});

test('refusals by kind', () => {
  assert.equal(refusal({ op: 'remove', path: 'userName' }), 'mutability');
  assert.equal(refusal({ op: 'replace', value: { userName: null } }), 'invalidValue');
  assert.equal(refusal({ op: 'replace', value: { active: null } }), 'mutability');
  assert.equal(refusal({ op: 'replace', path: 'emails[type sw "x"].value', value: 'n' }), 'noTarget');
  assert.equal(refusal({ op: 'add', path: 'emails[type eq "a" or type eq "b"].value', value: 'n' }), 'noTarget');
  assert.equal(refusal({ op: 'replace', path: `${E}:manager[value eq "other"].value`, value: 'n' }), 'noTarget');
  for (const path of ['ims[primary ne true].value', 'ims[primary ne false].value', 'ims[not (primary eq false)].value'])
    assert.equal(refusal({ op: 'add', path, value: 'n' }), 'noTarget', `${path} describes no value`);
  const never = 'emails[type eq "fax" and (value eq "a" and type eq "pager")]';
  assert.equal(refusal({ op: 'add', path: `${never}.display`, value: 'n' }), 'noTarget', 'no value can be both');
  assert.equal(refusal({ op: 'replace', path: never, value: { display: 'n' } }), 'noTarget');
  const twice = { op: 'add', path: 'emails[type eq "other" and type eq "OTHER"].value', value: 'n' };
  assert.deepEqual(patch([twice]).emails, [WORK, HOME, { type: 'other', value: 'n' }]);
  assert.equal(
    refusal({
      op: 'add',
      path: 'emails',
      value: [
        { value: 'a', primary: true },
        { value: 'b', primary: true },
      ],
    }),
    'invalidValue',
  );
  assert.equal(refusal({ op: 'replace', path: 'name', value: 'Ana' }), 'invalidValue');
  for (const path of ['name.givenName[familyName eq "Diaz"]', 'name.givenName[familyName eq "Diaz"].givenName'])
    assert.equal(refusal({ op: 'replace', path, value: 'n' }), 'invalidPath', 'a sub-attribute has no values');
  for (const value of [['a', 'b'], [['a']], { value: 'a', other: 1 }, [{ value: { value: 'a' } }]])
    assert.equal(refusal({ op: 'replace', path: 'displayName', value }), 'invalidValue');
  assert.equal(refusal({ op: 'add', path: 'roles', value: Array(251).fill('a') }), 'invalidValue');
  assert.equal(refusal({ op: 'remove', path: 'urn:ietf:params:scim:schemas:core:2.0:User' }), 'mutability');
});

test('two keys of one value that differ in the case of what they select are two', () => {
  const photos = ['https://x.test/A', 'https://x.test/a'].map((value) => ({ value }));
  const value = {
    'photos[value eq "https://x.test/A"].display': 'A',
    'photos[value eq "https://x.test/a"].display': 'a',
  };
  assert.deepEqual(patch([{ op: 'replace', value }], { ...ANA, photos }).photos, [
    { ...photos[0], display: 'A' },
    { ...photos[1], display: 'a' },
  ]);
});

test('what the strict profiles take apart', () => {
  const absent = { op: 'replace', path: 'phoneNumbers[type eq "fax"].value', value: 'n' };
  assert.equal(refusal(absent, 'rfc'), 'noTarget');
  assert.equal(refusal({ ...absent, op: 'add' }, 'rfc'), undefined);
  assert.equal(refusal({ op: 'remove', path: 'emails[type eq "fax"]' }, 'rfc'), 'noTarget');
  assert.equal(refusal({ op: 'replace', path: 'active', value: 'False' }, 'rfc'), 'invalidValue');
  assert.equal(refusal({ op: 'add', path: `${E}:manager`, value: 'boss' }, 'rfc'), 'invalidValue');
  for (const value of [['A'], { value: 'A' }])
    assert.equal(refusal({ op: 'replace', path: 'displayName', value }, 'rfc'), 'invalidValue');
  assert.equal(refusal({ op: 'add', path: 'urn:example:2.0:User:badge', value: '7' }, 'rfc'), 'invalidPath');
  assert.equal(refusal({ op: 'add', value: { shoeSize: 7 } }, 'rfc'), 'invalidPath');
  assert.equal(refusal({ op: 'add', value: { displayName: 'A' } }, 'interop'), 'invalidSyntax');
  assert.equal(refusal({ op: 'add', path: 'emails[type eq "work"]', value: { value: 'x' } }, 'interop'), 'invalidPath');
});

test('a list of schemas repeated inside the extension is no attribute, and no error', () => {
  const operation = { op: 'replace', path: E, value: { schemas: [E], division: 'D' } };
  const wanted = { department: 'Build', manager: { value: 'boss' }, division: 'D' };
  for (const profile of ['rfc', 'entra'] as const) assert.deepEqual(patch([operation], ANA, profile)[E], wanted);
});

test('more than 1,000 operations are refused', () => {
  const operations = (many: number) => Array(many).fill({ op: 'replace', path: 'title', value: 'x' });
  assert.equal(patch(operations(1000)).title, 'x');
  assert.throws(() => patch(operations(1001)), /more than 1000/);
});

const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('True', 'false', true, false, '', null, 'ana@home.test'),
  fc.record(
    { value: fc.constantFrom('a', 'b'), type: fc.constantFrom('work', 'home', 'x'), primary: fc.boolean() },
    { requiredKeys: ['value'] },
  ),
  fc.array(fc.record({ value: fc.constantFrom('a', 'b'), primary: fc.boolean() }, { requiredKeys: ['value'] }), {
    maxLength: 3,
  }),
  fc.dictionary(
    fc.constantFrom('displayName', 'name.givenName', 'active', '__proto__', 'constructor', 'emails', `${E}:manager`, E),
    fc.jsonValue({ maxDepth: 2 }),
  ),
);
const anyPath = fc.oneof(
  fc.constantFrom(
    'displayName',
    'active',
    'name',
    'name.familyName',
    'emails',
    'emails.value',
    'emails[type eq "work"].value',
    'emails[type eq "x"]',
    'emails[primary eq true]',
    `${E}:manager`,
    `${E}:manager[value eq "boss"]`,
    E,
    'userName',
    'id',
    '__proto__',
    'constructor.prototype',
    'roles',
  ),
  filterish,
);
const anyOperation = fc.record(
  { op: fc.constantFrom('add', 'Replace', 'REMOVE'), path: anyPath, value: anyValue },
  { requiredKeys: ['op'] },
);

test('whatever is sent: nothing but a SCIM error, the input untouched, no prototype changed, the outcome sound', () => {
  const before = canonical(ANA);
  fc.assert(
    fc.property(
      fc.array(anyOperation, { maxLength: 6 }),
      fc.constantFrom<ProfileName>('okta', 'entra', 'rfc', 'interop', 'generic'),
      (operations, profile) => {
        try {
          const after = patch(JSON.parse(JSON.stringify(operations)) as unknown[], ANA, profile);
          assert.equal(typeof after.userName, 'string');
          assert.ok(['boolean', 'undefined'].includes(typeof after.active));
          for (const list of Object.values(after).filter((value) => Array.isArray(value)))
            assert.ok(list.filter((element: Attributes) => element.primary === true).length <= 1);
          assert.equal('password' in after || 'id' in after || 'groups' in after || 'meta' in after, false);
          assert.equal(Object.getPrototypeOf(after), Object.prototype);
        } catch (error) {
          assert.ok(error instanceof ScimError, String((error as Error).stack));
        }
        assert.equal(canonical(ANA), before);
        assert.deepEqual(Object.keys(Object.prototype), []);
      },
    ),
    { numRuns: 500 },
  );
});

test('adding is idempotent where the path selects nothing that it changes', () => {
  const plain = fc.constantFrom(
    'displayName',
    'active',
    'name',
    'name.familyName',
    'emails',
    'roles',
    'addresses',
    `${E}:manager`,
    E,
  );
  fc.assert(
    fc.property(plain, anyValue, (path, value) => {
      let once: Attributes;
      const operations = [{ op: 'add', path, value: JSON.parse(JSON.stringify(value)) as unknown }];
      try {
        once = patch(operations);
      } catch {
        return;
      }
      assert.equal(canonical(patch(operations, once)), canonical(once));
    }),
    { numRuns: 500 },
  );
});

test('the most expensive PATCH that is accepted is cheap', () => {
  const long = (index: number) => `${'ﬁ'.repeat(100)}${index}`;
  const roles = Array.from({ length: 250 }, (_, index) => ({ value: long(index), type: long(index) }));
  const addresses = Array.from({ length: 250 }, (_, index) => ({ locality: long(index), country: long(index) }));
  const from = { ...ANA, roles, addresses };
  const most: unknown[][] = [
    Array.from({ length: 1000 }, (_, index) => ({ op: 'remove', path: `roles[value eq "${index}"]` })),
    Array.from({ length: 8 }, () => ({ op: 'add', path: 'roles', value: roles })),
    Array.from({ length: 8 }, () => ({
      op: 'remove',
      path: 'addresses',
      value: addresses.map(({ country }) => ({ country })),
    })),
  ];
  for (const operations of most) {
    const started = cpuTime();
    patch(operations, from);
    assert.ok(cpuTime() - started < 5000);
  }
  assert.throws(() => patch(Array(9).fill({ op: 'add', path: 'roles', value: roles }), from), /more than 2000/);
  const filter = Array(200).fill('value eq "a"').join(' or ');
  assert.throws(() => patch(Array(10).fill({ op: 'remove', path: `roles[${filter}]` }), from), /more than 2000/);
  const keys = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`k${index}`, 1]));
  assert.throws(() => patch([{ op: 'add', value: keys }]), /more than 1000 keys/);
});

test('an attribute has no more than 250 values, also where each operation adds only some', () => {
  const some = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({ value: `e${from + n}@corp.test` }));
  const { emails: _emails, ...without } = ANA;
  const full = patch(
    [
      { op: 'add', path: 'emails', value: some(0, 200) },
      { op: 'add', path: 'emails', value: some(200, 50) },
    ],
    without,
  );
  assert.equal((full.emails as unknown[]).length, 250);
  assert.equal((patch([{ op: 'add', path: 'emails', value: some(0, 9) }], full).emails as unknown[]).length, 250);
  assert.throws(
    () => patch([{ op: 'add', path: 'emails', value: some(250, 1) }], full),
    (error) => error instanceof ScimError && error.code === 'SCIM_VALUE' && error.message.includes('250'),
  );
});

test('comparisons with many long values cost little: many are refused, and each value is folded once', () => {
  const filter = (of: number) => Array.from({ length: of }, (_, n) => `value co "ﬃ${n}"`).join(' or ');
  const ims = Array.from({ length: 250 }, (_, n) => ({ value: `${n} ${'ﬃ'.repeat(200)}`, display: 'x' }));
  const remove = (of: number) => ({ op: 'remove', path: `ims[${filter(of)}].display` });
  const from = { ...ANA, ims };
  const started = cpuTime();
  assert.throws(() => patch(Array(14).fill(remove(140)), from, 'okta'), /more than 2000/);
  assert.deepEqual(patch([remove(120), remove(120)], from, 'okta'), from);
  const spent = cpuTime() - started;
  assert.ok(spent < 700, `${spent} ms`);
  const work = { op: 'replace', path: 'emails[type eq "work"].display', value: 'w' };
  assert.ok(patch(Array(1_000).fill(work)));
});

test('a PATCH of very many operations is read and done in turns, one of a few in one', () => {
  const turns = (steps: Generator<void, unknown>): number => [...steps].length;
  const user = (count: number, each: (index: number) => object) => {
    const message = { schemas: [PATCH_OP], Operations: Array.from({ length: count }, (_, index) => each(index)) };
    return readOperations(message, DIALECTS.generic);
  };
  const emails = Array.from({ length: 250 }, (_, index) => ({ value: `${index}`, type: `t${index}` }));
  const change = (index: number) => ({ op: 'replace', path: `emails[type eq "t${index % 250}"].value`, value: 'x' });
  const remove = (index: number) => ({ op: 'remove', path: `members[value eq "${index}"]` });
  for (const [count, expected] of [
    [25, 0],
    [1_000, 39],
  ] as const) {
    const operations = user(count, change);
    assert.equal(turns(compileUserPatch(operations, DIALECTS.generic, LIMITS)), expected);
    const patch = inOneTurn(compileUserPatch(operations, DIALECTS.generic, LIMITS));
    assert.equal(turns(patch({ userName: 'ana', emails })), expected);
    assert.equal(turns(compileGroupPatch(user(count, remove), DIALECTS.generic, LIMITS)), expected);
  }
});
