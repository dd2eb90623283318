import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOneTurn } from '../../src/access/breather.ts';
import { extensions } from '../../src/config/extension.ts';
import { ScimError } from '../../src/errors.ts';
import { instantOf } from '../../src/scim/instantOf.ts';
import { readLargeMembers, readMembers } from '../../src/scim/intake/members.ts';
import { readResource } from '../../src/scim/intake/resource.ts';
import { nesting, parseJson } from '../../src/scim/json.ts';
import { readOperations } from '../../src/scim/patch/operation.ts';
import { compileUserPatch } from '../../src/scim/patch/userPatch.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import type { Attributes } from '../../src/scim/resource.ts';
import { configuredCatalogue } from '../../src/scim/schemas/configured.ts';
import { ADSCIM_GROUP, ENTERPRISE_USER as E, GROUP, PATCH_OP, USER } from '../../src/scim/urns.ts';

const { generic, rfc } = DIALECTS;

function user(body: object, previous?: Attributes): Attributes {
  return readResource('User', { userName: 'ana', ...body }, generic, previous).attributes;
}

test('a user is stored in canonical spelling, without what the client may not write', () => {
  const { attributes } = readResource(
    'User',
    {
      schemas: [USER, E],
      ID: 'x',
      id: 'x',
      meta: { created: 'x' },
      groups: [{ value: 'g' }],
      PASSWORD: 'p',
      USERNAME: 'Ana',
      NAME: { GIVENNAME: 'A', formatted: null, middleName: '' },
      Emails: [{ VALUE: 'a', Type: 'WORK', PRIMARY: 'True', shoe: 1 }, { type: 'home' }, null],
      roles: [],
      title: null,
      phoneNumbers: '+34',
      [E.toUpperCase()]: { Department: 'D', manager: 'boss', costCenter: '' },
      [`${E}:division`]: 'V',
    },
    generic,
  );
  assert.deepEqual(attributes, {
    userName: 'Ana',
    name: { givenName: 'A' },
    emails: [{ value: 'a', type: 'work', primary: true }],
    phoneNumbers: [{ value: '+34' }],
    active: true,
    [E]: { department: 'D', manager: { value: 'boss' }, division: 'V' },
  });
});

test('defaults: active is true for a new user, what it was for a replaced one', () => {
  assert.equal(user({}).active, true);
  assert.equal(user({ active: false }).active, false);
  assert.equal(user({ active: null }).active, true);
  assert.equal(user({}, { active: false }).active, false);
  assert.equal('active' in user({}, {}), false);
  assert.equal(user({ active: 'true' }, { active: false }).active, true);
});

test('unassigned extension data leaves no trace', () => {
  assert.equal(E in user({ [E]: {} }), false);
  assert.equal(E in user({ [E]: { department: '', manager: { value: '' }, division: null } }), false);
  assert.equal(E in user({ [E]: null }), false);
  assert.throws(() => user({ [E]: 'x' }), ScimError);
});

test('null and an empty list are no value, in every profile (RFC 7643 §2.5)', () => {
  for (const [profile, dialect] of Object.entries(DIALECTS))
    for (const nothing of [null, []]) {
      const body = { schemas: [USER, E], userName: 'ana', emails: nothing, roles: nothing, [E]: { department: null } };
      const { attributes } = readResource('User', body, dialect);
      assert.deepEqual(attributes, { userName: 'ana', active: true }, profile);
    }
});

test('an empty string is a value in the strict profiles, not for what is required', () => {
  const strict = (body: object) => readResource('User', { schemas: [USER], userName: 'ana', ...body }, rfc).attributes;
  assert.equal(strict({ title: '' }).title, '');
  assert.throws(() => strict({ userName: '' }), /userName is required/);
});

