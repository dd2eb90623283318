import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOneTurn } from '../../src/access/breather.ts';
import { extensions } from '../../src/config/extension.ts';
import { readName } from '../../src/scim/attributeName.ts';
import { parseFilter } from '../../src/scim/filter/parseFilter.ts';
import { currentName } from '../../src/scim/formerUrn.ts';
import { readResource } from '../../src/scim/intake/resource.ts';
import { readOperations } from '../../src/scim/patch/operation.ts';
import { compileUserPatch } from '../../src/scim/patch/userPatch.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import type { Leniency } from '../../src/scim/profiles/leniency.ts';
import type { Attributes } from '../../src/scim/resource.ts';
import { configuredCatalogue } from '../../src/scim/schemas/configured.ts';
import { ENTERPRISE_USER as E, PATCH_OP, USER } from '../../src/scim/urns.ts';

const E1 = 'urn:scim:schemas:extension:enterprise:1.0';
const FORMER = [E1, `${E1}:User`, 'urn:scim:schemas:extension:enterprise:2.0', E1.toUpperCase()];
const LIMITS = { filterLength: 4096, filterDepth: 32 };

/** A dialect, and what it was told. */
function hearing(profile: keyof typeof DIALECTS = 'generic') {
  const noted: Leniency[] = [];
  return { noted, dialect: { ...DIALECTS[profile], note: (kind: Leniency) => noted.push(kind) } };
}

function user(body: object): Attributes {
  return readResource('User', { schemas: [USER], userName: 'ana', ...body }, hearing().dialect).attributes;
}

test('a former name is that of today, by itself and before an attribute', () => {
  for (const former of FORMER)
    for (const rest of ['', ':department', ':manager.value', '.department']) {
      const { dialect, noted } = hearing();
      assert.equal(currentName(former + rest, dialect), E + rest);
      assert.deepEqual(noted, ['former-urn'], former + rest);
    }
});

test('what only looks like one is as it is, and nothing is counted', () => {
  const { dialect, noted } = hearing();
  for (const name of [
    E,
    `${E}:department`,
    'department',
    '',
    'urn:scim:schemas:core:1.0',
    'urn:scim:schemas:extension:enterprise:1.1',
    `${E1}0:department`,
    `${E1}x`,
    ` ${E1}`,
    `x${E1}:department`,
    'urn:scim:schemas:extension:enterprise',
  ])
    assert.equal(currentName(name, dialect), name);
  assert.deepEqual(noted, []);
});

test('any text: it is kept, or one that the schemas of today read', () => {
  const { dialect } = hearing();
  const name = fc.tuple(fc.constantFrom('', ...FORMER), fc.string({ maxLength: 12 })).map((parts) => parts.join(''));
  fc.assert(
    fc.property(name, (text) => {
      const current = currentName(text, dialect);
      if (current === text) return;
      assert.ok(current.startsWith(E) && text.endsWith(current.slice(E.length)));
      assert.notDeepEqual(readName(current, 'User'), { kind: 'unknown', foreign: true });
    }),
  );
});

test('the strict profiles have it as any other foreign URN', () => {
  for (const profile of ['rfc', 'interop'] as const) {
    const { dialect, noted } = hearing(profile);
    assert.equal(currentName(`${E1}:department`, dialect), `${E1}:department`);
    assert.throws(() => readResource('User', { schemas: [USER, E1], userName: 'ana' }, dialect), /no schema of User/);
    assert.throws(() => readResource('User', { schemas: [USER], userName: 'ana', [E1]: {} }, dialect), /no attribute/);
    assert.equal(noted.includes('former-urn'), false);
  }
});

test('an own schema of the configuration that is called so stays what it is', () => {
  const catalogue = configuredCatalogue(extensions.parse({ [E1]: { attributes: { department: {} } } }));
  const { dialect, noted } = hearing();
  const own = { ...dialect, catalogue };
  const body = { schemas: [USER, E1], userName: 'ana', [E1]: { department: 'mine' }, [E]: { department: 'theirs' } };
  const { attributes } = readResource('User', body, own);
  assert.deepEqual([attributes[E1], attributes[E]], [{ department: 'mine' }, { department: 'theirs' }]);
  assert.deepEqual(noted, []);
});

test('a body: under the former name, beside that of today, attribute by attribute', () => {
  assert.deepEqual(user({ [E1]: { department: 'D', manager: 'boss', shoe: 1 } })[E], {
    department: 'D',
    manager: { value: 'boss' },
  });
  assert.deepEqual(user({ [`${E1}:costCenter`]: '7', [E1]: { division: 'V' } })[E], { costCenter: '7', division: 'V' });
  assert.equal(E in user({ [E1]: null }), false);
  assert.equal(E in user({ [E1]: {} }), false);
});

