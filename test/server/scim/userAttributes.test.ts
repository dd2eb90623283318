import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STANDARD } from '../../../src/scim/schemas/catalogue.ts';
import { USER } from '../../../src/scim/urns.ts';
import { type Client, E, type Json, scimWorld, U } from './world.ts';

const plural = (value: string, type?: string) => [
  { value, display: `the ${value}`, ...(type === undefined ? {} : { type }), primary: true },
  { value: `${value}2`, display: 'second' },
];

/** A value of each attribute of RFC 7643 §4.1 and §4.3, with the comparison that finds it. */
const VALUES: readonly (readonly [string, unknown, string])[] = [
  ['userName', 'Ana@corp.test', 'userName eq "ana@CORP.test"'],
  [
    'name',
    {
      formatted: 'Dra. Ana M. Ruíz III',
      familyName: 'Ruíz',
      givenName: 'Ana',
      middleName: 'M.',
      honorificPrefix: 'Dra.',
      honorificSuffix: 'III',
    },
    'name.familyName eq "RUÍZ"',
  ],
  ['displayName', 'Ana R', 'displayName sw "ana"'],
  ['nickName', 'Nan', 'nickName eq "nan"'],
  ['profileUrl', 'https://corp.test/~Ana', 'profileUrl eq "https://corp.test/~Ana"'],
  ['title', 'Lead', 'title co "EA"'],
  ['userType', 'Employee', 'userType eq "employee"'],
  ['preferredLanguage', 'es-ES', 'preferredLanguage eq "es-es"'],
  ['locale', 'es-ES', 'locale sw "ES"'],
  ['timezone', 'Europe/Madrid', 'timezone ew "madrid"'],
  ['active', true, 'active eq true'],
  ['emails', plural('Ana@corp.test', 'work'), 'emails[type eq "work" and value eq "ana@corp.test"]'],
  ['phoneNumbers', plural('tel:+34-600-1', 'mobile'), 'phoneNumbers[type eq "mobile"].value eq "TEL:+34-600-1"'],
  ['ims', plural('ana-im', 'xmpp'), 'ims.value eq "ANA-IM"'],
  ['photos', plural('https://corp.test/Ana.png', 'thumbnail'), 'photos.value eq "https://corp.test/Ana.png"'],
  [
    'addresses',
    [
      {
        formatted: 'C/ Mayor 1\n27001 Lugo',
        streetAddress: 'C/ Mayor 1',
        locality: 'Lugo',
        region: 'Galicia',
        postalCode: '27001',
        country: 'ES',
        type: 'work',
        primary: true,
      },
    ],
    'addresses[country eq "es" and primary eq true]',
  ],
  ['entitlements', plural('vpn'), 'entitlements.display eq "the vpn"'],
  ['roles', plural('ci.admin'), 'roles eq "CI.ADMIN"'],
  [
    'x509Certificates',
    plural('MIIBszCCAV0CAQAwDQYJKoZIhvcNAQEFBQAw'),
    'x509Certificates.value eq "MIIBszCCAV0CAQAwDQYJKoZIhvcNAQEFBQAw"',
  ],
  [`${E}:employeeNumber`, 'E-77', `${E}:employeeNumber eq "e-77"`],
  [`${E}:costCenter`, '4130', `${E}:costCenter eq "4130"`],
  [`${E}:organization`, 'Corp', `${E}:organization eq "corp"`],
  [`${E}:division`, 'Build', `${E}:division pr and ${E}:division ne "x"`],
  [`${E}:department`, 'CI', `${E}:department eq "ci"`],
];

const extension = /^(urn:.*):(\w+)$/;

/** A resource with one attribute, and how to take it out again. */
function body(name: string, value: unknown): Json {
  const [, urn, own] = extension.exec(name) ?? [];
  const base = { schemas: urn === undefined ? [U] : [U, urn], userName: 'Ana@corp.test' };
  return urn === undefined ? { ...base, [name]: value } : { ...base, [urn]: { [own!]: value } };
}

function read(resource: Json, name: string): unknown {
  const [, urn, own] = extension.exec(name) ?? [];
  return urn === undefined ? resource[name] : resource[urn]?.[own!];
}

async function found(client: Client, filter: string): Promise<number> {
  const answer = await client.get(`/Users?filter=${encodeURIComponent(filter)}`);
  assert.equal(answer.status, 200, `${filter}: ${answer.text}`);
  return answer.body.totalResults;
}

test('the table has every attribute of RFC 7643 §4 that a client writes and reads', () => {
  const { core, extensions } = STANDARD.types.User;
  const all = [core, ...extensions].flatMap(({ urn, attributes }) =>
    attributes
      .filter(({ mutability, name }) => mutability === 'readWrite' && name !== 'manager')
      .map(({ name }) => (urn === USER ? name : `${urn}:${name}`)),
  );
  assert.deepEqual(VALUES.map(([name]) => name).sort(), all.sort());
});

for (const [name, value, filter] of VALUES)
  test(`${name}: stored, found, projected, sorted by, patched and removed as its schema says`, async (t) => {
    const client = (await scimWorld(t)).as('rfc');
    const { status, body: created, text } = await client.post('/Users', body(name, value));
    assert.equal(status, 201, text);
    const path = `/Users/${created.id}`;
    assert.deepEqual(read((await client.get(path)).body, name), value);
    await client.user('somebody-else', { active: false });
    assert.equal(await found(client, filter), 1, filter);
    assert.equal(await found(client, `not (${filter})`), 1);
    const only = (await client.get(`${path}?attributes=${encodeURIComponent(name)}`)).body;
    assert.deepEqual(read(only, name), value);
    assert.equal(only.meta, undefined);
    const without = (await client.get(`${path}?excludedAttributes=${encodeURIComponent(name)}`)).body;
    assert.equal(read(without, name), undefined);
    const sort = await client.get(
      `/Users?sortBy=${encodeURIComponent(name === 'name' ? 'name.familyName' : name === 'addresses' ? 'addresses.country' : name)}`,
    );
    assert.equal(sort.body.totalResults, 2, sort.text);
    const again = await client.patch(path, [{ op: 'replace', path: name, value }]);
    assert.deepEqual([again.status, again.headers.etag], [200, created.meta.version], 'the same again is no change');
    if (name === 'userName') return;
    const removed = await client.patch(path, [{ op: 'remove', path: name }]);
    assert.equal(removed.status, 200, removed.text);
    assert.equal(read(removed.body, name), undefined);
    assert.notEqual(removed.headers.etag, created.meta.version);
    const put = await client.put(path, body(name, value));
    assert.deepEqual(read(put.body, name), value);
  });
