import { E, G, P, U } from '../server/scim/world.ts';

/** A request that is right, with places: `@u0@` … are people and `@g0@` … groups that exist, `@n@` is a number. */
export interface Seed {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

/** A schema from configuration with an attribute of each characteristic. */
export const X = 'urn:example:fuzz:2.0:User';
export const EXTENSION = {
  [X]: {
    attributes: {
      plain: { maxLength: 16 },
      exact: { caseExact: true },
      once: { mutability: 'immutable' },
      given: { mutability: 'readOnly' },
      secret: { mutability: 'writeOnly' },
      hidden: { returned: 'never' },
      badge: { uniqueness: 'server', multiValued: true },
      level: { type: 'integer' },
      since: { type: 'dateTime' },
      desk: {
        type: 'complex',
        attributes: { room: {}, seat: { mutability: 'immutable' }, plan: { returned: 'request' } },
      },
      skills: { type: 'complex', multiValued: true, attributes: { value: {}, level: { type: 'integer' } } },
    },
  },
};
const TRAITS = {
  plain: 'p',
  exact: 'E',
  once: 'o',
  secret: 's',
  badge: ['b-@n@'],
  level: 1,
  desk: { room: 'A', seat: '1' },
};

const user = (more: object) => JSON.stringify({ schemas: [U], ...more });
const patch = (...Operations: object[]) => JSON.stringify({ schemas: [P], Operations });
const q = (filter: string) => `/Users?filter=${encodeURIComponent(filter)}`;

const FILTERS = [
  'userName eq "ana@corp.test"',
  'externalId eq "00u1abc"',
  'emails[type eq "work"].value eq "ana@corp.test"',
  'emails[type eq "work" and value co "@corp"] or ims[type eq "xmpp"]',
  'active eq true and (meta.lastModified ge "2026-01-01T00:00:00Z" and meta.lastModified le "2026-02-01T00:00:00Z")',
  'not (title pr) or name.familyName sw "R\\u00fc"',
  'groups.value eq "@g0@"',
  `${E}:manager.value eq "@u1@"`,
  `schemas eq "${E}"`,
  'id eq "@u0@" or userName gt "m"',
  `${X}:plain eq "p" and ${X}:desk[room eq "A"] or ${X}:skills.level gt 1`,
  `${X}:hidden eq "h"`,
];

const USER_PATCHES = [
  patch({ op: 'replace', value: { active: false } }),
  patch({ op: 'Replace', path: 'active', value: 'False' }),
  patch({ op: 'add', path: 'emails', value: [{ value: 'new@corp.test', type: 'home', primary: true }] }),
  patch({ op: 'add', path: 'emails[type eq "work"].value', value: 'w@corp.test' }),
  patch({ op: 'replace', path: 'addresses[type eq "work"]', value: { locality: 'Lugo', type: 'work' } }),
  patch({ op: 'remove', path: 'emails[type eq "work" and value ew "example.com"]' }),
  patch({ op: 'replace', value: { 'name.givenName': 'Ana', [`${E}:employeeNumber`]: '77', displayName: 'A' } }),
  patch({ op: 'add', path: `${E}:manager`, value: '@u1@' }, { op: 'remove', path: `${E}:department` }),
  patch({ op: 'replace', path: `${X}:once`, value: 'o2' }, { op: 'add', path: `${X}:badge`, value: ['b-1'] }),
  patch({ op: 'add', value: { [X]: { ...TRAITS, skills: [{ value: 'Java', level: 2 }] } } }),
  patch(
    { op: 'replace', path: `${X}:skills[value eq "Java"].level`, value: 3 },
    { op: 'remove', path: `${X}:desk.seat` },
  ),
  patch({ op: 'remove', path: 'title' }, { op: 'remove', path: 'active' }),
  patch({ op: 'Add', path: 'roles', value: [{ value: '{"id":"827f","value":"ci.admin","displayName":"CI Admin"}' }] }),
  patch({ op: 'add', value: { [E]: { department: 'D', manager: { value: '@u0@' } } } }),
];

const GROUP_PATCHES = [
  patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: '@u0@' }] }),
  patch({ op: 'Remove', path: 'members', value: [{ $ref: null, value: '@u0@' }] }),
  patch({ op: 'remove', path: 'members[value eq "@u1@"]' }),
  patch({ op: 'replace', path: 'members', value: [{ value: '@u1@' }, { value: '@u2@' }] }),
  patch({ op: 'add', path: 'members', value: [{ value: '@g1@', type: 'Group' }] }),
  patch({ op: 'replace', value: { id: '@g0@', displayName: 'ci-admins' } }),
  patch({ op: 'add', value: { members: [{ value: '@u2@' }] } }, { op: 'remove', path: 'members' }),
  patch({ op: 'replace', value: { schemas: [G], externalId: 'pk', displayName: 'ci', id: '@g0@' } }),
];

