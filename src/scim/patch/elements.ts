import { refuse } from '../../errors.ts';
import type { Filter } from '../filter/filter.ts';
import { matchesElement } from '../filter/matches.ts';
import { comparisonKey } from '../fold.ts';
import { isPrimary } from '../intake/primary.ts';
import { MOST_VALUES, readList, readParts, readSingle } from '../intake/value.ts';
import type { Dialect } from '../profiles/dialect.ts';
import type { Attributes } from '../resource.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';
import { findSub } from '../schemas/catalogue.ts';
import type { Edit } from './edit.ts';

type Elements = readonly Attributes[];

/**
 * Does an edit to the values of a complex attribute (a singular one is a list of one or none) and gives the new list; the old one
 * stays as it is. Adding what is there changes nothing; a new primary value takes the mark from the others (RFC 7644 §3.5.2.1).
 * @throws ScimError SCIM_NO_TARGET, SCIM_VALUE, SCIM_SYNTAX
 */
export function editElements(current: Elements, edit: Edit, dialect: Dialect): Elements {
  const { target, op } = edit;
  const touched =
    target.select !== undefined || target.sub !== undefined
      ? editSelected(current, edit, dialect)
      : op === 'remove'
        ? removeListed(current, edit, dialect)
        : op === 'replace'
          ? replaceAll(edit, dialect)
          : appendMissing(current, edit, dialect);
  if (touched.length > MOST_VALUES)
    throw refuse('SCIM_VALUE', { reason: `${target.located.definition.name} has more than ${MOST_VALUES} values` });
  return clearOtherPrimaries(current, touched);
}

function replaceAll(edit: Edit, dialect: Dialect): Elements {
  return elementsOf(edit.target.located.definition, edit.value, dialect);
}

function appendMissing(current: Elements, edit: Edit, dialect: Dialect): Elements {
  const { definition } = edit.target.located;
  const list = [...current];
  const places = new Map(list.map((element, index) => [identity(definition, element), index]));
  for (const added of elementsOf(definition, edit.value, dialect)) {
    const key = identity(definition, added);
    const index = places.get(key);
    if (index === undefined) places.set(key, list.push(added) - 1);
    else if (!contains(list[index]!, added)) list[index] = { ...list[index], ...added };
  }
  return list;
}

/** `remove` without a value takes all; with a list it takes the listed ones, and nothing where the list is empty. */
function removeListed(current: Elements, edit: Edit, dialect: Dialect): Elements {
  if (edit.value === undefined) return [];
  if (edit.value === null) return current;
  const { definition } = edit.target.located;
  const listed = elementsOf(definition, edit.value, dialect);
  return current.filter((element) => !listed.some((item) => covers(definition, item, element)));
}

function editSelected(current: Elements, edit: Edit, dialect: Dialect): Elements {
  const { select, located, sub } = edit.target;
  const chosen = (element: Attributes) => select === undefined || matchesElement(select, element);
  if (current.some(chosen)) {
    const change = changeOf(edit, dialect);
    return current.flatMap((element) => {
      const changed = chosen(element) ? change(element) : element;
      return changed === undefined ? [] : [changed];
    });
  }
  if (edit.op === 'remove') {
    if (dialect.unmatchedRemove === 'ignore' || select === undefined) return current;
    throw nothing(located.definition);
  }
  const start = select === undefined ? {} : implied(select);
  const taken = !located.definition.multiValued && current.length > 0;
  if (
    start === undefined ||
    taken ||
    (edit.op === 'replace' && select !== undefined && dialect.unmatchedReplace === 'noTarget')
  )
    throw nothing(located.definition);
  const parts = sub === undefined ? partsOf(edit, dialect) : partOf(sub, edit.value, dialect);
  const spelled = readParts(located.definition, start, dialect);
  return Object.keys(parts).length === 0 ? current : [...current, { ...spelled, ...parts }];
}

