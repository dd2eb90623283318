import { refuse } from '../errors.ts';
import { readReference } from './attributeName.ts';
import type { Choice, Projection } from './choice.ts';
import type { Attributes, ResourceType } from './resource.ts';
import { type Catalogue, STANDARD } from './schemas/catalogue.ts';
import { shapeOf, shown } from './shape.ts';
import { GROUP, USER } from './urns.ts';

export const EVERYTHING: Projection = Object.freeze({ kind: 'all', names: [] });

/**
 * Reads the two parameters; they exclude each other. What was read lately is the same value again, with what `shapeOf` knows of it.
 * @throws ScimError SCIM_QUERY
 */
export function readProjection(
  type: ResourceType,
  attributes: readonly string[] | undefined,
  excluded: readonly string[] | undefined,
  catalogue: Catalogue = STANDARD,
): Projection {
  if (attributes !== undefined && excluded !== undefined)
    throw refuse('SCIM_QUERY', { reason: 'attributes and excludedAttributes exclude each other' });
  const named = attributes ?? excluded;
  if (named === undefined) return EVERYTHING;
  const kind = attributes === undefined ? 'excluded' : 'attributes';
  const key = JSON.stringify([type, kind, named]);
  const known = knownTo(catalogue);
  let projection = known.get(key);
  if (projection !== undefined) return projection;
  projection = Object.freeze({ kind, names: Object.freeze(named.flatMap((name) => choices(type, name, catalogue))) });
  if (key.length > LONGEST) return projection;
  if (known.size >= MOST) known.delete(known.keys().next().value!);
  known.set(key, projection);
  return projection;
}

/** Characters and number of what is remembered: a client asks for the same few names each time. */
const LONGEST = 500;
const MOST = 200;
const remembered = new WeakMap<Catalogue, Map<string, Projection>>();

function knownTo(catalogue: Catalogue): Map<string, Projection> {
  const known = remembered.get(catalogue) ?? new Map<string, Projection>();
  remembered.set(catalogue, known);
  return known;
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
  const { core, extensions } = shapeOf(projection, catalogue.types[type]);
  const result = shown(core, resource);
  for (const { urn, attributes } of extensions) {
    const home = resource[urn];
    if (home === undefined) continue;
    const kept = shown(attributes, home as Attributes);
    if (Object.keys(kept).length > 0) result[urn] = kept;
  }
  return result;
}

function choices(type: ResourceType, name: string, catalogue: Catalogue): Choice[] {
  const named = readReference(name, type, catalogue);
  if (named.kind === 'schema') return [{ schema: named.schema.urn }];
  if (named.kind === 'unknown') return [];
  const { schema, definition } = named.located;
  return [{ schema, attribute: definition.name, ...(named.sub === undefined ? {} : { sub: named.sub.name }) }];
}