test('texts: what is refused and what is not', () => {
  for (const wrong of ['a\u0000b', 'a\u0085b', 'a\u001bb', 'a\nb'])
    assert.throws(() => user({ userName: wrong }), ScimError);
  for (const fine of ['ana pérez', "o'brien+1@x.test", '山田', 'a b', '😀'])
    assert.equal(user({ userName: fine }).userName, fine);
  assert.deepEqual(user({ addresses: [{ formatted: 'a\nb' }] }).addresses, [{ formatted: 'a\nb' }]);
  assert.throws(() => user({ title: 'a\u0000b' }), ScimError);
  assert.throws(() => user({ title: 'x'.repeat(4097) }), /longer than 4096/);
  assert.equal(user({ x509Certificates: [{ value: 'MIIB/+==' }] }).x509Certificates !== undefined, true);
  assert.throws(() => user({ x509Certificates: [{ value: '<pem>' }] }), /Base64/);
});

test('a group: members are apart, absent where the body does not speak of them', () => {
  const read = (body: object) => readResource('Group', { displayName: 'ci', ...body }, generic);
  assert.deepEqual(read({}), { attributes: { displayName: 'ci' } });
  assert.deepEqual(read({ members: [] }), { attributes: { displayName: 'ci' }, members: [] });
  assert.deepEqual(read({ MEMBERS: [{ value: 'A', display: 'x', $ref: null }] }).members, [{ value: 'A' }]);
  assert.deepEqual(read({ schemas: [GROUP, ADSCIM_GROUP], externalId: 'e' }).attributes, {
    displayName: 'ci',
    externalId: 'e',
  });
  assert.throws(() => readResource('Group', {}, generic), /displayName is required/);
  assert.doesNotThrow(() => readResource('Group', { schemas: [GROUP, ADSCIM_GROUP], displayName: 'ci' }, rfc));
});

test('strict profiles: schemas are consistent with the data', () => {
  const read = (body: object) => readResource('User', { userName: 'ana', ...body }, rfc);
  assert.throws(() => read({}), /schemas is missing/);
  assert.throws(() => read({ schemas: [E] }), /schemas lacks .*core:2.0:User/);
  assert.throws(() => read({ schemas: [USER], [E]: { department: 'x' } }), /schemas lacks .*enterprise/);
  assert.throws(() => read({ schemas: [USER, 'urn:x'] }), /no schema of User/);
  assert.throws(() => read({ schemas: [USER], name: { nick: 'x' } }), /no sub-attribute/);
  assert.throws(() => read({ schemas: [USER, E], [E]: { badge: 'x' } }), /no attribute/);
  assert.doesNotThrow(() => read({ schemas: [USER.toUpperCase(), E] }));
});

test('whatever JSON is sent: a sound user or a SCIM error', () => {
  const keys = fc.constantFrom(
    'userName',
    'active',
    'name',
    'emails',
    'schemas',
    'members',
    'displayName',
    E,
    '__proto__',
    'constructor',
    'id',
    'x509Certificates',
  );
  fc.assert(
    fc.property(
      fc.dictionary(keys, fc.jsonValue({ maxDepth: 4 })),
      fc.constantFrom(...Object.values(DIALECTS)),
      (body, dialect) => {
        try {
          const { attributes } = readResource('User', JSON.parse(JSON.stringify(body)), dialect);
          assert.ok(typeof attributes.userName === 'string' && attributes.userName !== '');
          assert.equal(typeof attributes.active, 'boolean');
          assert.deepEqual(
            Object.keys(attributes).filter((name) =>
              ['id', 'meta', 'groups', 'schemas', 'password', '__proto__'].includes(name),
            ),
            [],
          );
        } catch (error) {
          assert.ok(error instanceof ScimError, String((error as Error).stack));
        }
        assert.deepEqual(Object.keys(Object.prototype), []);
      },
    ),
    { numRuns: 500 },
  );
});

