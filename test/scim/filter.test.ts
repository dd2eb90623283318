import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical } from '../../src/access/canonical.ts';
import { extensions } from '../../src/config/extension.ts';
import { ScimError } from '../../src/errors.ts';
import { matches } from '../../src/scim/filter/matches.ts';
import { parseFilter, parseSortBy } from '../../src/scim/filter/parseFilter.ts';
import type { Reading } from '../../src/scim/filter/reading.ts';
import type { Attributes, ResourceType } from '../../src/scim/resource.ts';
import { configuredCatalogue } from '../../src/scim/schemas/configured.ts';
import { ENTERPRISE_USER, GROUP, USER } from '../../src/scim/urns.ts';
import { cpuTime } from '../sim/cpuTime.ts';
import { filterish, filters, path } from './filters.ts';
import { print } from './print.ts';

const LIMITS = { filterLength: 4096, filterDepth: 32 };
const WIDE = { filterLength: 4_000_000, filterDepth: 256 };

const ANA: Attributes = {
  id: '1',
  userName: 'Ana@Corp.test',
  externalId: 'X-1',
  active: true,
  name: { familyName: 'Díaz', givenName: 'Ana' },
  emails: [
    { value: 'ana@corp.test', type: 'work', primary: true },
    { value: 'ana@home.test', type: 'home' },
  ],
  groups: [{ value: 'g1', display: 'ci' }],
  [ENTERPRISE_USER]: { department: 'Build', manager: { value: 'boss' } },
  meta: { created: '2026-01-01T00:00:00.000Z', lastModified: '2026-06-01T00:00:00.000Z' },
};

function judge(filter: string, reading: Partial<Omit<Reading, 'type'>> = {}): boolean {
  return matches(parseFilter(filter, 'User', LIMITS, reading), ANA);
}

const TRUE = [
  'userName eq "ana@corp.test"',
  'USERNAME EQ "ANA@CORP.TEST"',
  'userName sw "ANA" and userName ew ".TEST" and userName co "@"',
  `${USER}:userName eq "ana@corp.test"`,
  `${USER.toUpperCase()}:name.familyName eq "DÍAZ"`,
  'name.familyName eq "di\u0301az"',
  'externalId eq "X-1"',
  'externalId ne "x-1"',
  `${ENTERPRISE_USER}:department eq "build"`,
  `${ENTERPRISE_USER}:manager eq "boss"`,
  `${ENTERPRISE_USER}:manager[value eq "boss"]`,
  'emails eq "ana@home.test"',
  'emails[type eq "work"].value eq "ana@corp.test"',
  'emails[type eq "work" and value co "corp"]',
  'emails[not (type eq "home")]',
  'emails pr and name pr and not (title pr)',
  'title eq null',
  'userName ne null',
  'title ne "x"',
  'active eq true',
  'active ne false',
  'not (active eq false)',
  'id eq "1" and groups eq "g1"',
  'groups.value eq "g1" and groups.display eq "CI"',
  'meta.lastModified ge "2026-06-01T02:00:00+02:00"',
  'meta.lastModified lt "2026-06-01T00:00:00.001Z"',
  'meta.resourceType eq "User"',
  `schemas eq "${USER}"`,
  `schemas eq "${ENTERPRISE_USER}"`,
  'title eq "x" or userName pr and active eq true',
  '(title eq "x" or userName pr) and active eq true',
  'userName pr or title eq "x" and active eq false',
  'userName gt "ana" and userName le "ana@corp.testz"',
  'name[familyName sw "d"]',
  '\tuserName\r\npr ',
];
const FALSE = [
  'userName co "\\ud83d\\ude00"',
  'userName eq "ana"',
  'externalId eq "x-1"',
  'emails[type eq "home" and value co "corp"]',
  'emails[type eq "home"].value eq "ana@corp.test"',
  'emails.type ne "work"',
  'title pr',
  'title co ""',
  'title lt "z"',
  '(userName pr or title eq "x") and active eq false',
  'meta.resourceType eq "Group"',
  'meta.created gt "2026-01-01T00:00:00Z"',
  `schemas eq "${GROUP}"`,
  'userName eq "ana@corp.test\\u0000"',
];

test('filters mean what RFC 7644 §3.4.2.2 says', () => {
  for (const filter of TRUE) assert.equal(judge(filter), true, filter);
  for (const filter of FALSE) assert.equal(judge(filter), false, filter);
});

