import fc from 'fast-check';
import { extensions } from '../../../src/config/extension.ts';
import { configuredCatalogue } from '../../../src/scim/schemas/configured.ts';
import { E, type Json } from './world.ts';

/** An extension with an attribute of every type that there is, alone, in lists and inside objects. */
export const X = 'urn:example:scim:every:2.0:User';
const parts = {
  value: {},
  code: { caseExact: true },
  level: { type: 'integer' },
  weight: { type: 'decimal' },
  since: { type: 'dateTime' },
  good: { type: 'boolean' },
  link: { type: 'reference' },
  blob: { type: 'binary' },
  primary: { type: 'boolean' },
} as const;
export const EVERY = {
  [X]: {
    attributes: {
      word: {},
      exact: { caseExact: true },
      whole: { type: 'integer' },
      fraction: { type: 'decimal' },
      moment: { type: 'dateTime' },
      flag: { type: 'boolean' },
      page: { type: 'reference' },
      bytes: { type: 'binary' },
      words: { multiValued: true },
      wholes: { type: 'integer', multiValued: true },
      fractions: { type: 'decimal', multiValued: true },
      moments: { type: 'dateTime', multiValued: true },
      flags: { type: 'boolean', multiValued: true },
      thing: { type: 'complex', attributes: parts },
      things: { type: 'complex', multiValued: true, attributes: parts },
    },
  },
} as const;
export const EVERY_TYPE = configuredCatalogue(extensions.parse(EVERY));

type Kind = 'text' | 'exact' | 'number' | 'moment' | 'flag' | 'bytes';

/** What RFC 7643 says of an attribute, by the path a client writes. */
export interface Path {
  readonly urn?: string;
  readonly name: string;
  readonly sub?: string;
  readonly kind: Kind;
  /** Cannot be sorted by. */
  readonly unsorted?: true;
}

const subs: readonly (readonly [string, Kind])[] = [
  ['value', 'text'],
  ['code', 'exact'],
  ['level', 'number'],
  ['weight', 'number'],
  ['since', 'moment'],
  ['good', 'flag'],
  ['link', 'exact'],
  ['blob', 'bytes'],
  ['primary', 'flag'],
];
const mail: readonly (readonly [string, Kind])[] = [
  ['value', 'text'],
  ['type', 'text'],
  ['display', 'text'],
  ['primary', 'flag'],
];
const path = (name: string, kind: Kind, urn?: string): Path => ({ name, kind, ...(urn === undefined ? {} : { urn }) });
const below = (name: string, list: typeof subs, urn?: string): Path[] =>
  list.map(([sub, kind]) => ({ ...path(name, kind, urn), sub }));

export const PATHS: readonly Path[] = [
  path('userName', 'text'),
  path('externalId', 'exact'),
  path('displayName', 'text'),
  path('title', 'text'),
  path('profileUrl', 'exact'),
  path('active', 'flag'),
  path('id', 'exact'),
  ...below('name', [['familyName', 'text'] as const, ['givenName', 'text'] as const]),
  ...below('meta', [['created', 'moment'] as const, ['lastModified', 'moment'] as const]),
  ...below('emails', mail),
  ...below('roles', mail),
  path('department', 'text', E),
  ...below('manager', [['value', 'exact']], E),
  path('word', 'text', X),
  path('exact', 'exact', X),
  path('whole', 'number', X),
  path('fraction', 'number', X),
  path('moment', 'moment', X),
  path('flag', 'flag', X),
  path('page', 'exact', X),
  path('bytes', 'bytes', X),
  path('words', 'text', X),
  path('wholes', 'number', X),
  path('fractions', 'number', X),
  path('moments', 'moment', X),
  path('flags', 'flag', X),
  ...below('thing', subs, X),
  ...below('things', subs, X),
];

