import { refuse } from '../../errors.ts';
import { distinct } from '../distinct.ts';
import { formerSub } from '../formerUrn.ts';
import { attributeEntries } from '../json.ts';
import { numberIn } from '../numberIn.ts';
import type { Dialect } from '../profiles/dialect.ts';
import { quoted } from '../quoted.ts';
import type { Attributes } from '../resource.ts';
import { type AttributeDefinition, isStored } from '../schemas/attribute.ts';
import { findSub } from '../schemas/catalogue.ts';
import { unpacked } from './packed.ts';
import { onePrimary } from './primary.ts';
import { readText } from './text.ts';

/** Most values of one attribute; members of groups are not counted here. */
export const MOST_VALUES = 250;

/** What says something of a value and is none. */
const LABELS: ReadonlySet<string> = new Set(['type', 'primary']);
const NONE: ReadonlySet<string> = new Set();

/** What may stand in an object that means its `value` alone. */
const BESIDE: ReadonlySet<string> = new Set(['value', '$ref', 'type', 'display', 'displayname', 'primary']);

/**
 * A value of an attribute as it is stored: of the attribute's type, names in canonical spelling, nothing unknown in it.
 * Undefined where it stands for "unassigned": null, an empty list, an object without content (RFC 7643 §2.5).
 * @throws ScimError SCIM_VALUE, SCIM_SYNTAX (unknown sub-attribute, where the dialect refuses them)
 */
export function readValue(definition: AttributeDefinition, value: unknown, dialect: Dialect): unknown {
  if (value === null || value === undefined) return undefined;
  if (!definition.multiValued) return readSingle(definition, value, dialect);
  if (!Array.isArray(value) && !dialect.shorthand)
    throw refuse('SCIM_VALUE', { reason: `${definition.name} is a list` });
  if (!Array.isArray(value)) dialect.note('shorthand');
  const list = readList(definition, value, dialect);
  onePrimary(definition.name, list);
  return list.length === 0 ? undefined : list;
}

/** The values of a multi-valued attribute, each once; a single value is a list of one. @throws ScimError as `readValue` */
export function readList(definition: AttributeDefinition, value: unknown, dialect: Dialect): readonly unknown[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MOST_VALUES)
    throw refuse('SCIM_VALUE', { reason: `${definition.name} has more than ${MOST_VALUES} values` });
  const read = list
    .map((item) => readSingle(definition, unwrapped(definition, item, dialect), dialect))
    .filter((item) => item !== undefined);
  return distinct(definition, read, () => dialect.note('repeated-value'));
}

/** The value that a PATCH means for a singular attribute: a list of one is taken for what is in it, as Entra sends it, an empty one for none. */
export function alone(definition: AttributeDefinition, value: unknown, dialect: Dialect): unknown {
  if (!dialect.shorthand || !Array.isArray(value) || value.length > 1) return unwrapped(definition, value, dialect);
  dialect.note('shorthand');
  return value.length === 0 ? null : unwrapped(definition, value[0], dialect);
}

/** One value, of a singular attribute or one element of a multi-valued one. @throws ScimError as `readValue` */
export function readSingle(definition: AttributeDefinition, value: unknown, dialect: Dialect): unknown {
  if (value === null || value === undefined) return undefined;
  if (value === '' && !isText(definition) && dialect.emptyStrings === 'unassigned') {
    dialect.note('empty-text');
    return undefined;
  }
  switch (definition.type) {
    case 'complex':
      return withContent(definition, readParts(definition, value, dialect));
    case 'boolean':
      return readBoolean(definition, value, dialect);
    case 'integer':
    case 'decimal':
      return readNumber(definition, value, dialect);
    default:
      return readText(definition, value, dialect);
  }
}

/** An object with a `value`, where a plain value is wanted, is taken for that: Entra's `[{"value":"1"}]` of a list of texts. */
function unwrapped({ type }: AttributeDefinition, given: unknown, dialect: Dialect): unknown {
  if (type === 'complex' || !dialect.shorthand) return given;
  if (given === null || typeof given !== 'object' || Array.isArray(given)) return given;
  const entries = Object.entries(given);
  const inner = entries.find(([key]) => key.toLowerCase() === 'value');
  if (inner === undefined || !entries.every(([key]) => BESIDE.has(key.toLowerCase()))) return given;
  dialect.note('shorthand');
  return inner[1];
}

