import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOneTurn } from '../../src/access/breather.ts';
import { distinct } from '../../src/scim/distinct.ts';
import { identity } from '../../src/scim/identity.ts';
import { readResource } from '../../src/scim/intake/resource.ts';
import { readOperations } from '../../src/scim/patch/operation.ts';
import { compileUserPatch } from '../../src/scim/patch/userPatch.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import type { Leniency } from '../../src/scim/profiles/leniency.ts';
import type { Attributes } from '../../src/scim/resource.ts';
import type { AttributeDefinition } from '../../src/scim/schemas/attribute.ts';
import { findAttribute } from '../../src/scim/schemas/catalogue.ts';
import { PATCH_OP, USER } from '../../src/scim/urns.ts';

const LIMITS = { filterLength: 4096, filterDepth: 32 };
const EMAILS = definition('emails');
const TAGS: AttributeDefinition = { ...definition('nickName'), name: 'tags', multiValued: true };

function definition(name: string): AttributeDefinition {
  return findAttribute('User', USER, name)!.definition;
}

/** What is left, and how often it was said that something was merged. */
function once<T>(of: AttributeDefinition, values: readonly T[]): readonly [readonly T[], number] {
  let merged = 0;
  return [distinct(of, values, () => merged++), merged];
}

function read(body: object, profile: keyof typeof DIALECTS = 'rfc'): readonly [Attributes, readonly Leniency[]] {
  const noted = new Set<Leniency>();
  const dialect = { ...DIALECTS[profile], note: (kind: Leniency) => noted.add(kind) };
  const { attributes } = readResource('User', { schemas: [USER], userName: 'ana', ...body }, dialect);
  return [attributes, [...noted]];
}

function patched(from: Attributes, ...operations: object[]): readonly [Attributes, readonly Leniency[]] {
  const noted = new Set<Leniency>();
  const dialect = { ...DIALECTS.rfc, note: (kind: Leniency) => noted.add(kind) };
  const list = readOperations({ schemas: [PATCH_OP], Operations: operations }, dialect);
  return [inOneTurn(inOneTurn(compileUserPatch(list, dialect, LIMITS))(from)), [...noted]];
}

test('the same value of the same type stands once, where it is first, with what only later ones say', () => {
  const [emails, merged] = once(EMAILS, [
    { value: 'b' },
    { value: 'a', type: 'work', display: 'first' },
    { value: 'a', type: 'home' },
    { value: 'A', type: 'WORK', display: 'later' },
    { value: 'B', display: 'only here' },
  ]);
  assert.deepEqual(emails, [
    { value: 'b', display: 'only here' },
    { value: 'a', type: 'work', display: 'first' },
    { value: 'a', type: 'home' },
  ]);
  assert.equal(merged, 1);
});

test('it is the primary one if any of them is, wherever that stands', () => {
  for (const marks of [
    [true, undefined],
    [undefined, true],
    [false, true],
    [true, false],
    [true, true],
    [undefined, false, true],
  ]) {
    const values = marks.map((primary) => ({ value: 'a', ...(primary === undefined ? {} : { primary }) }));
    assert.deepEqual(once(EMAILS, values)[0], [{ value: 'a', primary: true }], JSON.stringify(marks));
  }
  assert.deepEqual(once(EMAILS, [{ value: 'a', primary: false }, { value: 'a' }])[0], [{ value: 'a', primary: false }]);
});

test('a type and none, letters of a value that is case-exact and postal addresses that differ stay apart', () => {
  for (const [name, values] of [
    ['emails', [{ value: 'a' }, { value: 'a', type: 'work' }]],
    ['photos', [{ value: 'https://x.test/A' }, { value: 'https://x.test/a' }]],
    ['x509Certificates', [{ value: 'AAAA' }, { value: 'aaaa' }]],
    ['addresses', [{ locality: 'Sevilla' }, { locality: 'Sevilla', country: 'ES' }]],
  ] as const) {
    const [left, merged] = once<Attributes>(definition(name), values);
    assert.equal(left, values, name);
    assert.equal(merged, 0, name);
  }
});

test('a list of texts, too', () => {
  assert.deepEqual(once(TAGS, ['b', 'a', 'B', 'A', 'b']), [['b', 'a'], 1]);
  assert.deepEqual(once(TAGS, ['a']), [['a'], 0]);
});

