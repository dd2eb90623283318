import { refuse } from '../../errors.ts';
import { readReference } from '../attributeName.ts';
import { currentName, namingSubs } from '../formerUrn.ts';
import { valueIn } from '../intake/packed.ts';
import { quoted } from '../quoted.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';
import { findSub, type Located } from '../schemas/catalogue.ts';
import { compares } from './compare.ts';
import type { AttributePath, CompareOperator, Filter } from './filter.ts';
import { comparable } from './literal.ts';
import type { Reading } from './reading.ts';
import type { Literal, Syntax, WrittenName } from './syntax.ts';

const ALWAYS: Filter = Object.freeze({ kind: 'and', filters: [] });
const NEVER: Filter = Object.freeze({ kind: 'or', filters: [] });

/** A path as the directory and `matches` understand it. */
export function attributePath({ schema, definition }: Located, sub?: AttributeDefinition): AttributePath {
  const leaf = sub ?? definition;
  return {
    schema,
    attribute: definition.name,
    ...(sub === undefined ? {} : { sub: sub.name }),
    type: leaf.type,
    caseExact: leaf.caseExact,
    multiValued: definition.multiValued,
  };
}

/** Resolves names, types and values. @throws ScimError SCIM_FILTER */
export function resolve(syntax: Syntax, reading: Reading): Filter {
  switch (syntax.kind) {
    case 'and':
    case 'or':
      return { kind: syntax.kind, filters: syntax.filters.map((item) => resolve(item, reading)) };
    case 'not':
      return { kind: 'not', filter: resolve(syntax.filter, reading) };
    case 'value-path':
      return resolveValuePath(syntax.name, syntax.filter, reading);
    case 'compare':
    case 'present': {
      const found = find(syntax.name, reading);
      if (found === undefined) return syntax.kind === 'compare' && isTrueOfNothing(syntax) ? ALWAYS : NEVER;
      return syntax.kind === 'present' ? present(found, syntax.name) : compareAny(found, syntax, reading);
    }
  }
}

/** Resolves the filter inside brackets: names are sub-attributes of `outer`. @throws ScimError SCIM_FILTER */
export function resolveInner(syntax: Syntax, outer: Located, reading: Reading): Filter {
  switch (syntax.kind) {
    case 'and':
    case 'or':
      return { kind: syntax.kind, filters: syntax.filters.map((item) => resolveInner(item, outer, reading)) };
    case 'not':
      return { kind: 'not', filter: resolveInner(syntax.filter, outer, reading) };
    case 'value-path':
      throw wrong(syntax.name, 'is a value path inside a value path');
    default: {
      const sub = namingSubs(reading)(outer.definition, syntax.name.text);
      if (sub === undefined) throw wrong(syntax.name, `is no sub-attribute of ${outer.definition.name}`);
      const found = { located: outer, sub };
      return syntax.kind === 'present' ? present(found, syntax.name) : compare(found, syntax, reading);
    }
  }
}

interface Found {
  readonly located: Located;
  readonly sub?: AttributeDefinition;
}

function find(name: WrittenName, reading: Reading): Found | undefined {
  const current = currentName(name.text, reading);
  const named = readReference(current, reading.type, reading.catalogue, namingSubs(reading));
  if (named.kind === 'attribute') return named;
  if (named.kind === 'unknown' && reading.unknown === 'missing') return undefined;
  throw wrong(name, named.kind === 'schema' ? 'is a schema, not an attribute' : `is no attribute of ${reading.type}`);
}

function isTrueOfNothing(syntax: Syntax & { kind: 'compare' }): boolean {
  const { operator, literal } = syntax;
  return literal.value === null ? operator === 'eq' : operator === 'ne';
}

function resolveValuePath(name: WrittenName, inner: Syntax, reading: Reading): Filter {
  const found = find(name, reading);
  if (found === undefined) return NEVER;
  if (
    found.sub !== undefined ||
    found.located.definition.type !== 'complex' ||
    found.located.definition.name === 'meta'
  )
    throw wrong(name, 'has no values to select from');
  return {
    kind: 'value-path',
    path: attributePath(found.located),
    filter: resolveInner(inner, found.located, reading),
  };
}

