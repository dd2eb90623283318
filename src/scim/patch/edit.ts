import { refuse } from '../../errors.ts';
import type { FilterLimits } from '../filter/parser.ts';
import { attributeEntries, twice } from '../json.ts';
import { parseTarget, type Target } from '../path/target.ts';
import type { Dialect } from '../profiles/dialect.ts';
import { quoted } from '../quoted.ts';
import type { ResourceType } from '../resource.ts';
import { isStored } from '../schemas/attribute.ts';
import { RESOURCE_TYPES, type SchemaDefinition } from '../schemas/catalogue.ts';
import type { Operation } from './operation.ts';

type AttributeTarget = Target & { readonly kind: 'attribute' };

/** One thing to do to one attribute that may be written. */
export interface Edit {
  readonly op: Operation['op'];
  readonly target: AttributeTarget;
  /** As sent; undefined where no value was given. */
  readonly value: unknown;
}

/** What a PATCH is read against. */
interface PatchReading {
  readonly type: ResourceType;
  readonly dialect: Dialect;
  readonly limits: FilterLimits;
}

/**
 * Takes an operation apart. Keys of a pathless value may be plain, dotted, URN-prefixed or an extension's URN with an object.
 * Pathless echoes of what cannot be written (id, meta, groups, schemas) and passwords are dropped; a path to them is refused.
 * @throws ScimError SCIM_SYNTAX, SCIM_PATH, SCIM_FILTER, SCIM_VALUE, SCIM_NO_TARGET, SCIM_MUTABILITY
 */
export function editsOf(operation: Operation, reading: PatchReading): Edit[] {
  const { op, path, value, number } = operation;
  if (op !== 'remove' && value === undefined)
    throw refuse('SCIM_VALUE', { reason: `Operation ${number}: ${op} has no value` });
  if (path !== undefined) return withPath(operation, path, reading);
  if (op === 'remove') throw refuse('SCIM_NO_TARGET', { reason: `Operation ${number}: remove needs a path` });
  if (reading.dialect.pathless === 'refuse')
    throw refuse('SCIM_SYNTAX', { reason: `Operation ${number}: path is missing` });
  return fromObject(operation, value, '', reading);
}

function withPath(operation: Operation, path: string, reading: PatchReading): Edit[] {
  const target = parse(path, reading);
  const { op, number, value } = operation;
  if (target.kind === 'unknown') {
    if (target.foreign && reading.dialect.unknownAttributes === 'drop') {
      reading.dialect.note('unknown-attribute');
      return [];
    }
    throw refuse('SCIM_PATH', { reason: `operation ${number}: ${quoted(path)} is no attribute of ${reading.type}` });
  }
  if (target.kind === 'schema') {
    if (op !== 'remove') return ofSchema(operation, target.schema, value, reading);
    if (target.schema.urn === RESOURCE_TYPES[reading.type].core.urn)
      throw refuse('SCIM_MUTABILITY', { reason: `Operation ${number}: a core schema cannot be removed` });
    return removal(target.schema);
  }
  const leaf = target.sub ?? target.located.definition;
  if (target.located.definition.mutability === 'readOnly' || leaf.mutability === 'readOnly')
    throw refuse('SCIM_MUTABILITY', { reason: `Operation ${number}: ${quoted(path)} is read-only` });
  if (reading.dialect.valuePathNeedsSub && op !== 'remove' && target.select !== undefined && target.sub === undefined)
    throw refuse('SCIM_PATH', { reason: `operation ${number}: the path has to end in a sub-attribute` });
  return isStored(leaf) && isStored(target.located.definition) ? [{ op, target, value }] : [];
}

/** A whole schema at once; a null in the place of an extension unassigns all of it (RFC 7643 §2.5). */
function ofSchema(
  operation: Operation,
  schema: SchemaDefinition,
  value: unknown,
  reading: PatchReading,
  written?: Set<string>,
): Edit[] {
  const isCore = schema.urn === RESOURCE_TYPES[reading.type].core.urn;
  if (value === null) return operation.op === 'replace' && !isCore ? removal(schema) : [];
  return fromObject(operation, value, `${schema.urn}:`, reading, written);
}

function removal({ urn, attributes }: SchemaDefinition): Edit[] {
  return attributes.filter(isStored).map((definition) => ({
    op: 'remove',
    target: { kind: 'attribute', located: { schema: urn, definition } },
    value: undefined,
  }));
}

/** @param written attributes that this value has said already, whatever they were called */
function fromObject(
  operation: Operation,
  value: unknown,
  prefix: string,
  reading: PatchReading,
  written = new Set<string>(),
): Edit[] {
  const { op, number } = operation;
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw refuse('SCIM_VALUE', { reason: `Operation ${number}: the value is an object of attributes` });
  const seen = new Set<string>();
  return attributeEntries(value).flatMap(([key, item]): Edit[] => {
    // What a filter compares may differ in case alone.
    const name = key.includes('[') ? key : key.toLowerCase();
    if (seen.size === seen.add(name).size) throw twice(quoted(key));
    // Some clients repeat the list of schemas inside an extension's object.
    if (prefix !== '' && key.toLowerCase() === 'schemas') return [];
    const target = parse(`${prefix}${key}`, reading);
    if (target.kind === 'unknown') {
      if (reading.dialect.unknownAttributes === 'drop') {
        reading.dialect.note('unknown-attribute');
        return [];
      }
      throw refuse('SCIM_PATH', { reason: `operation ${number}: ${quoted(key)} is no attribute of ${reading.type}` });
    }
    if (target.kind === 'schema') {
      if (prefix !== '') throw refuse('SCIM_PATH', { reason: `operation ${number}: ${quoted(key)} is nested` });
      return ofSchema(operation, target.schema, item, reading, written);
    }
    if (target.select === undefined && written.size === written.add(nameOf(target)).size) throw twice(quoted(key));
    const leaf = target.sub ?? target.located.definition;
    return isStored(target.located.definition) && isStored(leaf) ? [{ op, target, value: item }] : [];
  });
}

function nameOf({ located, sub }: AttributeTarget): string {
  return `${located.schema}:${located.definition.name}.${sub?.name ?? ''}`;
}

function parse(text: string, { type, limits, dialect }: PatchReading): Target {
  return parseTarget(text, { type, limits, lenient: dialect.bareWords, ...dialect });
}
