import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refuse } from '../../src/errors.ts';
import { schemas } from '../../src/scim/discovery/documents.ts';
import { errorBody } from '../../src/scim/errorBody.ts';
import { etag, isKnown, readTags } from '../../src/scim/etag.ts';
import { compareText } from '../../src/scim/filter/compare.ts';
import { readResource } from '../../src/scim/intake/resource.ts';
import { compareKeys, sortKey } from '../../src/scim/order.ts';
import { DIALECTS } from '../../src/scim/profiles/dialects.ts';
import { project, readProjection, wants } from '../../src/scim/projection.ts';
import { quoted } from '../../src/scim/quoted.ts';
import { render } from '../../src/scim/render.ts';
import type { Attributes, UserResource } from '../../src/scim/resource.ts';
import type { Characteristics } from '../../src/scim/schemas/attribute.ts';
import { SCHEMAS } from '../../src/scim/schemas/catalogue.ts';
import { ENTERPRISE_USER as E, GROUP, USER } from '../../src/scim/urns.ts';
import { path } from './filters.ts';

type Documented = Characteristics & { readonly subAttributes?: readonly Documented[] };

const RFC_USER =
  'userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active password emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates';
const RFC_ENTERPRISE = 'employeeNumber costCenter organization division department manager';

test('schema documents have all attributes of RFC 7643 §4 and the keys of §7, nothing of ours', () => {
  const documents = schemas('https://x.test/scim/v2');
  const names = (urn: string) =>
    (documents.find(({ id }) => id === urn)!.attributes as Documented[]).map(({ name }) => name);
  assert.deepEqual(names(USER), RFC_USER.split(' '));
  assert.deepEqual(names(E), RFC_ENTERPRISE.split(' '));
  assert.deepEqual(names(GROUP), ['displayName', 'members']);
  const known = new Set(
    'name type multiValued description required caseExact mutability returned uniqueness canonicalValues referenceTypes subAttributes'.split(
      ' ',
    ),
  );
  const check = (attribute: Documented): void => {
    for (const key of Object.keys(attribute)) assert.ok(known.has(key), `${attribute.name}: ${key}`);
    assert.equal(attribute.type === 'complex', attribute.subAttributes !== undefined, attribute.name);
    attribute.subAttributes?.forEach(check);
  };
  for (const { attributes } of documents) (attributes as Documented[]).forEach(check);
});

test('characteristics that decide: userName, password, groups, externalId', () => {
  const of = (name: string) => SCHEMAS[0]!.attributes.find((attribute) => attribute.name === name)!;
  assert.deepEqual(
    [of('userName').required, of('userName').uniqueness, of('userName').caseExact],
    [true, 'server', false],
  );
  assert.deepEqual([of('password').mutability, of('password').returned], ['writeOnly', 'never']);
  assert.equal(of('groups').mutability, 'readOnly');
  for (const schema of SCHEMAS)
    for (const { subAttributes } of schema.attributes)
      assert.equal(subAttributes?.some((sub) => sub.type === 'complex') ?? false, false, 'one level deep');
});

const ANA: UserResource = {
  type: 'User',
  id: 'a/b',
  attributes: { userName: 'ana', name: { givenName: 'A', familyName: 'D' }, [E]: { manager: { value: 'm' } } },
  version: 3,
  createdAt: '2026-01-01T00:00:00.000Z',
  modifiedAt: '2026-01-02T00:00:00.000Z',
  groups: [{ value: 'g', display: 'ci', type: 'indirect' }],
};

test('a resource goes out with schemas of its data and URLs below the base', () => {
  const base = 'https://x.test/scim/v2';
  assert.deepEqual(render(ANA, base), {
    schemas: [USER, E],
    id: 'a/b',
    userName: 'ana',
    name: { givenName: 'A', familyName: 'D' },
    [E]: { manager: { value: 'm' } },
    groups: [{ value: 'g', display: 'ci', type: 'indirect', $ref: `${base}/Groups/g` }],
    meta: {
      resourceType: 'User',
      created: ANA.createdAt,
      lastModified: ANA.modifiedAt,
      location: `${base}/Users/a%2Fb`,
      version: etag(ANA),
    },
  });
  assert.equal('groups' in render({ ...ANA, groups: [] }, base), false);
});

test('what the service never says is taken and ignored, and not published', () => {
  const [, , enterprise] = schemas('https://x.test/scim/v2');
  const manager = (enterprise!.attributes as Documented[]).find(({ name }) => name === 'manager')!;
  assert.deepEqual(
    manager.subAttributes!.map(({ name }) => name),
    ['value'],
  );
  const body = {
    schemas: [USER, E],
    userName: 'ana',
    [E]: { manager: { value: 'm', $ref: '../Users/m', displayName: 'Bo' } },
  };
  assert.deepEqual(readResource('User', body, DIALECTS.rfc).attributes[E], { manager: { value: 'm' } });
});

test('projection never shows what is never returned, whatever is stored', () => {
  const stored: Attributes = { id: '1', schemas: [USER], userName: 'ana', password: 'p', unknown: 1 };
  for (const names of [undefined, ['password'], [USER], ['unknown']])
    assert.equal('password' in project('User', stored, readProjection('User', names, undefined)), false);
  assert.deepEqual(project('User', stored, readProjection('User', undefined, ['userName', 'id'])), {
    schemas: [USER],
    id: '1',
  });
});

