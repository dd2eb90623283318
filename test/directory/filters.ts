import fc from 'fast-check';
import type { AttributePath, CompareOperator, Filter } from '../../src/scim/filter/filter.ts';
import { attributePath } from '../../src/scim/filter/resolve.ts';
import type { Attributes, ResourceType } from '../../src/scim/resource.ts';
import { RESOURCE_TYPES } from '../../src/scim/schemas/catalogue.ts';
import { COMMON } from '../../src/scim/schemas/everyResource.ts';

/** Short texts that are easily confused: case, compatibility forms, combining marks, wildcards of LIKE, quotes. */
export const WORDS = [
  '',
  'a',
  'A',
  'ab',
  'aB',
  'Ana',
  'ana',
  'ANA PÉREZ',
  'ana pe\u0301rez',
  'K',
  '\u212a',
  '\uff21na',
  'straße',
  'STRASSE',
  'İ',
  'ΑΣ',
  'ΑΣΑ',
  'Σ',
  'ασ',
  '%',
  '_',
  'a%b',
  'a_b',
  '\\',
  "o'brien",
  '"quoted"',
  '😀',
  '\u{10ffff}',
  'work',
  'home',
  'null',
  'true',
  '1',
] as const;

export const word = fc.constantFrom(...WORDS);
const instants = [
  '2026-11-24T08:00:01.000Z',
  '2026-11-24T08:00:05.000Z',
  '2026-11-24T08:00:30.000Z',
  '2030-01-01T00:00:00.000Z',
];

/** Every path a filter can name, with and without sub-attribute. */
export function paths(type: ResourceType): AttributePath[] {
  const { core, extensions } = RESOURCE_TYPES[type];
  const hidden = (rules: { readonly computed?: true }, returned: string): boolean =>
    rules.computed === true || returned === 'never';
  return [{ urn: core.urn, attributes: [...COMMON, ...core.attributes] }, ...extensions].flatMap(
    ({ urn, attributes }) =>
      attributes
        .filter((definition) => definition.name !== 'schemas' && !hidden(definition.rules, definition.returned))
        .flatMap((definition) => [
          ...(definition.name === 'meta' ? [] : [attributePath({ schema: urn, definition })]),
          ...(definition.subAttributes ?? [])
            .filter((sub) => !hidden(sub.rules, sub.returned))
            .map((sub) => attributePath({ schema: urn, definition }, sub)),
        ]),
  );
}

function operators(path: AttributePath): readonly CompareOperator[] {
  if (path.type === 'boolean' || path.type === 'binary') return ['eq', 'ne'];
  if (path.type === 'dateTime') return ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
  return ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];
}

/** Comparisons of a path; `more` are texts worth asking for beside the words, ids for example. */
function leaf(path: AttributePath, more: readonly string[]): fc.Arbitrary<Filter> {
  const present = fc.constant<Filter>({ kind: 'present', path });
  if (path.type === 'complex') return present;
  const text = more.length === 0 ? word : fc.oneof(word, fc.constantFrom(...more));
  const value = path.type === 'boolean' ? fc.boolean() : path.type === 'dateTime' ? fc.constantFrom(...instants) : text;
  const compare = fc
    .tuple(fc.constantFrom(...operators(path)), value)
    .map(([operator, wanted]): Filter => ({ kind: 'compare', path, operator, value: wanted }));
  return fc.oneof({ weight: 5, arbitrary: compare }, { weight: 1, arbitrary: present });
}

function combined(leaves: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaves,
      tie('filter').map((filter): Filter => ({ kind: 'not', filter })),
      fc.array(tie('filter'), { maxLength: 3 }).map((filters): Filter => ({ kind: 'and', filters })),
      fc.array(tie('filter'), { maxLength: 3 }).map((filters): Filter => ({ kind: 'or', filters })),
    ),
  })).filter;
}

/** Any filter over a resource type. */
export function filters(type: ResourceType, more: readonly string[]): fc.Arbitrary<Filter> {
  const all = paths(type);
  const subs = (outer: AttributePath): AttributePath[] =>
    all.filter((path) => path.schema === outer.schema && path.attribute === outer.attribute && path.sub !== undefined);
  const complex = all.filter((path) => path.type === 'complex' && path.sub === undefined);
  const top = fc.constantFrom(...all).chain((path) => leaf(path, more));
  const bracketed = fc
    .constantFrom(...complex)
    .chain((path) =>
      combined(fc.constantFrom(...subs(path)).chain((sub) => leaf(sub, more))).map(
        (filter): Filter => ({ kind: 'value-path', path, filter }),
      ),
    );
  return combined(fc.oneof(top, bracketed));
}

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const solid = <T extends object>(value: T): Attributes =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));

const element = fc
  .record({
    value: optional(word),
    display: optional(word),
    type: optional(fc.constantFrom('work', 'home', 'Work')),
    primary: optional(fc.boolean()),
  })
  .map(solid)
  .filter((made) => Object.keys(made).length > 0);
const elements = optional(fc.array(element, { minLength: 1, maxLength: 3 }));

/** Attributes of a person without userName, as scim hands them over. */
export const person: fc.Arbitrary<Attributes> = fc
  .record({
    active: fc.boolean(),
    externalId: optional(word),
    displayName: optional(word),
    nickName: optional(word),
    title: optional(word),
    userType: optional(word),
    name: optional(fc.record({ familyName: optional(word), givenName: word }).map(solid)),
    emails: elements,
    phoneNumbers: elements,
    roles: elements,
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': optional(
      fc
        .record({ department: optional(word), manager: optional(fc.record({ value: word })), costCenter: word })
        .map(solid),
    ),
  })
  .map(solid);