const element = fc
  .record(
    {
      value: fc.constantFrom('a', 'A', 'b', 'ß', 'SS', 'ss'),
      type: fc.constantFrom('work', 'home', 'WORK'),
      display: fc.constantFrom('x', 'y'),
      primary: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map((item): Attributes => ({ ...item }));

test('whatever the list: no pair twice, none lost or new, in its order, and doing it again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(element, { maxLength: 8 }), (values) => {
      const [left, merged] = once(EMAILS, values);
      const keys = left.map((item) => identity(EMAILS, item));
      const wanted = [...new Set(values.map((item) => identity(EMAILS, item)))];
      assert.deepEqual(keys, wanted);
      assert.equal(merged, left.length < values.length ? 1 : 0);
      const isMarked = (list: readonly Attributes[], key: string) =>
        list.some((item) => item.primary === true && identity(EMAILS, item) === key);
      for (const key of keys) assert.equal(isMarked(left, key), isMarked(values, key), key);
      for (const item of left)
        for (const [name, part] of Object.entries(item)) assert.ok(values.some((given) => given[name] === part));
      assert.deepEqual(once(EMAILS, left), [left, 0]);
    }),
  );
});

test('a body: two primary marks of one value are one, those of two values are refused', () => {
  const twice = [
    { value: 'a', type: 'work', primary: true },
    { value: 'A', type: 'work', primary: true },
  ];
  assert.deepEqual(read({ emails: twice }), [
    { userName: 'ana', active: true, emails: [twice[0]] },
    ['repeated-value'],
  ]);
  assert.throws(() => read({ emails: [twice[0], { value: 'b', primary: true }] }), /more than one primary/);
});

test('all profiles store it once', () => {
  for (const profile of Object.keys(DIALECTS) as (keyof typeof DIALECTS)[]) {
    const [{ roles }, noted] = read({ roles: [{ value: 'dev' }, { value: 'ops' }, { value: 'DEV' }] }, profile);
    assert.deepEqual([roles, noted], [[{ value: 'dev' }, { value: 'ops' }], ['repeated-value']], profile);
  }
});

test('Entra: a role that is packed and one that is plain are one', () => {
  const packed = JSON.stringify({ id: '1', value: 'ci.admin', displayName: 'CI Admin' });
  const [{ roles }] = read({ roles: [{ value: 'ci.admin' }, { value: packed }] }, 'entra');
  assert.deepEqual(roles, [{ value: 'ci.admin', display: 'CI Admin' }]);
});

test('a PATCH: what it gives twice, what it makes the same, and what was stored twice before', () => {
  const from: Attributes = {
    userName: 'ana',
    emails: [
      { value: 'a', type: 'work' },
      { value: 'A', type: 'home', primary: true },
    ],
  };
  const one = [{ value: 'a', type: 'work', primary: true }];
  const given = patched(from, { op: 'replace', path: 'emails', value: [one[0], { value: 'A', type: 'work' }] });
  assert.deepEqual(given, [{ userName: 'ana', emails: one }, ['repeated-value']]);
  const added = patched(from, { op: 'add', path: 'roles', value: [{ value: 'dev' }, { value: 'dev', display: 'D' }] });
  assert.deepEqual(added[0].roles, [{ value: 'dev', display: 'D' }]);
  const made = patched(from, { op: 'replace', path: 'emails[type eq "home"].type', value: 'work' });
  assert.deepEqual(made, [{ userName: 'ana', emails: one }, ['repeated-value']]);
  const between = patched(
    from,
    { op: 'replace', path: 'emails[type eq "home"].type', value: 'work' },
    { op: 'replace', path: 'emails[primary eq true].type', value: 'other' },
  );
  assert.deepEqual(between, [
    {
      userName: 'ana',
      emails: [
        { value: 'a', type: 'work' },
        { value: 'A', type: 'other', primary: true },
      ],
    },
    [],
  ]);
  const before = patched(
    { ...from, roles: [{ value: 'dev' }, { value: 'dev' }] },
    { op: 'replace', path: 'userName', value: 'bo' },
  );
  assert.deepEqual(before[0].roles, [{ value: 'dev' }]);
});
