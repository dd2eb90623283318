import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Profile } from '../../../src/config/connection.ts';
import { type Client, E, type Json, scimWorld, U } from './world.ts';

/**
 * Cases of other projects' tests, and requests that their users reported, said again in our words. Where ours is another verdict than
 * theirs, the table has ours and the line above it says why.
 */
const ANA = {
  schemas: [U, E],
  userName: 'ana',
  displayName: 'Ana',
  title: 'Engineer',
  name: { givenName: 'Ana', familyName: 'Diaz' },
  emails: [
    { value: 'ana@corp.test', type: 'work', primary: true },
    { value: 'ana@home.test', type: 'home' },
  ],
  phoneNumbers: [
    { value: '1', type: 'work' },
    { value: '2', type: 'mobile' },
  ],
  [E]: { department: 'Build', manager: { value: 'boss' } },
};
const [WORK, HOME] = ANA.emails;

/** Where it is from, its operations, what of the user is something else afterwards, or the scimType of the refusal. */
type Case = readonly [string, object[], Json | string];

const step = (op: string, path: string | undefined, value?: unknown): object => ({
  op,
  ...(path === undefined ? {} : { path }),
  ...(value === undefined ? {} : { value }),
});

/** The same for all profiles. */
const PATCHES: readonly Case[] = [
  [
    'scim2-server tests/test_operators.py: a primary that is added takes the mark',
    [step('add', 'emails', { value: 'n', type: 'other', primary: true })],
    { emails: [{ ...WORK, primary: false }, HOME, { value: 'n', type: 'other', primary: true }] },
  ],
  [
    'scim2-server tests/test_operators.py: add through a filter that several fulfil',
    [step('add', 'emails[value pr].display', 'd')],
    {
      emails: [
        { ...WORK, display: 'd' },
        { ...HOME, display: 'd' },
      ],
    },
  ],
  [
    'scim2-server tests/test_operators.py: add through a filter on a singular complex attribute',
    [step('add', 'name[givenName eq "Ana"].formatted', 'Ana Diaz')],
    { name: { ...ANA.name, formatted: 'Ana Diaz' } },
  ],
  [
    'scim-patch #489: an object for a text of a selected value',
    [step('replace', 'emails[type eq "work"].value', {})],
    'invalidValue',
  ],
  ['scim-patch #693: an object without content for a complex attribute', [step('add', 'name', {})], {}],
  [
    'scim-patch test/scimPatch.test.ts: a name with dots within the quotes of a filter',
    [step('replace', 'emails[value eq "ana@corp.test"].value', 'n@corp.test')],
    { emails: [{ ...WORK, value: 'n@corp.test' }, HOME] },
  ],
  [
    'scim-patch test/scimPatch.test.ts: a path that does not end',
    [step('add', 'emails[type eq "w', 'n')],
    'invalidPath',
  ],
  [
    'scim-patch test/scimPatch.test.ts: values of a singular attribute cannot be selected',
    [step('replace', 'userName[value eq "ana"]', 'n')],
    'invalidPath',
  ],
  // scim-patch merges: RFC 7644 §3.5.2.3 replaces a value that is selected.
  [
    'scim-patch test/scimPatch.test.ts: replace of a selected value',
    [step('replace', 'emails[type eq "work"]', { value: 'n', display: 'd' })],
    { emails: [{ value: 'n', display: 'd', type: 'work' }, HOME] },
  ],
  [
    'UnboundID PatchOpTestCase: a filter of two parts takes one value away',
    [step('remove', 'emails[type eq "work" and value ew "corp.test"]')],
    { emails: [HOME] },
  ],
  [
    'UnboundID PatchOpTestCase: a path of three levels',
    [step('remove', 'emails[type eq "work"].too.deep')],
    'invalidPath',
  ],
  [
    'UnboundID PatchOpTestCase: a filter behind a filter',
    [step('remove', 'emails[type eq "work"].value[display eq "d"]')],
    'invalidFilter',
  ],
  ['UnboundID PatchOpTestCase: a comma behind a path', [step('add', 'emails[type eq "work"],', 'v')], 'invalidPath'],
  ['UnboundID PatchOpTestCase: an empty list that is added', [step('add', 'emails', []), step('add', 'ims', [])], {}],
  [
    'UnboundID PatchOpTestCase: an empty list in the place of values',
    [step('replace', 'emails', []), step('replace', 'ims', [])],
    { emails: undefined },
  ],
  // UnboundID refuses it: RFC 7644 §3.5.2.1 has an add to a single value replace it.
  [
    'UnboundID AddOperationValueFilterTestCase: add of a part that a selected value has',
    [step('add', 'emails[type eq "work"].value', 'n')],
    { emails: [{ ...WORK, value: 'n' }, HOME] },
  ],
  [
    'UnboundID AddOperationValueFilterTestCase: an empty filter',
    [step('add', 'entitlements[].value', 'e')],
    'invalidFilter',
  ],
  [
    'Gluu user_patch_valuefilter.json: not, null and brackets in a path',
    [
      step(
        'replace',
        'phoneNumbers[(not(type ge "mobile") and value ew "9") and display ne null or primary eq null].value',
        '3',
      ),
    ],
    { phoneNumbers: ANA.phoneNumbers.map((phone) => ({ ...phone, value: '3' })) },
  ],
  [
    'Gluu user_patch_ext.json: a part of all values, by the URN of the core schema',
    [step('remove', `${U}:phoneNumbers.type`)],
    { phoneNumbers: [{ value: '1' }, { value: '2' }] },
  ],
  [
    'directory-scimple PatchHandlerTest: an attribute of the extension by its whole name',
    [step('replace', `${E}:department`, 'D')],
    { [E]: { ...ANA[E], department: 'D' } },
  ],
  // A dot behind the URN is no attribute notation (RFC 7644 §3.10).
  ['directory-scimple #704: a dot behind the URN', [step('replace', `${E}.department`, 'D')], 'invalidPath'],
  [
    'SCIM-SDK ExtensionRefTests: a null for the whole extension',
    [step('replace', E, null)],
    { [E]: undefined, schemas: [U] },
  ],
  [
    'SCIM-SDK MsAzurePatchComplexValueRebuilderTest: names of the extension without its URN',
    [step('replace', 'manager.value', 'm'), step('replace', 'department', 'D')],
    { [E]: { department: 'D', manager: { value: 'm' } } },
  ],
  [
    'better-auth scim-groups-v2.test.ts: a remove without a path',
    [step('remove', undefined, { title: 'x' })],
    'noTarget',
  ],
  ['better-auth scim-user-patch.test.ts: a path that ends in a dot', [step('replace', 'name.', 'x')], 'invalidPath'],
  [
    'zitadel user_patch_test.go: add of a value that is there gives it its parts',
    [step('add', 'emails', { value: 'ana@home.test', type: 'home', display: 'd', primary: true })],
    {
      emails: [
        { ...WORK, primary: false },
        { ...HOME, display: 'd', primary: true },
      ],
    },
  ],
  // zitadel looks at the value alone: type and value make one of them (RFC 7643 §2.4).
  [
    'zitadel user_patch_test.go: add of a value that is there with another type',
    [step('add', 'emails', { value: 'ana@home.test', type: 'other' })],
    { emails: [WORK, HOME, { value: 'ana@home.test', type: 'other' }] },
  ],
  [
    'zitadel user_patch_test.go: the mark is moved by a path',
    [step('replace', 'emails[type eq "home"].primary', true)],
    {
      emails: [
        { ...WORK, primary: false },
        { ...HOME, primary: true },
      ],
    },
  ],
  [
    'zitadel user_patch_test.go: a path that marks several',
    [step('replace', 'phoneNumbers[primary ne true].primary', true)],
    'invalidValue',
  ],
  [
    'authentik test_users_patch.py: a remove of a complex attribute takes all of it, whatever its value says',
    [step('remove', 'name', { givenName: 'Ana' })],
    { name: undefined },
  ],
  [
    'SCIMServer patch-null-handling: a null in a complex value takes that part, what is not named stays',
    [step('replace', 'name', { familyName: null, middleName: 'M' })],
    { name: { givenName: 'Ana', middleName: 'M' } },
  ],
];

