import { refuse } from '../../errors.ts';
import { covers, identity } from '../identity.ts';
import { requireImmutableParts } from '../immutable.ts';
import { isPrimary } from '../intake/primary.ts';
import { MOST_VALUES, readList } from '../intake/value.ts';
import type { Dialect } from '../profiles/dialect.ts';
import type { Attributes } from '../resource.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';
import type { Edit } from './edit.ts';

import { type Elements, editSelected } from './selected.ts';

/**
 * Does an edit to the values of a complex attribute (a singular one is a list of one or none) and gives the new list; the old one
 * stays as it is. Adding what is there changes nothing; a new primary value takes the mark from the others (RFC 7644 §3.5.2.1).
 * @throws ScimError SCIM_NO_TARGET, SCIM_VALUE, SCIM_SYNTAX
 */
export function editElements(current: Elements, edit: Edit, dialect: Dialect): Elements {
  const { name, type } = edit.target.located.definition;
  if (type !== 'complex') return editSimple(current, edit, dialect);
  const after = edited(current, edit, dialect);
  if (after.length > MOST_VALUES) throw refuse('SCIM_VALUE', { reason: `${name} has more than ${MOST_VALUES} values` });
  return clearOtherPrimaries(current, after);
}

/** Values that are no objects are edited as what they are the `value` of. */
function editSimple(current: readonly unknown[], edit: Edit, dialect: Dialect): Elements {
  const after = edited(
    current.map((value) => ({ value })),
    edit,
    dialect,
  );
  const { name } = edit.target.located.definition;
  if (after.length > MOST_VALUES) throw refuse('SCIM_VALUE', { reason: `${name} has more than ${MOST_VALUES} values` });
  return after.map(({ value }) => value) as unknown as Elements;
}

function edited(current: Elements, edit: Edit, dialect: Dialect): Elements {
  if (edit.target.select !== undefined || edit.target.sub !== undefined) return editSelected(current, edit, dialect);
  switch (edit.op) {
    case 'add':
      return appendMissing(current, edit, dialect);
    case 'replace':
      return elementsOf(edit.target.located.definition, edit.value, dialect);
    case 'remove':
      return removeListed(current, edit, dialect);
  }
}

function appendMissing(current: Elements, edit: Edit, dialect: Dialect): Elements {
  const { definition } = edit.target.located;
  const list = [...current];
  const places = new Map(list.map((element, index) => [identity(definition, element), index]));
  const given = elementsOf(definition, edit.value, dialect);
  const marks = given.some(isPrimary);
  for (const added of given) {
    const key = identity(definition, added);
    const index = places.get(key);
    if (index === undefined) places.set(key, list.push(added) - 1);
    else if (definition.type === 'complex' && !contains(list[index]!, added)) {
      // Who only has the mark from before gives it to the one that is sent with it.
      const loses = marks && isPrimary(list[index]) && list[index] === current[index];
      const merged = { ...list[index], ...(loses ? { primary: false } : {}), ...added };
      requireImmutableParts(definition, list[index]!, merged);
      list[index] = merged;
    }
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

function elementsOf(definition: AttributeDefinition, value: unknown, dialect: Dialect): Attributes[] {
  const list = value === null ? [] : readList(definition, value, dialect);
  return definition.type === 'complex' ? (list as Attributes[]) : list.map((item) => ({ value: item }));
}

function contains(element: Attributes, parts: Attributes): boolean {
  return Object.entries(parts).every(([name, value]) => element[name] === value);
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
