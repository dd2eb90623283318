import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOneTurn, type Steps } from '../../src/access/breather.ts';
import { extensions } from '../../src/config/extension.ts';
import { type Referring, referencesIn, resolved, type Walk } from '../../src/scim/bulk/references.ts';
import { LENIENT } from '../../src/scim/profiles/dialect.ts';
import { configuredCatalogue } from '../../src/scim/schemas/configured.ts';
import { ENTERPRISE_USER as E, USER } from '../../src/scim/urns.ts';

const X = 'urn:example:scim:x:2.0:User';
const catalogue = configuredCatalogue(
  extensions.parse({ [X]: { attributes: { manager: {}, boss: { type: 'complex', attributes: { value: {} } } } } }),
);
const walk = (): Walk => ({ reading: { ...LENIENT, catalogue }, effort: { spent: 0 } });
const ids = (text: string): string | undefined => (text === 'unknown' ? undefined : `id-of-${text}`);
const resolve = (operation: Referring): unknown => inOneTurn(resolved(operation, walk(), ids));
const references = (operation: Referring): string[] => [...inOneTurn(referencesIn(operation, walk()))].sort();
const person = (data: unknown): Referring => ({ method: 'POST', type: 'User', data });
const group = (data: unknown): Referring => ({ method: 'PUT', type: 'Group', data });
const patch = (type: 'User' | 'Group', ...Operations: unknown[]): Referring => ({
  method: 'PATCH',
  type,
  data: { Operations },
});

test('in a resource: members and managers, however they are given', () => {
  const team = {
    displayName: 'bulkId:a',
    externalId: 'bulkId:a',
    MEMBERS: [{ value: 'bulkId:b', display: 'bulkId:c' }, 'bulkId:d', { Value: 'bulkId:unknown' }],
  };
  assert.deepEqual(references(group(team)), ['b', 'd', 'unknown']);
  assert.deepEqual(resolve(group(team)), {
    displayName: 'bulkId:a',
    externalId: 'bulkId:a',
    MEMBERS: [{ value: 'id-of-b', display: 'bulkId:c' }, 'id-of-d', { Value: 'bulkId:unknown' }],
  });
  for (const [data, found] of [
    [{ [E]: { manager: { value: 'bulkId:a', displayName: 'bulkId:b' } } }, ['a']],
    [{ [E.toUpperCase()]: { Manager: 'bulkId:a', department: 'bulkId:b' } }, ['a']],
    [{ [`${E}:manager`]: { value: 'bulkId:a' } }, ['a']],
    [{ 'urn:scim:schemas:extension:enterprise:1.0': { manager: { managerId: 'bulkId:a' } } }, ['a']],
    [{ members: [{ value: 'bulkId:a' }] }, []],
  ] as const)
    assert.deepEqual(references(person(data)), found, JSON.stringify(data));
});

test('what only looks like one is a text: no attribute with it refers to a resource', () => {
  const data = {
    userName: 'bulkId:a',
    title: 'bulkId:a',
    emails: [{ value: 'bulkId:a' }],
    roles: ['bulkId:a'],
    name: { formatted: 'bulkId:a' },
    [USER]: { title: 'bulkId:a', emails: [{ value: 'bulkId:a' }] },
    [X]: { manager: 'bulkId:a', boss: { value: 'bulkId:a' } },
    'urn:x:manager': 'bulkId:a',
  };
  assert.deepEqual(references(person(data)), []);
  assert.equal(resolve(person(data)), data);
  for (const operation of [
    { op: 'replace', path: 'title', value: 'bulkId:a' },
    { op: 'add', path: 'emails', value: [{ value: 'bulkId:a' }] },
    { op: 'add', path: 'emails[value eq "bulkId:a"].display', value: 'bulkId:a' },
    { op: 'replace', path: `${X}:manager`, value: 'bulkId:a' },
    { op: 'replace', value: { emails: [{ value: 'bulkId:a' }], title: 'bulkId:a' } },
    { op: 'replace', path: USER, value: { title: 'bulkId:a' } },
  ])
    assert.deepEqual(references(patch('User', operation)), [], JSON.stringify(operation));
});

