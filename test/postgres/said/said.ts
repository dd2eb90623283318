import fc from 'fast-check';
import { PROFILES } from '../../../src/config/connection.ts';
import { type Shot, shot } from '../../fuzz/requests.ts';
import { person } from '../../server/scim/searchModel.ts';
import { type Json, P } from '../../server/scim/world.ts';
import { list, onPerson } from './lists.ts';
import { members, someone, strange, TEAM, team, who } from './resources.ts';
import { option, solid, value } from './values.ts';

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

const personOperation = fc.oneof(
  fc.record({
    op: fc.constantFrom('add', 'replace', 'remove', 'Replace'),
    path: onPerson,
    value: fc.oneof(value, fc.array(value, { maxLength: 3 })),
  }),
  fc.record({ op: fc.constantFrom('add', 'replace'), value: fc.oneof(person, strange) }),
);
const teamOperation = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'remove'), path: fc.constant('members'), value: members }),
  fc.record({ op: fc.constant('remove'), path: who.map((id) => `members[value eq "${id}"]`) }),
  fc.record({
    op: fc.constantFrom('add', 'replace'),
    path: fc.constantFrom('displayName', 'externalId', `${TEAM}:area`, `${TEAM}:rank`),
    value,
  }),
  fc.record({ op: fc.constantFrom('add', 'replace'), value: team }),
);
const patch = (operation: fc.Arbitrary<object>) =>
  fc.array(operation, { minLength: 1, maxLength: 4 }).map((Operations) => ({ schemas: [P], Operations }));

type Request = Pick<Shot, 'method' | 'path'> & { readonly data?: object };
const search = (given: Json): string =>
  new URLSearchParams(Object.entries(given).map(([key, item]) => [key, String(item)]))
    .toString()
    .replace(/%40([ugcm]\d)%40/g, '@$1@');
const at = (home: string) => fc.constantFrom(...[0, 1, 2, 3, 4].map((n) => `/${home}/@${home[0]!.toLowerCase()}${n}@`));
const asking = (kind: 'Users' | 'Groups'): fc.Arbitrary<Request> =>
  fc.oneof(
    list(kind).map((given) => ({ method: 'GET', path: `/${kind}?${search(given)}` })),
    list(kind).map((given) => ({ method: 'POST', path: `/${kind}/.search`, data: { schemas: [SEARCH], ...given } })),
    list(kind).map((given) => ({ method: 'POST', path: '/.search', data: { schemas: [SEARCH], ...given } })),
    fc.tuple(at(kind), list(kind)).map(([path, { attributes, excludedAttributes }]) => ({
      method: 'GET',
      path: `${path}?${search(solid({ attributes, excludedAttributes }))}`,
    })),
  );
const writing: fc.Arbitrary<Request> = fc.oneof(
  { weight: 4, arbitrary: someone.map((data) => ({ method: 'POST', path: '/Users', data })) },
  { weight: 3, arbitrary: team.map((data) => ({ method: 'POST', path: '/Groups', data })) },
  { weight: 2, arbitrary: fc.record({ method: fc.constant('PUT'), path: at('Users'), data: someone }) },
  { weight: 2, arbitrary: fc.record({ method: fc.constant('PUT'), path: at('Groups'), data: team }) },
  {
    weight: 5,
    arbitrary: fc.record({ method: fc.constant('PATCH'), path: at('Users'), data: patch(personOperation) }),
  },
  { weight: 5, arbitrary: fc.record({ method: fc.constant('PATCH'), path: at('Groups'), data: patch(teamOperation) }) },
  { weight: 1, arbitrary: fc.record({ method: fc.constant('DELETE'), path: fc.oneof(at('Users'), at('Groups')) }) },
);
/** Somebody by what they are called in the same request. */
const naming = (one: Request, name: string): Request => JSON.parse(JSON.stringify(one).replace(/@[ug]1@/g, name));
const bulk: fc.Arbitrary<Request> = fc
  .record({
    operations: fc.array(writing, { minLength: 1, maxLength: 6 }),
    failOnErrors: option(fc.integer({ min: 1, max: 3 })),
    // Of an operation before it, behind it, or of none.
    meant: fc.option(fc.nat({ max: 6 }), { nil: undefined }),
  })
  .map(({ operations, failOnErrors, meant }) => ({
    method: 'POST',
    path: '/Bulk',
    data: solid({
      schemas: [BULK],
      // What is about several people is done side by side, in an order of its own, unless one failure ends it.
      failOnErrors: operations.filter(({ path }) => path.startsWith('/Users')).length > 1 ? 1 : failOnErrors,
      Operations: operations.map((one, n) => ({
        ...(meant === undefined ? one : naming(one, `bulkId:b${meant}`)),
        ...(one.method === 'POST' ? { bulkId: `b${n}` } : {}),
      })),
    }),
  }));
const told: fc.Arbitrary<Request> = fc.oneof(
  { weight: 5, arbitrary: writing },
  { weight: 8, arbitrary: asking('Users') },
  { weight: 2, arbitrary: asking('Groups') },
  { weight: 2, arbitrary: bulk },
);

/** Two connections most of the time, so that names meet. */
const right: fc.Arbitrary<Shot> = fc
  .record({
    profile: fc.oneof(
      { weight: 4, arbitrary: fc.constant('rfc' as const) },
      { weight: 2, arbitrary: fc.constant('entra' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...PROFILES) },
    ),
    told,
    headers: fc.oneof(
      { weight: 8, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.constantFrom('W/"1"', 'W/"2"', '*', '"3"').map((tag) => ({ 'if-match': tag })) },
      { weight: 1, arbitrary: fc.constantFrom('W/"1"', '*').map((tag) => ({ 'if-none-match': tag })) },
    ),
  })
  .map(({ profile, told: { method, path, data }, headers }) => ({
    ...{ profile, method, path, headers },
    ...(data === undefined ? {} : { body: Buffer.from(JSON.stringify(data)) }),
  }));

/** Right ones, and of five one that is hostile. */
export const said: fc.Arbitrary<Shot> = fc.oneof(
  { weight: 4, arbitrary: right },
  {
    weight: 1,
    arbitrary: shot,
  },
);