/** What identity providers send and RFC 7644 does not have: taken by the lenient profiles; the last column is the refusal of `rfc`. */
const FORGIVEN: readonly (readonly [string, object[], Json, string])[] = [
  [
    'better-auth scim-groups-v2.test.ts: Entra wraps a single value in a list',
    [step('Replace', 'displayName', ['Platform'])],
    { displayName: 'Platform' },
    'invalidValue',
  ],
  [
    'AzureAD-BYOA-Provisioning-Samples #22: a list of one object for a text',
    [step('Replace', 'displayName', [{ $ref: null, value: 'User x' }])],
    { displayName: 'User x' },
    'invalidValue',
  ],
  [
    'scimgateway #117: the same for a part of a selected value',
    [step('Add', 'emails[type eq "other"].value', [{ value: 'o@corp.test' }])],
    { emails: [WORK, HOME, { type: 'other', value: 'o@corp.test' }] },
    'invalidValue',
  ],
  [
    'Microsoft, Develop a SCIM endpoint: the manager as a list of one, by a short name',
    [step('Add', 'manager', [{ $ref: 'http://scim.test/Users/m', value: 'm' }])],
    { [E]: { ...ANA[E], manager: { value: 'm' } } },
    'invalidValue',
  ],
  [
    'better-auth #10682: a value that is not there, and what comes with it',
    [
      step('Replace', 'phoneNumbers[type eq "fax"].value', '3'),
      step('Replace', 'roles[primary eq "true"].value', 'r'),
      step('Replace', 'name.familyName', 'King'),
    ],
    {
      phoneNumbers: [...ANA.phoneNumbers, { type: 'fax', value: '3' }],
      roles: [{ primary: true, value: 'r' }],
      name: { ...ANA.name, familyName: 'King' },
    },
    'invalidFilter',
  ],
  [
    'RFC 7643 §2.5, said by clients of singular attributes, too: an empty list for no value',
    [step('Replace', `${E}:manager`, []), step('Replace', 'title', [])],
    { [E]: { department: 'Build' }, title: undefined },
    'invalidValue',
  ],
  [
    'zitadel user_patch_test.go: a remove that finds nothing',
    [step('remove', 'emails[display eq "FOOBAR"]')],
    {},
    'noTarget',
  ],
];