test('in a PATCH: values and filters of members and managers, with a path and without', () => {
  for (const [type, operation, found] of [
    ['Group', { op: 'add', path: 'members', value: [{ value: 'bulkId:a' }, [{ value: 'bulkId:b' }]] }, ['a', 'b']],
    ['Group', { op: 'add', path: 'Members', value: { members: [{ value: 'bulkId:a' }] } }, ['a']],
    ['Group', { op: 'add', value: { members: ['bulkId:a'], displayName: 'bulkId:b' } }, ['a']],
    ['Group', { OP: 'remove', PATH: 'members[value eq "bulkId:a"]' }, ['a']],
    ['Group', { op: 'replace', path: '', value: { members: [{ value: 'bulkId:a' }] } }, ['a']],
    ['User', { op: 'add', path: `${E}:manager`, value: 'bulkId:a' }, ['a']],
    ['User', { op: 'add', path: `${E}:manager.value`, value: 'bulkId:a' }, ['a']],
    ['User', { op: 'remove', path: `${E}:manager[value eq "bulkId:a"]` }, ['a']],
    ['User', { op: 'add', path: E, value: { manager: { value: 'bulkId:a' }, division: 'bulkId:b' } }, ['a']],
    ['User', { op: 'add', value: { [E]: { manager: { value: 'bulkId:a' } } } }, ['a']],
    ['User', { op: 'add', value: { [`${E}:manager`]: 'bulkId:a' } }, ['a']],
  ] as const) {
    assert.deepEqual(references(patch(type, operation)), found, JSON.stringify(operation));
    const text = JSON.stringify(resolve(patch(type, operation)));
    for (const bulkId of found) assert.ok(text.includes(`id-of-${bulkId}`), text);
  }
});

test('PROPERTY: whatever is sent, no key gets another meaning, and without references it is the same', () => {
  const keys = fc.constantFrom('value', 'members', 'Operations', 'path', 'op', E, 'manager', '__proto__');
  const data = fc.letrec((tie) => ({
    data: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom('bulkId:a', 'members', 'plain', '', null, 1, true),
      fc.array(tie('data'), { maxLength: 4 }),
      fc.array(fc.tuple(keys, tie('data')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).data;
  const methods = fc.constantFrom('POST', 'PUT', 'PATCH') as fc.Arbitrary<'POST'>;
  fc.assert(
    fc.property(methods, fc.constantFrom('User' as const, 'Group' as const), data, (method, type, sent) => {
      const operation = { method, type, data: sent };
      const found = resolve(operation);
      assert.equal(JSON.stringify(found)?.replaceAll('id-of-a', 'bulkId:a'), JSON.stringify(sent));
      if (references(operation).length === 0) assert.equal(found, sent);
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
  for (const operation of [group({ members }), patch('Group', { op: 'add', path: 'members', value: members })]) {
    assert.ok(turns(referencesIn(operation, walk())) >= 10);
    assert.ok(turns(resolved(operation, walk(), ids)) >= 10);
  }
  const wide = Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`k${n}`, 'bulkId:a']));
  assert.ok(turns(referencesIn(group({ members: [wide] }), walk())) >= 10);
  // Refused by whoever reads it: so many names are not looked up first.
  const names = person({ ...wide, [E]: { manager: 'bulkId:b' } });
  const { user } = process.cpuUsage();
  assert.deepEqual(references(names), []);
  assert.ok(process.cpuUsage({ user, system: 0 }).user < 1_000_000);
  const small = group({ members: members.slice(0, 10) });
  const together = walk();
  const many = Array.from({ length: 2_000 }, () => turns(referencesIn(small, together)));
  assert.ok(many.filter((count) => count > 1).length >= 2, 'many small ones count together');
});