/** Whether its values are texts in JSON, which have a reading of their own for the empty one. */
function isText({ type }: AttributeDefinition): boolean {
  return type !== 'complex' && type !== 'boolean' && type !== 'integer' && type !== 'decimal';
}

/**
 * The sub-attributes that are given and may be written; parts of an element, perhaps none. Those that are given without a value
 * are named to `unassigned`. @throws ScimError as `readValue`
 */
export function readParts(
  definition: AttributeDefinition,
  value: unknown,
  dialect: Dialect,
  unassigned?: (name: string) => void,
): Attributes {
  const parts: Attributes = {};
  const formerly: Attributes = {};
  for (const [key, item] of attributeEntries(unpacked(definition, asObject(definition, value, dialect), dialect))) {
    const current = findSub(definition, key);
    const sub = current ?? formerSub(definition, key, dialect);
    if (sub === undefined) {
      if (dialect.unknownAttributes === 'drop') {
        dialect.note('unknown-attribute');
        continue;
      }
      throw refuse('SCIM_SYNTAX', { reason: `${definition.name} has no sub-attribute ${quoted(key)}` });
    }
    if (!isStored(sub) || sub.rules.computed === true) continue;
    const into = sub === current ? parts : formerly;
    if (Object.hasOwn(into, sub.name))
      throw refuse('SCIM_SYNTAX', { reason: `${definition.name}.${sub.name} is given twice, in two spellings` });
    const read = readSingle(sub, item, dialect);
    if (read === undefined) unassigned?.(sub.name);
    else into[sub.name] = read;
  }
  return { ...formerly, ...parts };
}

/**
 * Gives the parts of a value to an element: what is given without a value is taken from it (RFC 7643 §2.5), what is not given stays.
 * @throws ScimError as `readValue`
 */
export function readMerge(
  definition: AttributeDefinition,
  value: unknown,
  dialect: Dialect,
): (element: Attributes) => Attributes {
  const gone = new Set<string>();
  const parts = readParts(definition, value, dialect, (name) => gone.add(name));
  return (element) => ({ ...without(element, gone), ...parts });
}

/** The element without some parts; it keeps no label of a value it has lost. */
export function without(element: Attributes, names: ReadonlySet<string>): Attributes {
  if (names.size === 0) return element;
  const kept = Object.entries(element).filter(
    ([name]) => !names.has(name) && !(names.has('value') && name === 'display'),
  );
  return Object.fromEntries(kept);
}

/** The value, or undefined where it says nothing: in lists of values also a type or a primary mark of nothing. */
export function withContent({ rules }: AttributeDefinition, value: Attributes): Attributes | undefined {
  const labels = rules.labels === true ? LABELS : NONE;
  return Object.keys(value).some((name) => !labels.has(name)) ? value : undefined;
}

function asObject(definition: AttributeDefinition, value: unknown, dialect: Dialect): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  if (typeof value === 'string' && dialect.shorthand && findSub(definition, 'value') !== undefined) {
    dialect.note('shorthand');
    return { value };
  }
  throw refuse('SCIM_VALUE', { reason: `${definition.name} is a complex attribute: an object` });
}

function readBoolean({ name }: AttributeDefinition, value: unknown, dialect: Dialect): boolean {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' && dialect.scalarTexts ? value.toLowerCase() : '';
  if (word !== 'true' && word !== 'false') throw refuse('SCIM_VALUE', { reason: `${name} is true or false` });
  dialect.note('text-boolean');
  return word === 'true';
}

function readNumber({ name, type }: AttributeDefinition, given: unknown, dialect: Dialect): number {
  const value = typeof given === 'string' && dialect.scalarTexts ? numberIn(given) : given;
  if (typeof value === 'number' && Number.isFinite(value) && (type === 'decimal' || Number.isInteger(value))) {
    if (value !== given) dialect.note('text-number');
    return value;
  }
  throw refuse('SCIM_VALUE', { reason: `${name} is ${type === 'integer' ? 'an integer' : 'a number'}` });
}
