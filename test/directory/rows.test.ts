import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { requireVersion } from '../../src/directory/condition.ts';
import { difference } from '../../src/directory/groups/difference.ts';
import { groupColumns } from '../../src/directory/groups/groupRow.ts';
import { onlyLessens } from '../../src/directory/groups/lessening.ts';
import { emailRows, userColumns } from '../../src/directory/users/userRow.ts';
import type { Attributes } from '../../src/scim/resource.ts';
import { ENTERPRISE_USER } from '../../src/scim/urns.ts';
import { person } from './filters.ts';

test('attributes differ by value, not by the order of keys', () => {
  assert.deepEqual(difference({ a: { x: 1, y: [1, 2] } }, { a: { y: [1, 2], x: 1 } }), []);
  assert.deepEqual(difference({ a: 1, b: 2, gone: 3 }, { a: 1, b: '2', come: undefined, new: null }), [
    'b',
    'gone',
    'new',
  ]);
  assert.deepEqual(difference({ list: [1, 2] }, { list: [2, 1] }), ['list']);
});

test('no attribute differs from itself, and a document gives back what it was made from', () => {
  fc.assert(
    fc.property(person, fc.string({ minLength: 1 }), (attributes, userName) => {
      const whole = { ...attributes, userName };
      const back = JSON.parse(userColumns(whole).document) as Attributes;
      assert.deepEqual(difference(whole, back), []);
      assert.deepEqual(difference(whole, { ...back, userName: `${userName}.` }), ['userName']);
    }),
  );
});

test('a change only takes away where nothing is there that was not', () => {
  const before: Attributes = {
    ...{ userName: 'ana', active: true, title: 'Dr', externalId: 'e1' },
    name: { givenName: 'Ana', familyName: 'Lee' },
    emails: [{ value: 'a@x.test', type: 'work', primary: true }, { value: 'b@x.test' }],
    roles: [{ value: 'r1' }],
    [ENTERPRISE_USER]: { department: 'Pay', manager: { value: 'm1' } },
  };
  const lessens = (change: Attributes): boolean => {
    const after = JSON.parse(JSON.stringify({ ...before, ...change })) as Attributes;
    return onlyLessens(before, after, difference(before, after));
  };
  const lessening: Attributes[] = [
    { active: false },
    { active: undefined },
    { title: undefined },
    { emails: undefined },
    { emails: [{ value: 'b@x.test' }] },
    { name: { givenName: 'Ana' } },
    { [ENTERPRISE_USER]: { manager: { value: 'm1' } } },
    { active: false, roles: undefined, title: undefined },
  ];
  for (const change of lessening) assert.equal(lessens(change), true, JSON.stringify(change));
  const giving: Attributes[] = [
    { title: 'Prof' },
    { nickName: 'an' },
    { emails: [{ value: 'b@x.test' }, { value: 'c@x.test' }] },
    { emails: [{ value: 'b@x.test', primary: true }] },
    { emails: 'a@x.test' },
    { phoneNumbers: [{ value: '1' }] },
    { phoneNumbers: { value: '1' } },
    { title: ['Dr'] },
    { name: { givenName: 'Ana', middleName: 'B' } },
    { name: 'Ana' },
    { [ENTERPRISE_USER]: { department: 'Ops', manager: { value: 'm1' } } },
    { active: false, title: 'Prof' },
    { roles: undefined, externalId: 'e2' },
  ];
  for (const change of giving) assert.equal(lessens(change), false, JSON.stringify(change));
  assert.equal(onlyLessens({ ...before, active: false }, before, ['active']), false);
});

test('names of the prototype are names like others', () => {
  const odd = JSON.parse('{"userName":"ana","__proto__":{"active":true},"constructor":"x"}') as Attributes;
  const columns = userColumns(odd);
  assert.equal(columns.active, 0);
  assert.equal(userColumns({ ...odd, active: true }).active, 1);
  assert.deepEqual(difference(odd, JSON.parse(columns.document) as Attributes), []);
  assert.deepEqual(difference({ userName: 'ana' }, odd), ['__proto__', 'constructor']);
});

test('the e-mail of a person is the primary one, else the first that has a value', () => {
  const email = (emails: unknown): string | null => userColumns({ userName: 'ana', emails }).email;
  assert.equal(email([{ value: 'a' }, { value: 'b', primary: true }]), 'b');
  assert.equal(email([{ type: 'work', primary: true }, { value: 'b' }, { value: 'c' }]), 'b');
  for (const none of [undefined, null, [], 'a@x', [{ value: 7 }]]) assert.equal(email(none), null);
  assert.deepEqual(emailRows('id', { emails: [{ value: 'A@X', type: 'work' }] }), [
    { user_id: 'id', value: 'A@X', value_key: 'a@x', type: 'work', is_primary: 0 },
  ]);
});

test('documents hold nothing that is kept elsewhere', () => {
  const all = { id: 1, meta: {}, schemas: [], password: 'x', groups: [] };
  assert.equal(userColumns({ userName: 'ana', ...all }).document, '{"userName":"ana"}');
  assert.equal(
    groupColumns({ displayName: 'ops', id: 1, meta: {}, schemas: [], members: [] }).document,
    '{"displayName":"ops"}',
  );
});

test('If-Match holds for one of its versions or for any, If-None-Match for none of them', () => {
  const named = [['3'], ['1', '3'], ['*']];
  const others = [[], ['2'], ['03'], ['3 '], ['W/"3"']];
  for (const match of [undefined, ...named])
    for (const noneMatch of [undefined, ...others]) requireVersion(3, { match, noneMatch });
  requireVersion(3, undefined);
  for (const match of others) assert.throws(() => requireVersion(3, { match }), { code: 'SCIM_VERSION' });
  for (const noneMatch of named)
    for (const match of [undefined, ['3']])
      assert.throws(() => requireVersion(3, { match, noneMatch }), { code: 'SCIM_VERSION' });
});