/** What an edit makes of one selected element; undefined: it goes. */
function changeOf(edit: Edit, dialect: Dialect): (element: Attributes) => Attributes | undefined {
  const { sub, select } = edit.target;
  if (edit.op === 'remove') return sub === undefined ? () => undefined : (element) => without(element, sub);
  if (sub !== undefined) {
    const part = partOf(sub, edit.value, dialect);
    return Object.keys(part).length === 0 ? (element) => without(element, sub) : (element) => ({ ...element, ...part });
  }
  const parts = partsOf(edit, dialect);
  if (edit.op === 'add') return (element) => ({ ...element, ...parts });
  if (Object.keys(parts).length === 0) return () => undefined;
  const kept = select === undefined ? {} : (implied(select) ?? {});
  return () => ({ ...readParts(edit.target.located.definition, kept, dialect), ...parts });
}

/** An element keeps no label of a value it has lost. */
function without(element: Attributes, sub: AttributeDefinition): Attributes {
  return Object.fromEntries(
    Object.entries(element).filter(([name]) => name !== sub.name && !(sub.name === 'value' && name === 'display')),
  );
}

function partOf(sub: AttributeDefinition, value: unknown, dialect: Dialect): Attributes {
  const read = readSingle(sub, value, dialect);
  return read === undefined ? {} : { [sub.name]: read };
}

function partsOf(edit: Edit, dialect: Dialect): Attributes {
  const { definition } = edit.target.located;
  const value = Array.isArray(edit.value) && edit.value.length === 1 ? edit.value[0] : edit.value;
  return value === null ? {} : readParts(definition, value, dialect);
}

/** The element a filter describes, where it is equalities joined by `and`; undefined where it is anything else. */
export function implied(filter: Filter): Attributes | undefined {
  if (filter.kind === 'compare' && filter.operator === 'eq') return { [filter.path.sub ?? 'value']: filter.value };
  if (filter.kind !== 'and') return undefined;
  const parts = filter.filters.map(implied);
  return parts.every((part) => part !== undefined) ? Object.assign({}, ...parts) : undefined;
}

function elementsOf(definition: AttributeDefinition, value: unknown, dialect: Dialect): Attributes[] {
  return value === null ? [] : (readList(definition, value, dialect) as Attributes[]);
}

/** Two elements with one identity are one: the same value of the same type, or without a value, equal in all parts. */
function identity(definition: AttributeDefinition, element: Attributes): string {
  const names = Object.hasOwn(element, 'value') ? ['type', 'value'] : Object.keys(element).sort();
  return JSON.stringify(names.map((name) => [name, partKey(definition, name, element) ?? null]));
}

function contains(element: Attributes, parts: Attributes): boolean {
  return Object.entries(parts).every(([name, value]) => element[name] === value);
}

/** Whether a listed element means a stored one: by value (and type, if given), else by all parts that are given. */
function covers(definition: AttributeDefinition, listed: Attributes, stored: Attributes): boolean {
  const names = Object.hasOwn(listed, 'value')
    ? ['value', 'type'].filter((name) => Object.hasOwn(listed, name))
    : Object.keys(listed);
  return names.every((name) => partKey(definition, name, listed) === partKey(definition, name, stored));
}

function partKey(definition: AttributeDefinition, name: string, element: Attributes): unknown {
  const value = element[name];
  return typeof value === 'string' ? comparisonKey(value, findSub(definition, name)?.caseExact ?? true) : value;
}

function clearOtherPrimaries(before: Elements, after: Elements): Elements {
  const marked = after.filter(isPrimary);
  if (marked.length < 2) return after;
  const fresh = marked.filter((element) => !before.some((old) => old === element));
  if (fresh.length !== 1) throw refuse('SCIM_VALUE', { reason: 'More than one value is marked primary' });
  return after.map((element) =>
    isPrimary(element) && element !== fresh[0] ? { ...element, primary: false } : element,
  );
}

function nothing(definition: AttributeDefinition): Error {
  return refuse('SCIM_NO_TARGET', { reason: `No value of ${definition.name} is selected by the path` });
}