test('the nesting of JSON is measured outside strings, before it is parsed', () => {
  assert.equal(nesting('{"a":[{"b":"[[[[{{{{\\"[["}]}'), 3);
  assert.equal(nesting('[1]]]]][[['), 1);
  assert.equal(nesting('"'), 0);
  assert.deepEqual(parseJson('{"a":[[1]]}', 3), { a: [[1]] });
  assert.throws(() => parseJson('{"a":[[1]]}', 2), { code: 'SCIM_DEPTH' });
  assert.throws(() => parseJson('['.repeat(5_000_000), 32), { code: 'SCIM_DEPTH' });
  assert.throws(
    () => parseJson('{"password":"s3cret"', 32),
    (error: Error) => !error.message.includes('s3cret'),
  );
  assert.throws(
    () => parseJson('{"password":s3cret}', 32),
    (error: Error) => !error.message.includes('s3cret'),
  );
});

test('the nesting agrees with the value', () => {
  const depth = (value: unknown): number =>
    value === null || typeof value !== 'object' ? 0 : 1 + Math.max(0, ...Object.values(value).map(depth));
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => assert.equal(nesting(JSON.stringify(value)), depth(value))),
  );
});

test('very many members are read in parts as they would be at once', async () => {
  const items = Array.from({ length: 25_000 }, (_, n) => ({
    Value: `id-${n % 24_000}`,
    type: n % 2 === 0 ? 'user' : null,
  }));
  let pauses = 0;
  const pause = async (): Promise<void> => {
    pauses += 1;
  };
  const body = { displayName: 'all', MEMBERS: items };
  const members = await readLargeMembers(body, generic, pause);
  assert.equal(pauses, 3);
  assert.deepEqual(members, readMembers(items, generic));
  assert.deepEqual(readResource('Group', body, generic, undefined, members), readResource('Group', body, generic));
  const wrong = { members: [...items, { value: 7 }] };
  await assert.rejects(readLargeMembers(wrong, generic, pause), (error) => error instanceof ScimError);
  for (const other of [
    null,
    7,
    [],
    {},
    { members: items.slice(0, 9) },
    { members: items, Members: items },
    { members: 'x' },
  ])
    assert.equal(await readLargeMembers(other, generic, pause), undefined);
});

test('a canonical value gives its spelling to what counts as the same, not to what differs from it', () => {
  const X = 'urn:example:scim:shifts:2.0:User';
  const canonicalValues = ['day', 'night'];
  const attributes = { shift: { canonicalValues }, shiftExact: { canonicalValues, caseExact: true } };
  const catalogue = configuredCatalogue(extensions.parse({ [X]: { attributes } }));
  const sent = { userName: 'ana', [X]: { shift: 'DAY', shiftExact: 'DAY' } };
  const stored = readResource('User', sent, { ...generic, catalogue }).attributes;
  assert.deepEqual(stored[X], { shift: 'day', shiftExact: 'DAY' });
});

test('a day that is in no calendar is no instant', () => {
  for (const text of [
    '2026-02-30T00:00:00Z',
    '2027-02-29T12:00:00+01:00',
    '2026-04-31T23:59:59.5Z',
    '2026-13-01T00:00:00Z',
  ])
    assert.equal(instantOf(text), undefined, text);
  assert.equal(instantOf('2028-02-29T00:00:00+01:00'), '2028-02-28T23:00:00.000Z');
  assert.equal(instantOf('0004-02-29t00:00:00z'), '0004-02-29T00:00:00.000Z');
});