const VIEW = [
  'schemas',
  'userName',
  'displayName',
  'title',
  'name',
  'emails',
  'phoneNumbers',
  'roles',
  'ims',
  E,
] as const;

function seen(user: Json): Json {
  return Object.fromEntries(VIEW.flatMap((name) => (user[name] === undefined ? [] : [[name, user[name]]])));
}

let people = 0;

async function patched(
  client: Client,
  operations: object[],
): Promise<{ scimType?: string; before: Json; after: Json }> {
  people += 1;
  const created = await client.post('/Users', { ...ANA, userName: `ana${people}` });
  assert.equal(created.status, 201, created.text);
  const answer = await client.patch(`/Users/${created.body.id}`, operations);
  const after = (await client.get(`/Users/${created.body.id}`)).body;
  return {
    before: seen(created.body),
    after: seen(after),
    ...(answer.status === 200 ? {} : { scimType: answer.body.scimType }),
  };
}

async function holds(client: Client, name: string, operations: object[], wanted: Json | string): Promise<void> {
  const { before, after, scimType } = await patched(client, operations);
  const refused = typeof wanted === 'string';
  assert.equal(scimType, refused ? wanted : undefined, name);
  assert.deepEqual(after, seen(refused ? before : { ...before, ...wanted }), name);
}

for (const profile of ['entra', 'rfc'] as const satisfies readonly Profile[])
  test(`PATCH of a user, as other projects test it (${profile})`, async (t) => {
    const client = (await scimWorld(t)).as(profile);
    for (const [name, operations, wanted] of PATCHES) await holds(client, name, operations, wanted);
  });

test('PATCH of a user, as users of other projects saw it', async (t) => {
  const world = await scimWorld(t);
  for (const [name, operations, wanted, scimType] of FORGIVEN) {
    for (const profile of ['okta', 'entra', 'generic'] as const)
      await holds(world.as(profile), `${profile}: ${name}`, operations, wanted);
    await holds(world.as('rfc'), `rfc: ${name}`, operations, scimType);
  }
});