const WRONG: readonly (readonly [string, RegExp])[] = [
  ['', /column 1: expected an attribute, found the end/],
  ['userName', /column 9: expected an operator/],
  ['userName eq', /column 12: expected a value, found the end/],
  ['userName like "x"', /column 10: expected an operator/],
  ['userName eq "x" "y"', /column 17: expected the end/],
  ['userName eq "x" and', /column 20: expected an attribute/],
  ['(userName pr', /column 13: expected "\)"/],
  ['userName pr)', /column 12: expected the end/],
  ['emails[type pr', /column 15: expected "\]"/],
  ['emails[type eq "work"].size eq "x"', /column 24: "size" is no sub-attribute/],
  ['userName eq "x', /string at column 13 does not end/],
  ['userName eq "\\q"', /string at column 13 is not a JSON string/],
  ['userName eq "a\nb"', /string at column 13 is not a JSON string/],
  ['userName co "\\ud83d"', /string at column 13 is not a JSON string of well-formed Unicode/],
  ['userName ew "\\ude00x"', /column 13/],
  ['emails[value sw "\\ude00\\ud83d"]', /column 17/],
  ['userName co "\ud83d"', /not well-formed Unicode/],
  ['externalId eq x\ude00', /not well-formed Unicode/],
  ['shoeSize eq "x"', /column 1: "shoeSize" is no attribute of User/],
  ['urn:x:y:title eq "x"', /column 1/],
  [`${ENTERPRISE_USER} pr`, /is a schema, not an attribute/],
  ['active gt true', /active is of type boolean/],
  ['active co "t"', /active is of type boolean/],
  ['active eq "yes"', /compared with true or false/],
  ['active lt null', /eq and ne only/],
  ['x509Certificates.value gt "a"', /type binary/],
  ['meta.created co "2026"', /type dateTime/],
  ['meta.created gt "yesterday"', /RFC 3339/],
  ['meta.created gt "2026-13-45T00:00:00Z"', /RFC 3339/],
  ['meta.location eq "x"', /cannot be filtered by/],
  ['meta.version eq "x"', /cannot be filtered by/],
  ['password eq "x"', /cannot be filtered by/],
  ['password pr', /cannot be filtered by/],
  ['groups.$ref eq "x"', /cannot be filtered by/],
  ['name eq "x"', /no value of its own/],
  ['addresses eq "x"', /no value of its own/],
  ['title[value eq "x"]', /no values to select from/],
  ['emails[phone eq "x"]', /column 8: "phone" is no sub-attribute of emails/],
  ['emails[emails[type eq "x"]]', /value path inside a value path/],
  ['userName eq 5', /compared with a string/],
  ['userName eq jyoung', /compared with a string/],
  ['not userName pr', /column 5: expected an operator/],
  ['userName eq ana eq', /column 17/],
];

test('what is wrong is refused with its column', () => {
  for (const [filter, reason] of WRONG)
    assert.throws(
      () => judge(filter),
      (error: unknown) => {
        assert.ok(error instanceof ScimError && error.code === 'SCIM_FILTER', filter);
        assert.match(error.message, reason);
        return true;
      },
    );
});

test('values of a filter do not get into errors', () => {
  for (const filter of [
    'userName eq "s3cret" x',
    'shoeSize eq "s3cret"',
    'active eq "s3cret"',
    'meta.created gt "s3cret"',
  ])
    assert.throws(
      () => judge(filter),
      (error: Error) => !error.message.includes('s3cret'),
    );
});

test('a value in single quotes is no bare word: nobody is found by it, and nobody would know why', () => {
  for (const lenient of [true, false])
    assert.throws(
      () => judge("externalId eq 'X-1'", { lenient }),
      /externalId is compared with a string in double quotes/,
    );
});

test('bare words and written booleans are taken leniently only', () => {
  const lenient = { lenient: true };
  assert.equal(judge('externalId eq X-1', lenient), true);
  assert.equal(judge('(id eq 1)', lenient), true);
  assert.equal(judge('active eq True and active eq "true"', lenient), true);
  assert.equal(judge('active eq FALSE', lenient), false);
  for (const filter of ['externalId eq X-1', 'id eq 1', 'active eq True', 'active eq "true"'])
    assert.throws(() => judge(filter), ScimError, filter);
  assert.equal(judge('(userName sw Ana) and emails.value co home.test', lenient), true);
  assert.equal(judge('meta.created gt 2015-10-10T14:38:21.8617979-07:00', lenient), true);
  for (const filter of ['externalId co X', 'meta.created gt 2015-10-10T14:38:21Z'])
    assert.throws(() => judge(filter), ScimError, filter);
});

test('an instant without a zone is one in UTC: an xsd:dateTime (RFC 7643 §2.3.5)', () => {
  assert.equal(judge('meta.created eq "2026-01-01T00:00:00"'), true);
  assert.equal(judge('meta.created lt "2026-01-01T00:00:00.001"'), true);
  assert.throws(() => judge('meta.created gt "2026-01-01"'), ScimError);
});

test('who does not say whether a value is the primary one means that it is not (RFC 7643 §2.4)', () => {
  const sure = { emails: [{ value: 'a', primary: true }] };
  const cases: readonly (readonly [string, boolean, boolean])[] = [
    ['emails.primary eq false', true, false],
    ['emails[primary eq false]', true, false],
    ['emails[primary eq false].value eq "ana@home.test"', true, false],
    ['emails[primary eq false].value eq "ana@corp.test"', false, false],
    ['emails.primary ne false', false, true],
    ['emails[primary ne false]', true, true],
    ['emails.primary eq true', true, true],
    ['addresses.primary eq false', false, false],
  ];
  for (const [filter, ana, other] of cases) {
    assert.equal(judge(filter), ana, filter);
    assert.equal(matches(parseFilter(filter, 'User', LIMITS), sure), other, filter);
  }
});

