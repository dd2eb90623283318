import fc from 'fast-check';
import { PROFILES, type Profile } from '../../src/config/connection.ts';
import { filterish } from '../scim/filters.ts';
import { E, G, P, U } from '../server/scim/world.ts';
import { HEADERS, SEEDS, type Seed } from './corpus.ts';
import { mutate, TOKENS } from './mutator.ts';
import { Prng } from './prng.ts';

/** One request of a case; ids are still places (`@u0@`). */
export interface Shot {
  readonly profile: Profile;
  readonly method: string;
  /** Below /scim/v2; bytes that a request line cannot hold are percent-encoded when it is sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** A right request with wrong bytes: in its body most of the time, in its path, a header or its method. */
export function mutated(number: number): Shot {
  const prng = new Prng(number);
  const seed = numbered(prng.pick(SEEDS), prng);
  const other = prng.pick(SEEDS);
  const profile = prng.pick(PROFILES);
  // One of ten is left right, so that there is something to break.
  const place = prng.below(10);
  const spare = Buffer.from(other.body ?? other.path);
  const body = seed.body === undefined ? undefined : Buffer.from(seed.body);
  const hurtsBody = body !== undefined && place < 6;
  const hurtsPath = !hurtsBody && place < 8;
  const headers = place === 8 || prng.below(20) === 0 ? mutatedHeaders(prng) : {};
  // The slash stays, so that most of them are still addresses under /scim/v2.
  const path = hurtsPath
    ? `/${mutate(Buffer.from(seed.path.slice(1)), Buffer.from(other.path), prng).toString('latin1')}`
    : seed.path;
  return {
    profile,
    method: prng.below(25) === 0 ? prng.pick(METHODS) : seed.method,
    path,
    headers,
    ...(body === undefined ? {} : { body: hurtsBody ? mutate(body, spare, prng) : body }),
  };
}

function numbered(seed: Seed, prng: Prng): Seed {
  return seed.body === undefined ? seed : { ...seed, body: seed.body.replaceAll('@n@', String(prng.below(50))) };
}

function mutatedHeaders(prng: Prng): Record<string, string> {
  const [name, value] = prng.pick(HEADERS);
  const text =
    prng.below(3) === 0 ? value : mutate(Buffer.from(value), Buffer.from(prng.pick(TOKENS)), prng).toString('latin1');
  // The parser of HTTP lets no control character through.
  return { [name]: text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?') };
}

const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom<unknown>(null, '', [], {}, 'True', 1e308, -0));
const id = fc.constantFrom('@u0@', '@u1@', '@u2@', '@g0@', '@g1@', 'nobody', '');
const names = [
  'userName',
  'active',
  'emails',
  'name',
  'members',
  'title',
  'roles',
  'id',
  'meta',
  'groups',
  'password',
  E,
  `${E}:manager`,
];
const paths = fc.oneof(
  fc.constantFrom(
    ...names,
    'emails[type eq "work"].value',
    'members[value eq "@u0@"]',
    'name.givenName',
    'addresses[primary eq true]',
  ),
  filterish,
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const value = fc.oneof(
  anything,
  fc.array(fc.record({ value: fc.oneof(id, anything), type: fc.constantFrom('User', 'Group', 'work') }), {
    maxLength: 4,
  }),
  fc.dictionary(fc.constantFrom(...names, '__proto__', 'constructor'), anything, { maxKeys: 4 }),
);
const operation = fc.record(
  {
    op: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('add', 'Replace', 'remove') },
      { weight: 1, arbitrary: anything },
    ),
    path: paths,
    value,
  },
  { requiredKeys: ['op'] },
);
const resource = fc.record(
  {
    schemas: fc.oneof(fc.constantFrom([U], [G], [U, E]), anything),
    userName: fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), anything),
    displayName: fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), anything),
    active: fc.oneof(fc.boolean(), anything),
    emails: value,
    members: fc.oneof(fc.array(fc.record({ value: id }), { maxLength: 3 }), value),
    externalId: anything,
    [E]: value,
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.record({ schemas: fc.constant([P]), Operations: fc.oneof(fc.array(operation, { maxLength: 4 }), anything) }),
  resource,
  anything,
);
const query = fc.oneof(
  fc.constant(''),
  filterish.map((filter) => `?filter=${encodeURIComponent(filter)}`),
  fc
    .dictionary(
      fc.constantFrom(
        'count',
        'startIndex',
        'sortBy',
        'sortOrder',
        'attributes',
        'excludedAttributes',
        'cursor',
        'filter',
      ),
      fc.oneof(fc.string({ maxLength: 8 }), paths, fc.integer().map(String)),
      { maxKeys: 3 },
    )
    .map(
      (entries) =>
        `?${new URLSearchParams(Object.entries(entries).map(([name, text]) => [name, text.toWellFormed()]))}`,
    ),
);
const where = fc.oneof(
  fc.constantFrom(
    '/Users',
    '/Groups',
    '/Users/@u0@',
    '/Users/@u1@',
    '/Groups/@g0@',
    '/Groups/@g1@',
    '/.search',
    '/Users/.search',
    '/Bulk',
  ),
  fc.string({ maxLength: 12 }).map((text) => `/Users/${encodeURIComponent(text.toWellFormed())}`),
);

/** A request built from the grammar of SCIM with wrong parts. */
const built: fc.Arbitrary<Shot> = fc.record({
  profile: fc.constantFrom(...PROFILES),
  method: fc.constantFrom(...METHODS),
  path: fc.tuple(where, query).map(([path, text]) => `${path}${text}`),
  headers: fc.constant({}),
  body: body.map((sent) => Buffer.from(JSON.stringify(sent) ?? '')),
});

/** Three of four are mutated bytes, the rest is built. */
export const shot: fc.Arbitrary<Shot> = fc.oneof(
  { weight: 3, arbitrary: fc.integer().map(mutated) },
  { weight: 1, arbitrary: built },
);