function present({ located, sub }: Found, name: WrittenName): Filter {
  const { definition } = located;
  if (definition.name === 'schemas' || (definition.name === 'meta' && sub?.type !== 'dateTime')) return ALWAYS;
  refuseHidden(name, definition, sub);
  if (definition.rules.default !== undefined) return ALWAYS;
  return { kind: 'present', path: attributePath(located, sub) };
}

/** A comparison outside of brackets. Whether a value is not the primary one, each of them has to be asked. */
function compareAny(found: Found, syntax: Syntax & { kind: 'compare' }, reading: Reading): Filter {
  const filter = compare(found, syntax, reading);
  if (filter.kind !== 'compare' || filter.turned !== true || !found.located.definition.multiValued) return filter;
  const some: Filter = {
    kind: 'value-path',
    path: attributePath(found.located),
    filter: { ...filter, operator: 'ne' },
  };
  return syntax.operator === 'eq' ? some : { kind: 'not', filter: some };
}

function compare(found: Found, { name, operator, literal }: Syntax & { kind: 'compare' }, reading: Reading): Filter {
  const { located } = found;
  const { definition } = located;
  if (literal.value === null) {
    if (operator !== 'eq' && operator !== 'ne') throw wrong(literal, 'can be compared with eq and ne only');
    const filter = present(found, name);
    return operator === 'ne' ? filter : { kind: 'not', filter };
  }
  const sub = found.sub ?? (definition.type === 'complex' ? findSub(definition, 'value') : undefined);
  const leaf = sub ?? definition;
  if (leaf.type === 'complex') throw wrong(name, 'has no value of its own; name a sub-attribute');
  if (definition.name === 'schemas' || (definition.name === 'meta' && leaf.name === 'resourceType'))
    return compareKnown(definition.name, operator, comparable(leaf, operator, literal, reading), reading);
  refuseHidden(name, definition, sub);
  const read = comparable(leaf, operator, literal, reading);
  const value = typeof read === 'string' && leaf.name === 'value' ? valueIn(definition, read, reading) : read;
  const path = attributePath(located, sub);
  // What is never missing reads as false where it is unassigned.
  if ((leaf.rules.default ?? leaf.rules.unsaid) !== undefined && value === false)
    return { kind: 'compare', path, operator: operator === 'eq' ? 'ne' : 'eq', value: true, turned: true };
  return { kind: 'compare', path, operator, value };
}

/** `schemas` and `meta.resourceType` follow from the type and from the data of extensions; they are not stored. */
function compareKnown(
  name: string,
  operator: CompareOperator,
  value: string | number | boolean,
  reading: Reading,
): Filter {
  if (operator === 'ne') return { kind: 'not', filter: compareKnown(name, 'eq', value, reading) };
  const holds = (text: string, caseExact: boolean) => compares(text, operator, value, { caseExact, type: 'string' });
  if (name === 'meta') return holds(reading.type, true) ? ALWAYS : NEVER;
  const { core, extensions } = reading.catalogue.types[reading.type];
  if (holds(core.urn, false)) return ALWAYS;
  const filters = extensions
    .filter(({ urn }) => holds(urn, false))
    .flatMap(({ urn, attributes }) =>
      attributes.map((definition): Filter => ({ kind: 'present', path: attributePath({ schema: urn, definition }) })),
    );
  return { kind: 'or', filters };
}

function refuseHidden(name: WrittenName, definition: AttributeDefinition, sub: AttributeDefinition | undefined): void {
  const hidden = definition.returned === 'never' || sub?.returned === 'never';
  if (hidden || (sub ?? definition).rules.computed === true) throw wrong(name, 'cannot be filtered by');
}

function wrong(where: WrittenName | Literal, problem: string): Error {
  return refuse('SCIM_FILTER', { reason: `column ${where.column}: ${quoted(where.text)} ${problem}` });
}