const FULL = {
  userName: 'ana-@n@@corp.test',
  externalId: '00u1abc',
  name: { givenName: 'Ana', familyName: 'Ruíz', formatted: 'Ana Ruíz' },
  emails: [{ primary: true, value: 'ana@corp.test', type: 'work' }],
  phoneNumbers: [{ value: '+34 600', type: 'mobile' }],
  addresses: [{ type: 'work', streetAddress: 'C/ Mayor 1', primary: true }],
  x509Certificates: [{ value: 'MIIB' }],
  active: true,
  groups: [],
  password: 'x',
  locale: 'es-ES',
  [E]: { employeeNumber: '77', manager: { value: '@u0@' } },
};

/** Requests as identity providers send them (reference §3.5), and every other kind of request there is. */
export const SEEDS: readonly Seed[] = [
  { method: 'POST', path: '/Users', body: user(FULL) },
  { method: 'POST', path: '/Users?attributes=userName,emails.value', body: user({ userName: 'bo-@n@' }) },
  {
    method: 'POST',
    path: '/Groups',
    body: JSON.stringify({ schemas: [G], displayName: 'ci-@n@', members: [{ value: '@u0@' }] }),
  },
  { method: 'POST', path: '/Users', body: user({ userName: 'traits-@n@', [X]: TRAITS }) },
  { method: 'PUT', path: '/Users/@u1@', body: user({ userName: 'traits-@n@', [X]: { ...TRAITS, once: 'O' } }) },
  { method: 'GET', path: `/Users/@u0@?attributes=${X}:desk.plan,${X}:hidden&excludedAttributes=` },
  { method: 'GET', path: `/Users?sortBy=${X}:level&attributes=${X}` },
  { method: 'PUT', path: '/Users/@u0@', body: user({ ...FULL, active: false, meta: { version: 'x' }, id: '@u0@' }) },
  { method: 'PUT', path: '/Groups/@g0@', body: JSON.stringify({ schemas: [G], displayName: 'ci-2', members: [] }) },
  ...USER_PATCHES.map((body) => ({ method: 'PATCH', path: '/Users/@u0@', body })),
  ...GROUP_PATCHES.map((body) => ({ method: 'PATCH', path: '/Groups/@g0@', body })),
  { method: 'DELETE', path: '/Users/@u3@' },
  { method: 'DELETE', path: '/Groups/@g3@' },
  ...FILTERS.map((filter) => ({ method: 'GET', path: q(filter) })),
  { method: 'GET', path: '/Users/@u0@?excludedAttributes=groups,emails.type' },
  { method: 'GET', path: '/Groups/@g0@?attributes=members.value,displayName' },
  { method: 'GET', path: '/Groups?excludedAttributes=members&filter=displayName%20eq%20%22ci%22' },
  { method: 'GET', path: '/Users?startIndex=2&count=3&sortBy=name.familyName&sortOrder=descending' },
  { method: 'GET', path: '/Users?cursor&count=2' },
  { method: 'GET', path: '/Users?cursor=eyJhIjoxfQ.c2ln&count=2' },
  ...['/ServiceProviderConfig', '/ResourceTypes/User', `/Schemas/${U}`, '/Me'].map((path) => ({ method: 'GET', path })),
  ...['/.search', '/Users/.search', '/Groups/.search'].map((path) => ({
    method: 'POST',
    path,
    body: JSON.stringify({
      schemas: [SEARCH],
      attributes: ['displayName', 'userName'],
      filter: 'displayName sw "c" or not (active eq false)',
      sortBy: 'displayName',
      startIndex: 1,
      count: 10,
    }),
  })),
  { method: 'POST', path: '/Users/.search', body: JSON.stringify({ schemas: [SEARCH], cursor: '', count: 2 }) },
  {
    method: 'POST',
    path: '/Bulk',
    body: JSON.stringify({
      schemas: [BULK],
      failOnErrors: 1,
      Operations: [
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'a',
          data: { schemas: [G], displayName: 'A', members: [{ type: 'Group', value: 'bulkId:b' }] },
        },
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'b',
          data: { schemas: [G], displayName: 'B', members: [{ type: 'Group', value: 'bulkId:a' }] },
        },
        { method: 'DELETE', path: '/Users/@u3@' },
        {
          method: 'PATCH',
          path: '/Users/@u0@',
          version: 'W/"1"',
          data: { schemas: [P], Operations: [{ op: 'replace', path: 'title', value: 'x' }] },
        },
      ],
    }),
  },
];

export const HEADERS: readonly (readonly [string, string])[] = [
  ['if-match', 'W/"1"'],
  ['if-none-match', '*'],
  ['if-match', '"1", W/"2"'],
  ['content-type', 'application/json; charset=utf-8'],
  ['content-encoding', 'gzip'],
  ['accept', 'application/scim+json;q=0.5, */*'],
  ['prefer', 'return=minimal'],
  ['x-forwarded-for', '10.0.0.1, 192.0.2.7'],
  ['transfer-encoding', 'identity'],
  ['expect', '100-continue'],
];
