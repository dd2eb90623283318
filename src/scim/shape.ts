import type { Choice, Projection } from './choice.ts';
import type { Attributes } from './resource.ts';
import type { AttributeDefinition } from './schemas/attribute.ts';
import type { ResourceTypeDefinition, SchemaDefinition } from './schemas/catalogue.ts';
import { COMMON } from './schemas/everyResource.ts';

/** An attribute that is returned; whole, or the sub-attributes that are named. */
interface Shown {
  readonly name: string;
  readonly subs?: readonly string[];
}

/** What is returned of the resources of a type, found out once for a whole page. */
interface Shape {
  readonly core: readonly Shown[];
  readonly extensions: readonly { readonly urn: string; readonly attributes: readonly Shown[] }[];
  /** Whether `groups` of a person is returned with all of its sub-attributes. */
  readonly groupsWhole: boolean;
}

const shapes = new WeakMap<Projection, WeakMap<ResourceTypeDefinition, Shape>>();

export function shapeOf(projection: Projection, type: ResourceTypeDefinition): Shape {
  let known = shapes.get(projection);
  if (known === undefined) {
    known = new WeakMap();
    shapes.set(projection, known);
  }
  let shape = known.get(type);
  if (shape === undefined) {
    const { core, extensions } = type;
    const shown = attributesOf({ ...core, attributes: [...COMMON, ...core.attributes] }, projection);
    shape = {
      core: shown,
      groupsWhole: shown.some(({ name, subs }) => name === 'groups' && subs === undefined),
      extensions: extensions.map((schema) => ({ urn: schema.urn, attributes: attributesOf(schema, projection) })),
    };
    known.set(type, shape);
  }
  return shape;
}

/** The part of a home of attributes that is returned, in the order of the schema. Lists may be long: one that is wanted whole is given as it is. */
export function shown(attributes: readonly Shown[], home: Attributes): Attributes {
  const result: Attributes = {};
  for (const { name, subs } of attributes) {
    const value = home[name];
    if (value === undefined) continue;
    const kept = subs === undefined ? value : parts(value, subs);
    if (kept !== undefined) result[name] = kept;
  }
  return result;
}

function parts(value: unknown, subs: readonly string[]): unknown {
  if (!Array.isArray(value)) return part(value as Attributes, subs);
  if (value.length === 0) return value;
  const list = value.map((element: Attributes) => part(element, subs)).filter((element) => element !== undefined);
  return list.length === 0 ? undefined : list;
}

function part(element: Attributes, subs: readonly string[]): Attributes | undefined {
  const result: Attributes = {};
  let some = false;
  for (const name of subs) {
    const value = element[name];
    if (value === undefined) continue;
    result[name] = value;
    some = true;
  }
  return some ? result : undefined;
}

function attributesOf(schema: SchemaDefinition, projection: Projection): readonly Shown[] {
  return schema.attributes.flatMap((definition): Shown[] => {
    const wanted = wantedOf(schema.urn, definition, projection);
    if (wanted === undefined) return [];
    const { name, subAttributes } = definition;
    if (subAttributes === undefined) return [{ name }];
    const kept = subAttributes.filter((sub) => sub.returned !== 'never' && (sub.returned === 'always' || wanted(sub)));
    return [kept.length === subAttributes.length ? { name } : { name, subs: kept.map((sub) => sub.name) }];
  });
}

/**
 * Which sub-attributes are asked for, or undefined where the attribute is not; what is always returned is there with them, what never
 * is is not (RFC 7643 §7).
 */
function wantedOf(
  urn: string,
  { returned, name }: AttributeDefinition,
  projection: Projection,
): ((sub: AttributeDefinition) => boolean) | undefined {
  if (returned === 'never') return undefined;
  const isNamed = (choice: Choice): boolean =>
    choice.schema === urn && (choice.attribute === name || choice.attribute === undefined);
  const named = projection.names.filter(isNamed);
  const whole = named.some((choice) => choice.sub === undefined);
  const subs = new Set(named.map((choice) => choice.sub));
  const isDefault = (sub: AttributeDefinition): boolean => sub.returned === 'default';
  switch (projection.kind) {
    case 'all':
      return returned === 'request' ? undefined : isDefault;
    case 'attributes':
      if (whole || returned === 'always') return (sub) => isDefault(sub) || subs.has(sub.name);
      return named.length === 0 ? undefined : (sub) => subs.has(sub.name);
    case 'excluded':
      if (returned === 'always') return isDefault;
      if (whole || returned === 'request') return undefined;
      return (sub) => isDefault(sub) && !subs.has(sub.name);
  }
}