const WORDS = [
  ...['a', 'A', 'ab', 'aB', 'Ana', 'ANA PÉREZ', 'ana pe\u0301rez', 'K', '\u212a', '\uff21na', 'straße', 'STRASSE'],
  ...['İ', 'i', 'I', 'ı', 'ΣΑΣ', 'σας', 'σασ', 'ﬁ', 'fi', 'ǅ', 'ß', 'ẞ', '%', '_', 'a%b', '\\', "o'brien", '"q"', '😀'],
  ...['\u{10ffff}', '\ud7ff', '\ue000', '\uffff', 'null', 'true', '1', '10', '9', ' ', 'a ', `${'x'.repeat(190)}1`],
  ...[`${'x'.repeat(190)}2`, '\u0345', 'e\u0301\u0327', '①', '1\u0660'],
];
const NUMBERS = [0, -1, 1, 2, 10, 1e15, 2 ** 62 + 1024, 2 ** 53 + 2, -(2 ** 63), 1e300];
const FRACTIONS = [...NUMBERS, 0.5, -0.5, 0.1, 0.30000000000000004, 1e-300, 1.5, 1e21];
const MOMENTS = [
  ...['2026-11-24T08:00:01.000Z', '2026-11-24T08:00:01Z', '2026-11-24T09:00:01+01:00', '1969-12-31T23:59:59.999Z'],
  ...['2026-11-24T08:00:05.000Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '2024-02-29T12:00:00-00:30'],
];
const LINKS = ['https://x.test/A', 'https://x.test/a', '../Users/1', 'urn:a', 'URN:a'];
const BLOBS = ['YQ==', 'yq==', 'AAAA', 'aaaa'];

const word = fc.constantFrom(...WORDS);
const aValue = (kind: Kind, name: string): fc.Arbitrary<string | number | boolean> => {
  if (kind === 'text') return word;
  if (kind === 'exact') return name === 'link' || name === 'page' ? fc.constantFrom(...LINKS) : word;
  if (kind === 'number')
    return fc.constantFrom(...(name.startsWith('fraction') || name === 'weight' ? FRACTIONS : NUMBERS));
  if (kind === 'moment') return fc.constantFrom(...MOMENTS);
  return kind === 'flag' ? fc.boolean() : fc.constantFrom(...BLOBS);
};
const solid = (value: object): Json =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

const element = (list: readonly (readonly [string, Kind])[]): fc.Arbitrary<Json> =>
  fc
    .record(
      Object.fromEntries(list.map(([sub, kind]) => [sub, fc.option(aValue(kind, sub), { nil: undefined, freq: 2 })])),
    )
    .map(solid)
    .filter((made) => Object.keys(made).some((key) => key !== 'type' && key !== 'primary'));
/** At most one of several is the primary one. */
const elements = (list: readonly (readonly [string, Kind])[]): fc.Arbitrary<Json[] | undefined> =>
  optional(
    fc.array(element(list), { minLength: 1, maxLength: 3 }).map((made) => {
      const first = made.findIndex((item) => item.primary === true);
      return made.map((item, at) => (item.primary === true && at !== first ? { ...item, primary: false } : item));
    }),
  );
const listOf = (kind: Kind, name: string) => optional(fc.array(aValue(kind, name), { minLength: 1, maxLength: 3 }));

/** The body of a person without userName. */
export const person: fc.Arbitrary<Json> = fc
  .record({
    externalId: optional(word),
    displayName: optional(word),
    title: optional(word),
    active: optional(fc.boolean()),
    profileUrl: optional(fc.constantFrom(...LINKS)),
    name: optional(fc.record({ familyName: optional(word), givenName: word }).map(solid)),
    emails: elements(mail),
    roles: elements(mail),
    [E]: fc.record({ department: optional(word), manager: optional(fc.record({ value: word })) }).map(solid),
    [X]: fc
      .record({
        ...Object.fromEntries(
          PATHS.filter(({ urn, sub }) => urn === X && sub === undefined).map(({ name, kind }) => [
            name,
            name.endsWith('s') && name !== 'bytes' ? listOf(kind, name) : optional(aValue(kind, name)),
          ]),
        ),
        thing: optional(element(subs)),
        things: elements(subs),
      })
      .map(solid),
  })
  .map(solid);

/** A filter as RFC 7644 §3.4.2.2 has it: its text, and whom it holds for, read off the resource naively. */
export interface Asked {
  readonly text: string;
  holds(resource: Json): boolean;
}

const fold = (text: string): string => text.normalize('NFKC').toLowerCase().normalize('NFKC');
const points = (a: string, b: string): number => {
  const [one, other] = [[...a], [...b]];
  for (let at = 0; at < Math.min(one.length, other.length); at++)
    if (one[at] !== other[at]) return one[at]!.codePointAt(0)! - other[at]!.codePointAt(0)!;
  return one.length - other.length;
};

/** The values that a path names in a resource. */
function valuesAt(resource: Json, { urn, name, sub }: Path): Json[] {
  const home = urn === undefined ? resource : (resource[urn] ?? {});
  const found: Json[] = [home[name] ?? []].flat();
  return (sub === undefined ? found : found.map((item) => item[sub])).filter((item) => item !== undefined);
}

function compared(kind: Kind, stored: Json, operator: string, wanted: Json): boolean {
  if (kind === 'flag' || kind === 'bytes') return operator === 'eq' && stored === wanted;
  if (kind === 'moment') return signed(Date.parse(stored) - Date.parse(wanted), operator);
  if (kind === 'number') return signed(stored < wanted ? -1 : stored > wanted ? 1 : 0, operator);
  const [a, b] = kind === 'text' ? [fold(stored), fold(wanted)] : [stored as string, wanted as string];
  // A part of a word does not know whether its sigma ends the word.
  const [whole, part] = kind === 'text' ? [a, b].map((text) => text.split('ς').join('σ')) : [a, b];
  if (operator === 'co') return whole!.includes(part!);
  if (operator === 'sw') return whole!.startsWith(part!);
  if (operator === 'ew') return whole!.endsWith(part!);
  return signed(points(a, b), operator);
}

function signed(sign: number, operator: string): boolean {
  if (operator === 'eq') return sign === 0;
  if (operator === 'gt') return sign > 0;
  if (operator === 'ge') return sign >= 0;
  return operator === 'lt' ? sign < 0 : sign <= 0;
}

const OPERATORS: Readonly<Record<Kind, readonly string[]>> = {
  text: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'],
  exact: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'],
  number: ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
  moment: ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
  flag: ['eq', 'ne'],
  bytes: ['eq', 'ne'],
};

const spelled = (text: string) => fc.constantFrom(text, text.toUpperCase(), text.toLowerCase());
const named = ({ urn, name, sub }: Path, short = false): fc.Arbitrary<string> =>
  spelled(
    `${urn === undefined || short ? '' : `${urn}:`}${short ? '' : name}${sub === undefined ? '' : `${short ? '' : '.'}${sub}`}`,
  );

/** Where it is not said of a value whether it is the primary one, it is not (RFC 7643 §2.4). */
function saidAt(resource: Json, at: Path): Json[] {
  if (at.sub !== 'primary' || at.name === 'thing') return valuesAt(resource, at);
  const { sub, ...whole } = at;
  return valuesAt(resource, whole).map((item) => item[sub] ?? false);
}

/** Of a list of resources, or of elements where `inside` a value path. */
function leaf(at: Path, inside: boolean): fc.Arbitrary<Asked> {
  const read = (item: Json): Json[] =>
    inside ? (item[at.sub!] === undefined ? [] : [item[at.sub!]]) : valuesAt(item, at);
  const missing = (item: Json): boolean => at.name !== 'active' && read(item).length === 0;
  const test = fc
    .tuple(named(at, inside), fc.constantFrom(...OPERATORS[at.kind]), aValue(at.kind, at.sub ?? at.name))
    .map(([name, operator, wanted]): Asked => {
      const { urn: _, ...bare } = at;
      const said = (item: Json): Json[] => (inside ? saidAt({ [at.name]: [item] }, bare) : saidAt(item, at));
      const by = (item: Json, how: string) => said(item).some((stored) => compared(at.kind, stored, how, wanted));
      return {
        text: `${name} ${operator} ${JSON.stringify(wanted)}`,
        holds: (item) => (operator === 'ne' ? !by(item, 'eq') : by(item, operator)),
      };
    });
  const present = fc
    .tuple(named(at, inside), fc.constantFrom(' pr', ' ne null', ' eq null'))
    .map(([name, how]): Asked => ({ text: name + how, holds: (item) => missing(item) === (how === ' eq null') }));
  return fc.oneof({ weight: 6, arbitrary: test }, { weight: 1, arbitrary: present });
}

function combined(leaves: fc.Arbitrary<Asked>): fc.Arbitrary<Asked> {
  return fc.letrec<{ asked: Asked }>((tie) => ({
    asked: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaves,
      tie('asked').map(({ text, holds }): Asked => ({ text: `not (${text})`, holds: (item) => !holds(item) })),
      fc
        .tuple(tie('asked'), tie('asked'))
        .map(
          ([a, b]): Asked => ({ text: `(${a.text}) and (${b.text})`, holds: (item) => a.holds(item) && b.holds(item) }),
        ),
      fc
        .tuple(tie('asked'), tie('asked'))
        .map(
          ([a, b]): Asked => ({ text: `(${a.text}) or (${b.text})`, holds: (item) => a.holds(item) || b.holds(item) }),
        ),
    ),
  })).asked;
}

