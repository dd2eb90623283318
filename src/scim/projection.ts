import { refuse } from '../errors.ts';
import { readName } from './attributeName.ts';
import type { Attributes, ResourceType } from './resource.ts';
import type { AttributeDefinition } from './schemas/attribute.ts';
import { type Catalogue, type SchemaDefinition, STANDARD } from './schemas/catalogue.ts';
import { COMMON } from './schemas/everyResource.ts';
import { GROUP, USER } from './urns.ts';

/** The names a client asked for or asked to leave out (RFC 7644 §3.9), resolved; unknown ones are not in it. */
export interface Projection {
  readonly kind: 'all' | 'attributes' | 'excluded';
  readonly names: readonly Choice[];
}

/** An attribute (of an extension), one of its sub-attributes, or a whole schema. */
interface Choice {
  readonly schema: string;
  readonly attribute?: string;
  readonly sub?: string;
}

export const EVERYTHING: Projection = Object.freeze({ kind: 'all', names: [] });

/** Reads the two parameters; they exclude each other. @throws ScimError SCIM_VALUE */
export function readProjection(
  type: ResourceType,
  attributes: readonly string[] | undefined,
  excluded: readonly string[] | undefined,
  catalogue: Catalogue = STANDARD,
): Projection {
  if (attributes !== undefined && excluded !== undefined)
    throw refuse('SCIM_VALUE', { reason: 'attributes and excludedAttributes exclude each other' });
  if (attributes !== undefined)
    return { kind: 'attributes', names: attributes.flatMap((name) => choices(type, name, catalogue)) };
  if (excluded !== undefined)
    return { kind: 'excluded', names: excluded.flatMap((name) => choices(type, name, catalogue)) };
  return EVERYTHING;
}

/** Whether the attribute (or a part of it) of the core schema is in the answer: decides what is read at all. */
export function wants(projection: Projection, attribute: string): boolean {
  const named = projection.names.filter(
    ({ schema, attribute: name }) =>
      (schema === USER || schema === GROUP) && (name === attribute || name === undefined),
  );
  if (projection.kind === 'attributes') return named.length > 0;
  return !named.some((choice) => choice.sub === undefined);
}

/** The part of a rendered resource that is returned. */
export function project(
  type: ResourceType,
  resource: Attributes,
  projection: Projection,
  catalogue: Catalogue = STANDARD,
): Attributes {
  const { core, extensions } = catalogue.types[type];
  const own = { ...core, attributes: [...COMMON, ...core.attributes] };
  const result = projectSchema(own, resource, projection);
  for (const extension of extensions) {
    const home = resource[extension.urn];
    if (home === undefined) continue;
    const kept = projectSchema(extension, home as Attributes, projection);
    if (Object.keys(kept).length > 0) result[extension.urn] = kept;
  }
  return result;
}

function choices(type: ResourceType, name: string, catalogue: Catalogue): Choice[] {
  const named = readName(name, type, catalogue);
  if (named.kind === 'schema') return [{ schema: named.schema.urn }];
  if (named.kind === 'unknown') return [];
  const { schema, definition } = named.located;
  return [{ schema, attribute: definition.name, ...(named.sub === undefined ? {} : { sub: named.sub.name }) }];
}

function projectSchema(schema: SchemaDefinition, home: Attributes, projection: Projection): Attributes {
  const result: Attributes = {};
  for (const definition of schema.attributes) {
    const value = home[definition.name];
    if (value === undefined || definition.returned === 'never') continue;
    const kept = projectValue(schema.urn, definition, value, projection);
    if (kept !== undefined) result[definition.name] = kept;
  }
  return result;
}

function projectValue(urn: string, definition: AttributeDefinition, value: unknown, projection: Projection): unknown {
  const { returned, name } = definition;
  const named = projection.names.filter(
    (choice) => choice.schema === urn && (choice.attribute === name || choice.attribute === undefined),
  );
  const whole = named.some((choice) => choice.sub === undefined);
  const subs = new Set(named.map((choice) => choice.sub));
  const isDefault = ({ returned }: AttributeDefinition): boolean => returned === 'default';
  switch (projection.kind) {
    case 'all':
      if (returned === 'request') return undefined;
      return parts(definition, value, isDefault);
    case 'attributes':
      if (whole || returned === 'always')
        return parts(definition, value, (sub) => isDefault(sub) || subs.has(sub.name));
      return named.length === 0 ? undefined : parts(definition, value, (sub) => subs.has(sub.name));
    case 'excluded':
      if (returned === 'always') return parts(definition, value, isDefault);
      if (whole || returned === 'request') return undefined;
      return parts(definition, value, (sub) => isDefault(sub) && !subs.has(sub.name));
  }
}

/**
 * A value with those of its sub-attributes that are asked for; what is always returned is there with them, what never is is not
 * (RFC 7643 §7). Lists may be long: one that is wanted whole is given as it is.
 */
function parts(
  definition: AttributeDefinition,
  value: unknown,
  wanted: (sub: AttributeDefinition) => boolean,
): unknown {
  const { subAttributes } = definition;
  if (subAttributes === undefined) return value;
  const kept = subAttributes.filter((sub) => sub.returned !== 'never' && (sub.returned === 'always' || wanted(sub)));
  if (kept.length === subAttributes.length) return value;
  const shown = (element: Attributes): Attributes | undefined => {
    const result: Attributes = {};
    for (const { name } of kept) if (element[name] !== undefined) result[name] = element[name];
    return Object.keys(result).length === 0 ? undefined : result;
  };
  if (!Array.isArray(value)) return shown(value as Attributes);
  const list = value.map(shown).filter((element) => element !== undefined);
  return list.length === 0 ? undefined : list;
}