test('the id of a manager, as SCIM 1.1 named it, in a body and in a PATCH', () => {
  assert.deepEqual(user({ [E1]: { manager: { managerId: 'boss', displayName: 'Bo' } } })[E], {
    manager: { value: 'boss' },
  });
  assert.deepEqual(user({ [E]: { manager: { managerId: 'then', value: 'now' } } })[E], { manager: { value: 'now' } });
  assert.deepEqual(user({ [E]: { manager: { value: 'now', MANAGERID: 'then' } } })[E], { manager: { value: 'now' } });
  const { dialect, noted } = hearing();
  for (const operation of [
    { op: 'replace', path: `${E1}:manager`, value: { managerId: 'boss' } },
    { op: 'add', value: { [E]: { manager: { managerId: 'boss' } } } },
  ]) {
    const list = readOperations({ schemas: [PATCH_OP], Operations: [operation] }, dialect);
    assert.deepEqual(inOneTurn(inOneTurn(compileUserPatch(list, dialect, LIMITS))({ userName: 'ana' }))[E], {
      manager: { value: 'boss' },
    });
  }
  assert.ok(noted.includes('former-urn'));
  const strict = { schemas: [USER, E], userName: 'ana', [E]: { manager: { managerId: 'boss' } } };
  assert.throws(() => readResource('User', strict, hearing('rfc').dialect), /no sub-attribute/);
});

test('who sends both names is no reason for an error: what the one of today says counts, in any order', () => {
  const now = { [E]: { department: 'now' } };
  const then = { [E1]: { department: 'then', division: 'V' } };
  for (const both of [
    { ...now, ...then },
    { ...then, ...now },
  ])
    assert.deepEqual(user(both)[E], { department: 'now', division: 'V' });
});

test('a PATCH: in paths, with a value path and as the key of an object', () => {
  const patched = (...operations: object[]): Attributes => {
    const { dialect } = hearing();
    const list = readOperations({ schemas: [PATCH_OP], Operations: operations }, dialect);
    const from = { userName: 'ana', active: true, [E]: { department: 'Build', division: 'V' } };
    return inOneTurn(inOneTurn(compileUserPatch(list, dialect, LIMITS))(from));
  };
  assert.deepEqual(patched({ op: 'replace', path: `${E1}:department`, value: 'D' })[E], {
    department: 'D',
    division: 'V',
  });
  assert.deepEqual(patched({ op: 'add', path: `${E1}:manager[value eq "b"].value`, value: 'b' })[E], {
    department: 'Build',
    division: 'V',
    manager: { value: 'b' },
  });
  assert.deepEqual(patched({ op: 'replace', value: { [E1]: { department: 'D' } } })[E], {
    department: 'D',
    division: 'V',
  });
  assert.deepEqual(patched({ op: 'remove', path: `${E1}:department` })[E], { division: 'V' });
  assert.equal(E in patched({ op: 'remove', path: E1 }), false);
});

test('the id of a manager by its name of SCIM 1.1: in a path, as the key of an object, behind and within brackets', () => {
  const patched = (operation: object, profile: 'generic' | 'rfc' = 'generic') => {
    const { dialect, noted } = hearing(profile);
    const list = readOperations({ schemas: [PATCH_OP], Operations: [operation] }, dialect);
    const after = inOneTurn(
      inOneTurn(compileUserPatch(list, dialect, LIMITS))({ userName: 'ana', [E]: { manager: { value: 'boss' } } }),
    );
    return { manager: (after[E] as Attributes | undefined)?.manager, noted };
  };
  for (const operation of [
    { op: 'replace', path: `${E}:manager.managerId`, value: 'm' },
    { op: 'replace', path: `${E1}:manager.MANAGERID`, value: 'm' },
    { op: 'add', path: 'manager.managerId', value: 'm' },
    { op: 'replace', path: `${E}:manager[managerId eq "boss"].value`, value: 'm' },
    { op: 'replace', path: `${E}:manager[value eq "boss"].managerId`, value: 'm' },
    { op: 'replace', value: { [`${E}:manager.managerId`]: 'm' } },
    { op: 'replace', value: { [E]: { 'manager.managerId': 'm' } } },
  ]) {
    const { manager, noted } = patched(operation);
    assert.deepEqual(manager, { value: 'm' }, JSON.stringify(operation));
    assert.ok(noted.includes('former-urn'), JSON.stringify(operation));
    assert.throws(() => patched(operation, 'rfc'), /is no (sub-)?attribute|is not valid/);
  }
  for (const value of ['', null, []])
    assert.equal(patched({ op: 'replace', path: `${E}:manager.managerId`, value }).manager, undefined);
  const filter = (text: string) =>
    parseFilter(text, 'User', LIMITS, { ...hearing().dialect, lenient: true, unknown: 'refuse' });
  assert.deepEqual(filter(`${E1}:manager.managerId eq "m"`), filter(`${E}:manager.value eq "m"`));
});