const COMPLEX = ['emails', 'roles', 'things', 'thing', 'name', 'manager'];
const bracketed = fc.constantFrom(...COMPLEX).chain((name) => {
  const list = PATHS.filter((item) => item.name === name && item.sub !== undefined);
  const outer: Path = { ...list[0]!, kind: 'text' };
  const { sub: _, ...whole } = outer;
  return fc.tuple(named(whole), combined(fc.constantFrom(...list).chain((item) => leaf(item, true)))).map(
    ([text, inner]): Asked => ({
      text: `${text}[${inner.text}]`,
      holds: (item) => valuesAt(item, whole).some((found) => inner.holds(found)),
    }),
  );
});

export const asked: fc.Arbitrary<Asked> = combined(
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...PATHS).chain((item) => leaf(item, false)) }, bracketed),
);

/** Resources, which come in the order of their creation, in the order that RFC 7644 §3.4.2.3 asks for. */
export function sorted(resources: readonly Json[], by: Path | undefined, descending: boolean): Json[] {
  if (by === undefined) return [...resources];
  const key = (resource: Json): Json => {
    const { sub, ...whole } = by;
    const all = valuesAt(resource, sub === undefined ? by : whole);
    const chosen = all.find((item) => item?.primary === true) ?? all[0];
    const value = sub === undefined ? chosen : chosen?.[sub];
    return typeof value === 'string' && by.kind === 'text' ? fold(value) : value;
  };
  const sign = descending ? -1 : 1;
  const compare = (a: Json, b: Json): number => {
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return typeof a === 'string' ? points(a, b) : Number(a > b) - Number(a < b);
  };
  return resources
    .map((resource) => ({ resource, key: key(resource) }))
    .sort((a, b) => sign * compare(a.key, b.key))
    .map(({ resource }) => resource);
}

export const sortable: fc.Arbitrary<Path | undefined> = fc.option(fc.constantFrom(...PATHS), {
  nil: undefined,
  freq: 6,
});
export const writtenPath = ({ urn, name, sub }: Path): string =>
  `${urn === undefined ? '' : `${urn}:`}${name}${sub === undefined ? '' : `.${sub}`}`;
