import { comparisonKey } from './fold.ts';
import type { Attributes } from './resource.ts';
import type { AttributeDefinition } from './schemas/attribute.ts';
import { findSub } from './schemas/catalogue.ts';

/** Two elements with one identity are one: the same value of the same type, or without a value, equal in all parts. */
export function identity(definition: AttributeDefinition, element: Attributes): string {
  const names = Object.hasOwn(element, 'value') ? ['type', 'value'] : Object.keys(element).sort();
  return JSON.stringify(names.map((name) => [name, partKey(definition, name, element) ?? null]));
}

/** Whether a listed element means a stored one: by value (and type, if given), else by all parts that are given. */
export function covers(definition: AttributeDefinition, listed: Attributes, stored: Attributes): boolean {
  const names = Object.hasOwn(listed, 'value')
    ? ['value', 'type'].filter((name) => Object.hasOwn(listed, name))
    : Object.keys(listed);
  return names.every((name) => partKey(definition, name, listed) === partKey(definition, name, stored));
}

function partKey(definition: AttributeDefinition, name: string, element: Attributes): unknown {
  const value = element[name];
  return typeof value === 'string'
    ? comparisonKey(value, findSub(definition, name)?.caseExact ?? definition.caseExact)
    : value;
}