test('related resources are read only where the answer shows them', () => {
  const asks = (attributes?: string[], excluded?: string[]) =>
    wants(readProjection('Group', attributes, excluded), 'members');
  assert.equal(asks(), true);
  assert.equal(asks(undefined, ['MEMBERS']), false);
  assert.equal(asks(undefined, ['members.display']), true);
  assert.equal(asks(undefined, ['displayName']), true);
  assert.equal(asks(['displayName']), false);
  assert.equal(asks(['members.value']), true);
  assert.equal(asks([GROUP]), true);
});

test('versions in headers', () => {
  assert.equal(etag({ version: 7 }), 'W/"7"');
  assert.deepEqual(readTags('W/"7", "8",*, x'), ['7', '8', '*', 'x']);
  assert.equal(readTags(undefined), undefined);
  for (const header of ['W/"7"', '"7"', '7', '*', 'x, W/"7"', 'W/"7.abc"'])
    assert.equal(isKnown(header, { version: 7 }), true, header);
  for (const header of [undefined, '', '07', 'W/7', '"8"', '7.abc'])
    assert.equal(isKnown(header, { version: 7 }), false);
});

test('a comma inside a tag separates nothing: what is quoted there is neither a version nor *', () => {
  assert.deepEqual(readTags('"a,7", "x, *, y" , W/"8"'), ['"a,7"', '"x, *, y"', '8']);
  assert.deepEqual(readTags('"7'), ['"7'], 'a tag that does not end');
  for (const header of ['"x,7,y"', '"x, *, y"', 'W/"x,*"', '"x,W/"7'])
    assert.equal(isKnown(header, { version: 7 }), false, header);
  const word = fc.string({ unit: fc.constantFrom('7', '*', ',', ' ', 'a'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (words) => {
      const tags = words.map((text) => `"${text}"`);
      const read = words.map((text) => (/^\d+$/.test(text) ? text : `"${text}"`));
      assert.deepEqual(readTags(tags.join(', ')), read);
    }),
  );
});

test('the groups of a person are a part of the tag that a writer need not know', () => {
  const team = { value: 'g', display: 'team', type: 'direct' } as const;
  const tag = etag({ version: 7, groups: [team] });
  assert.match(tag, /^W\/"7\.[\da-z]+"$/);
  assert.deepEqual(readTags(tag), ['7']);
  assert.equal(etag({ version: 7, groups: [] }), 'W/"7"');
  for (const other of [{ value: 'h' }, { display: 'Team' }, { type: 'indirect' } as const]) {
    assert.notEqual(etag({ version: 7, groups: [{ ...team, ...other }] }), tag);
    assert.equal(isKnown(tag, { version: 7, groups: [{ ...team, ...other }] }), false);
  }
  assert.equal(isKnown(tag, { version: 7, groups: [team] }), true);
  assert.equal(isKnown(tag, { version: 7, groups: [team, team] }), false);
  assert.equal(isKnown(tag, { version: 7, groups: [] }), false);
  for (const plain of ['W/"7"', '"7"', '7']) {
    assert.equal(isKnown(plain, { version: 7, groups: [team] }), false, plain);
    assert.equal(isKnown(plain, { version: 7, groups: [] }), true, plain);
  }
  assert.equal(isKnown(tag, { version: 7 }), true, 'groups that are not returned do not matter');
});

test('an error body has a status as text, a scimType where there is one, and the remedy', () => {
  const body = errorBody(refuse('SCIM_VALUE', { reason: 'x.' }));
  assert.deepEqual([body.status, body.scimType], ['400', 'invalidValue']);
  assert.match(body.detail, /^x\. Compare/);
  assert.equal('scimType' in errorBody(refuse('SCIM_NOT_FOUND', { resource: 'User', id: '1' })), false);
});

test('text of clients in errors is short and harmless', () => {
  assert.equal(quoted('a"b'), '"a\\"b"');
  assert.equal(quoted('\u001b[31m\u202e\u200b\u0085'), '"\\u001b[31m\\u202e\\u200b\\u0085"');
  assert.ok(quoted('x'.repeat(1000)).length < 70);
  assert.ok(quoted(`${'x'.repeat(63)}😀😀`).isWellFormed());
});

test('sort keys: folded, by the primary value, missing ones last; texts in the order of UTF-8', () => {
  const emails = [{ value: 'B' }, { value: 'A', primary: true }];
  assert.equal(sortKey(path('emails', 'value'), { emails }), 'a');
  assert.equal(sortKey(path('emails', 'value'), { emails: emails.slice(0, 1) }), 'b');
  assert.equal(sortKey(path('title'), {}), undefined);
  assert.equal(sortKey(undefined, { title: 'x' }), undefined);
  assert.deepEqual([undefined, 'b', 'a', undefined].sort(compareKeys), ['a', 'b', undefined, undefined]);
  assert.ok(compareKeys(undefined, 'z') > 0 && compareKeys('a', 'b') < 0 && compareKeys(true, false) > 0);
  assert.ok(compareText('\uffff', '\u{10000}') < 0);
});
