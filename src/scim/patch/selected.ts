import { refuse } from '../../errors.ts';
import { rememberedKeys } from '../filter/compare.ts';
import type { Filter } from '../filter/filter.ts';
import { matchesElement } from '../filter/matches.ts';
import { requireImmutableParts } from '../immutable.ts';
import { isPacked } from '../intake/packed.ts';
import { alone, readMerge, readParts, readSingle, without } from '../intake/value.ts';
import type { Dialect } from '../profiles/dialect.ts';
import type { Attributes } from '../resource.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';
import type { Edit } from './edit.ts';

export type Elements = readonly Attributes[];

/** Does an edit to the elements a path selects, or to a sub-attribute of all. @throws ScimError SCIM_NO_TARGET, SCIM_VALUE, SCIM_SYNTAX */
export function editSelected(current: Elements, edit: Edit, dialect: Dialect): Elements {
  const { select } = edit.target;
  const keys = rememberedKeys();
  const chosen = current.map((element) => select === undefined || matchesElement(select, element, keys));
  if (chosen.includes(true)) {
    const change = changeOf(edit, dialect);
    return current.flatMap((element, index) => {
      const changed = chosen[index] === true ? change(element) : element;
      if (changed === undefined) return [];
      requireImmutableParts(edit.target.located.definition, element, changed);
      return [changed];
    });
  }
  if (edit.op !== 'remove') return [...current, ...created(current, edit, dialect)];
  if (select === undefined) return current;
  if (dialect.unmatchedRemove === 'ignore') {
    dialect.note('unmatched-path');
    return current;
  }
  throw nothing(edit);
}

/** The element that an edit makes where none is selected: what its filter describes, with what it sets; none where it sets nothing. */
function created(current: Elements, edit: Edit, dialect: Dialect): Elements {
  const { select, located, sub } = edit.target;
  const described = select === undefined ? {} : implied(select);
  const refused = edit.op === 'replace' && select !== undefined && dialect.unmatchedReplace === 'noTarget';
  const taken = !located.definition.multiValued && current.length > 0;
  if (described === undefined || refused || taken) throw nothing(edit);
  // `type eq "a" and type eq "b"` describes nothing that there could be.
  if (select !== undefined && !matchesElement(select, described)) throw nothing(edit);
  if (edit.op === 'replace' && select !== undefined) dialect.note('unmatched-path');
  const parts = sub === undefined ? partsOf(edit, dialect) : partOf(located.definition, sub, edit.value, dialect);
  if (Object.keys(parts).length === 0) return [];
  return [{ ...readParts(located.definition, described, dialect), ...parts }];
}

/** What an edit makes of one selected element; undefined: it goes. */
function changeOf(edit: Edit, dialect: Dialect): (element: Attributes) => Attributes | undefined {
  const { sub, select } = edit.target;
  const { definition } = edit.target.located;
  if (edit.op === 'remove')
    return sub === undefined ? () => undefined : (element) => without(element, new Set([sub.name]));
  if (sub !== undefined) {
    const part = partOf(definition, sub, edit.value, dialect);
    const gone = new Set(Object.hasOwn(part, sub.name) ? [] : [sub.name]);
    return (element) => ({ ...without(element, gone), ...part });
  }
  if (edit.op === 'add')
    return onlyOne(edit) === null ? (element) => element : readMerge(definition, onlyOne(edit), dialect);
  const parts = partsOf(edit, dialect);
  if (Object.keys(parts).length === 0) return () => undefined;
  const kept = select === undefined ? {} : (implied(select) ?? {});
  return () => ({ ...readParts(definition, kept, dialect), ...parts });
}

function partOf(
  definition: AttributeDefinition,
  sub: AttributeDefinition,
  value: unknown,
  dialect: Dialect,
): Attributes {
  if (isPacked(definition, value, dialect) && sub.name === 'value') return readParts(definition, { value }, dialect);
  const read = readSingle(sub, alone(sub, value, dialect), dialect);
  return read === undefined ? {} : { [sub.name]: read };
}

function partsOf(edit: Edit, dialect: Dialect): Attributes {
  const value = onlyOne(edit);
  return value === null ? {} : readParts(edit.target.located.definition, value, dialect);
}

/** A list of one is taken for its value. */
function onlyOne({ value }: Edit): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

/** The element a filter describes, where it is equalities joined by `and`; undefined where it is anything else. */
function implied(filter: Filter): Attributes | undefined {
  if (filter.kind === 'compare') {
    const { operator, turned = false } = filter;
    if (operator !== (turned ? 'ne' : 'eq')) return undefined;
    return { [filter.path.sub ?? 'value']: turned ? false : filter.value };
  }
  if (filter.kind !== 'and') return undefined;
  const parts = filter.filters.map(implied);
  return parts.every((part) => part !== undefined) ? Object.assign({}, ...parts) : undefined;
}

function nothing({ target }: Edit): Error {
  const { name } = target.located.definition;
  return refuse('SCIM_NO_TARGET', { reason: `No value of ${name} is selected by the path` });
}