test('an empty text is nothing for attributes of every type, where it is nothing at all', () => {
  const X = 'urn:example:scim:empty:2.0:User';
  const attributes = { level: { type: 'integer' }, ratio: { type: 'decimal' }, flag: { type: 'boolean' } };
  const catalogue = configuredCatalogue(extensions.parse({ [X]: { attributes } }));
  const noted: string[] = [];
  const dialect = { ...generic, catalogue, note: (kind: string) => noted.push(kind) };
  const sent = {
    ...{ schemas: [USER, X], userName: 'ana', active: '', name: '', addresses: '', phoneNumbers: [''] },
    emails: [{ value: 'a', primary: '' }],
    [X]: { level: '', ratio: '', flag: '' },
  };
  const emails = [{ value: 'a' }];
  assert.deepEqual(readResource('User', sent, dialect).attributes, { userName: 'ana', active: true, emails });
  assert.ok(noted.includes('empty-text'));
  const stays = readResource('User', sent, dialect, { userName: 'ana', active: false }).attributes;
  assert.deepEqual(stays, { userName: 'ana', active: false, emails }, 'it brings nobody back');
  for (const name of ['active', 'name', 'addresses'])
    assert.throws(() => readResource('User', { schemas: [USER], userName: 'ana', [name]: '' }, rfc), ScimError, name);
});

test('type and primary are labels of values in lists of values; anywhere else they are what is said', () => {
  const X = 'urn:example:scim:labels:2.0:User';
  const label = { type: {}, primary: { type: 'boolean' } };
  const catalogue = configuredCatalogue(
    extensions.parse({
      [X]: {
        attributes: {
          car: { type: 'complex', attributes: label },
          cars: { type: 'complex', multiValued: true, attributes: { ...label, plate: {} } },
          cards: { type: 'complex', multiValued: true, attributes: { ...label, value: {} } },
        },
      },
    }),
  );
  const typed = { type: 'red' };
  const said = { car: typed, cars: [typed], cards: [typed] };
  for (const profile of [rfc, generic]) {
    const sent = { schemas: [USER, X], userName: 'ana', [X]: said, emails: [typed], addresses: [typed] };
    const { attributes } = readResource('User', sent, { ...profile, catalogue });
    assert.deepEqual(attributes, { userName: 'ana', active: true, [X]: { car: typed, cars: [typed] } });
    const [car, marked] = [{ primary: false }, [{ primary: true }]];
    const flags = { schemas: [USER, X], userName: 'ana', [X]: { car, cars: marked, cards: marked } };
    assert.deepEqual(readResource('User', flags, { ...profile, catalogue }).attributes[X], { car, cars: marked });
    const edits = (path: string, value: unknown): unknown =>
      patched({ op: 'add', path: `${X}:${path}`, value }, { ...profile, catalogue });
    assert.deepEqual(edits('car.type', 'red'), { car: typed });
    assert.deepEqual(edits('cars', typed), { cars: [typed] });
    assert.deepEqual(edits('cards', [typed, { ...typed, value: '1' }]), { cards: [{ ...typed, value: '1' }] });
  }

  function patched(operation: object, dialect: typeof rfc): unknown {
    const list = readOperations({ schemas: [PATCH_OP], Operations: [operation] }, dialect);
    return inOneTurn(
      inOneTurn(compileUserPatch(list, dialect, { filterLength: 4096, filterDepth: 32 }))({ userName: 'ana' }),
    )[X];
  }
});

test('an immutable list that was stored with a value twice, before each was stored once, can be sent again', () => {
  const X = 'urn:example:scim:once:2.0:User';
  const catalogue = configuredCatalogue(
    extensions.parse({ [X]: { attributes: { keys: { multiValued: true, mutability: 'immutable' } } } }),
  );
  const stored = { userName: 'ana', active: true, [X]: { keys: ['a', 'A', 'b'] } };
  const put = (keys: readonly string[]): unknown =>
    readResource('User', { userName: 'ana', [X]: { keys } }, { ...generic, catalogue }, stored).attributes[X];
  for (const same of [
    ['a', 'A', 'b'],
    ['b', 'a'],
    ['A', 'B', 'B'],
  ])
    assert.deepEqual(put(same), { keys: ['a', 'A', 'b'] });
  for (const other of [['a'], ['a', 'b', 'c'], ['a', 'A']]) assert.throws(() => put(other), ScimError);
});
