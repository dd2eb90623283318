import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EVERYTHING, project, readProjection } from '../../src/scim/projection.ts';
import type { Attributes } from '../../src/scim/resource.ts';
import { RESOURCE_TYPES, STANDARD } from '../../src/scim/schemas/catalogue.ts';
import { ENTERPRISE_USER, USER } from '../../src/scim/urns.ts';

const ANA: Attributes = {
  schemas: [USER, ENTERPRISE_USER],
  id: 'a',
  userName: 'ana',
  active: true,
  name: { givenName: 'Ana', familyName: 'Ng' },
  emails: [
    { value: 'a@x.test', type: 'work', primary: true },
    { value: 'b@x.test', type: 'home' },
  ],
  [ENTERPRISE_USER]: { department: 'Build', costCenter: '7' },
  meta: { resourceType: 'User', version: 'W/"1"' },
};

const asked = (attributes?: string, excluded?: string): Attributes =>
  project('User', ANA, readProjection('User', attributes?.split(','), excluded?.split(',')));

test('everything is returned, unless it is never returned or no attribute of a schema', () => {
  const resource = { ...ANA, password: 'x', unknown: 1, [ENTERPRISE_USER]: { unknown: 1 } };
  const { [ENTERPRISE_USER]: _, ...rest } = ANA;
  assert.deepEqual(project('User', resource, EVERYTHING), rest);
});

test('named attributes come with what is always returned, a sub-attribute alone, an extension by its URN', () => {
  const always = { schemas: ANA.schemas, id: 'a' };
  assert.deepEqual(asked('userName'), { ...always, userName: 'ana' });
  assert.deepEqual(asked('EMAILS.Value'), { ...always, emails: [{ value: 'a@x.test' }, { value: 'b@x.test' }] });
  assert.deepEqual(asked('emails.primary'), { ...always, emails: [{ primary: true }] });
  assert.deepEqual(asked('name.middleName'), always);
  assert.deepEqual(asked(`${ENTERPRISE_USER}:department`), { ...always, [ENTERPRISE_USER]: { department: 'Build' } });
  assert.deepEqual(asked(ENTERPRISE_USER), { ...always, [ENTERPRISE_USER]: ANA[ENTERPRISE_USER] });
  assert.deepEqual(asked('password,unknown'), always);
});

test('excluded attributes are left out, those that are always returned are not', () => {
  const { emails: _, id: __, ...rest } = ANA;
  assert.deepEqual(asked(undefined, 'emails,id,schemas'), { id: 'a', ...rest });
  assert.deepEqual(asked(undefined, 'emails.type').emails, [
    { value: 'a@x.test', primary: true },
    { value: 'b@x.test' },
  ]);
});

test('what is named and what is left out by the same names make up the whole (property)', () => {
  const names = RESOURCE_TYPES.User.core.attributes.map(({ name }) => name);
  fc.assert(
    fc.property(fc.subarray([...names, ENTERPRISE_USER], { minLength: 1 }), (chosen) => {
      const both = { ...asked(undefined, chosen.join(',')), ...asked(chosen.join(',')) };
      assert.deepEqual(both, ANA);
      assert.deepEqual(project('User', both, EVERYTHING), both);
    }),
  );
});

test('the same names are read once, whatever else is asked for in between; lists that only look alike are not taken for each other', () => {
  const first = readProjection('User', ['userName', 'emails.value'], undefined);
  for (let other = 0; other < 150; other++) readProjection('User', [`other${other}`], undefined);
  assert.equal(readProjection('User', ['userName', 'emails.value'], undefined), first);
  for (let other = 0; other < 250; other++) readProjection('User', [`more${other}`], undefined);
  const again = readProjection('User', ['userName', 'emails.value'], undefined);
  assert.notEqual(again, first, 'what is remembered has an end');
  assert.deepEqual(again, first);
  assert.notDeepEqual(readProjection('User', undefined, ['userName', 'emails.value']), first);
  assert.notDeepEqual(
    readProjection('Group', ['displayName'], undefined),
    readProjection('Group', undefined, ['displayName']),
  );
  assert.deepEqual(readProjection('User', ['userName,active'], undefined).names, []);
  assert.equal(readProjection('User', ['userName', 'active'], undefined).names.length, 2);
  const long = [`${'x'.repeat(600)}`, 'userName'];
  assert.notEqual(readProjection('User', long, undefined), readProjection('User', long, undefined));
  const other = { ...STANDARD };
  assert.notEqual(
    readProjection('User', ['userName'], undefined, other),
    readProjection('User', ['userName'], undefined),
  );
});