test('a name of an extension may go without its URN where one schema alone has it (RFC 7644 §3.10)', () => {
  assert.equal(judge('department eq "build"'), true);
  assert.equal(judge('manager.value eq "boss" and MANAGER[value eq "boss"]'), true);
  const urns = ['urn:example:a:2.0:User', 'urn:example:b:2.0:User'];
  const catalogue = configuredCatalogue(
    extensions.parse(Object.fromEntries(urns.map((urn) => [urn, { attributes: { badge: {} } }]))),
  );
  assert.throws(() => judge('badge eq "x"', { catalogue }), /"badge" is no attribute of User/);
  assert.equal(judge(`${urns[0]}:badge eq "x"`, { catalogue }), false);
  assert.equal(judge('department eq "build"', { catalogue }), true, 'the other extensions have nothing of this name');
});

test('an attribute that a type does not have is one without a value, where that is asked for', () => {
  const missing = (filter: string, type: ResourceType) =>
    matches(parseFilter(filter, type, LIMITS, { unknown: 'missing' }), { displayName: 'ci' });
  assert.equal(missing('userName eq "x"', 'Group'), false);
  assert.equal(missing('userName ne "x"', 'Group'), true);
  assert.equal(missing('userName pr', 'Group'), false);
  assert.equal(missing('userName eq null', 'Group'), true);
  assert.equal(missing('emails[type eq "work"]', 'Group'), false);
  assert.equal(missing('userName eq "x" or displayName eq "CI"', 'Group'), true);
});

test('a filter that is printed and parsed is the same filter', () => {
  fc.assert(
    fc.property(filters, (filter) => {
      assert.equal(canonical(parseFilter(print(filter), 'User', WIDE)), canonical(filter));
    }),
    { numRuns: 300 },
  );
});

test('whatever is sent, nothing but a SCIM error is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(filterish, fc.string({ unit: 'binary' })), fc.constantFrom('User', 'Group'), (text, type) => {
      try {
        parseFilter(text, type as ResourceType, LIMITS, { lenient: true });
      } catch (error) {
        assert.ok(error instanceof ScimError, String(error));
        assert.ok(['SCIM_FILTER'].includes(error.code));
      }
    }),
    { numRuns: 1000 },
  );
});

test('hostile filters take linear time, within the limits and far beyond them', () => {
  const many = 300_000;
  for (const text of [
    '('.repeat(many),
    `${'('.repeat(200)}userName pr${')'.repeat(many)}`,
    `userName eq "${'\\'.repeat(many)}`,
    `userName eq "${'\\"'.repeat(many / 2)}`,
    `userName eq "${'\\\\n'.repeat(many / 3)}`,
    '"'.repeat(many),
    ' '.repeat(many),
    'not '.repeat(many / 4),
    `${'not ('.repeat(250)}${'a'.repeat(many)}`,
    'userName pr and '.repeat(many / 16),
    'emails['.repeat(many / 7),
    'x'.repeat(many),
    `${'a.'.repeat(many / 2)} pr`,
  ]) {
    const started = cpuTime();
    assert.throws(() => parseFilter(text, 'User', WIDE), ScimError);
    const milliseconds = cpuTime() - started;
    assert.ok(milliseconds < 1000, `${text.slice(0, 20)}… took ${milliseconds} ms`);
    assert.throws(() => parseFilter(text, 'User', LIMITS), /longer than 4096 characters/);
  }
});

test('depth and number of comparisons are limited', () => {
  const longest = `title eq "${'x'.repeat(4096 - 11)}"`;
  assert.equal(longest.length, LIMITS.filterLength);
  assert.equal(judge(longest), false, 'the limit itself is accepted');
  const deep = (depth: number) => `${'('.repeat(depth)}userName pr${')'.repeat(depth)}`;
  assert.equal(judge(deep(32)), true);
  assert.throws(() => judge(deep(33)), /nested deeper than 32/);
  assert.throws(() => judge(`${'not ('.repeat(33)}userName pr${')'.repeat(33)}`), /nested deeper/);
  const many = (terms: number) => Array(terms).fill('id pr').join(' or ');
  assert.equal(judge(many(256)), true);
  assert.throws(() => judge(many(257)), /more than 256 comparisons/);
});

test('lists are sorted by attributes that are stored', () => {
  assert.deepEqual(parseSortBy('EMAILS', 'User'), path('emails', 'value'));
  assert.deepEqual(parseSortBy('meta.created', 'User')?.sub, 'created');
  for (const wrong of ['password', 'name', 'groups', 'meta.location', 'schemas', 'shoeSize', `${ENTERPRISE_USER}`, ''])
    assert.throws(() => parseSortBy(wrong, 'User'), ScimError, wrong);
  assert.throws(() => parseSortBy('members', 'Group'), ScimError);
  assert.equal(parseSortBy('userName', 'Group', 'missing'), undefined);
});
