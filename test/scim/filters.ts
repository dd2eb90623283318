import fc from 'fast-check';
import type { AttributePath, CompareOperator, Filter } from '../../src/scim/filter/filter.ts';
import { attributePath } from '../../src/scim/filter/resolve.ts';
import { findAttribute, findSub } from '../../src/scim/schemas/catalogue.ts';
import { ENTERPRISE_USER, USER } from '../../src/scim/urns.ts';

export function path(attribute: string, sub?: string, urn = USER): AttributePath {
  const located = findAttribute('User', urn, attribute)!;
  return attributePath(located, sub === undefined ? undefined : findSub(located.definition, sub)!);
}

const strings = [
  path('userName'),
  path('externalId'),
  path('name', 'familyName'),
  path('title'),
  path('department', undefined, ENTERPRISE_USER),
  path('manager', 'value', ENTERPRISE_USER),
  path('emails', 'value'),
];
const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((value) => value.toWellFormed()),
  fc.constantFrom('"', '\\', ') or (', 'a]b', 'Ana'),
);

function compare(paths: readonly AttributePath[]): fc.Arbitrary<Filter> {
  return fc.oneof(
    fc.record({
      kind: fc.constant('compare' as const),
      path: fc.constantFrom(...paths),
      operator: fc.constantFrom<CompareOperator>('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'),
      value: text,
    }),
    fc.record({ kind: fc.constant('present' as const), path: fc.constantFrom(...paths) }),
  );
}

/** `active` is compared with true only: what is asked of false is resolved to the opposite question. */
const active: fc.Arbitrary<Filter> = fc.record({
  kind: fc.constant('compare' as const),
  path: fc.constant(path('active')),
  operator: fc.constantFrom<CompareOperator>('eq', 'ne'),
  value: fc.constant(true),
});

function nested(leaf: fc.Arbitrary<Filter>, depth: number): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: depth, withCrossShrink: true },
      leaf,
      fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        filters: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
      }),
    ),
  })).filter;
}

const element = nested(compare([path('emails', 'value'), path('emails', 'type'), path('emails', 'display')]), 2);
const valuePath: fc.Arbitrary<Filter> = fc.record({
  kind: fc.constant('value-path' as const),
  path: fc.constant(path('emails')),
  filter: element,
});

/** Filters on users, resolved. */
export const filters = nested(fc.oneof(compare(strings), active, valuePath), 3);

/** Texts made of what filters are made of, mostly wrong. */
export const filterish = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'userName',
        'emails',
        'active',
        'eq',
        'pr',
        'and',
        'or',
        'not',
        '(',
        ')',
        '[',
        ']',
        '.value',
        'true',
      ),
      fc.constantFrom(
        '"',
        '\\',
        '"x"',
        'null',
        '1e5',
        ' ',
        '\t',
        `${USER}:`,
        '__proto__',
        'constructor',
        '$ref',
        'meta',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(' '));
