import { readReference } from '../attributeName.ts';
import { currentName, namingSubs } from '../formerUrn.ts';
import type { Dialect } from '../profiles/dialect.ts';
import type { ResourceType } from '../resource.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';
import { findSub } from '../schemas/catalogue.ts';

/** Where in the data of a bulk operation something stands, as far as ids of other resources can be there or below. */
export type Place =
  | { readonly kind: 'message' | 'operation' | 'path' | 'id' }
  /** Attributes, of the resource or of one of its schemas. */
  | { readonly kind: 'body'; readonly urn?: string }
  /** A value, or a list of values, of an attribute that refers to resources: `members`, `manager`. */
  | { readonly kind: 'values'; readonly definition: AttributeDefinition };

/** What names are read against. */
export type PlaceReading = Pick<Dialect, 'catalogue' | 'formerUrns' | 'note'> & { readonly type: ResourceType };

export const RESOURCE: Place = { kind: 'body' };
export const MESSAGE: Place = { kind: 'message' };
const OPERATION: Place = { kind: 'operation' };
const PATH: Place = { kind: 'path' };
const ID: Place = { kind: 'id' };

/** Where the parts of an object stand; undefined for those without references. Keys count in any case. */
export function placesIn(object: object, place: Place, reading: PlaceReading): (key: string) => Place | undefined {
  switch (place.kind) {
    case 'message':
      return (key) => (key.toLowerCase() === 'operations' ? OPERATION : undefined);
    case 'operation': {
      const target = targetOf(object, reading);
      return (key) => {
        const name = key.toLowerCase();
        if (name === 'value') return target;
        return name === 'path' && target?.kind !== 'body' ? target && PATH : undefined;
      };
    }
    case 'body':
      return (key) => placeOf(place.urn === undefined ? key : `${place.urn}:${key}`, reading);
    case 'values':
      return (key) => placeInValue(place, key);
    default:
      return () => undefined;
  }
}

/** What the value of an operation is, by its path. */
function targetOf(operation: object, reading: PlaceReading): Place | undefined {
  const path = Object.entries(operation).find(([key]) => key.toLowerCase() === 'path')?.[1];
  return typeof path !== 'string' || path.trim() === '' ? RESOURCE : placeOf(path, reading);
}

/** What stands under a name or a path, the filter of which does not matter. */
function placeOf(text: string, reading: PlaceReading): Place | undefined {
  const name = currentName(text.split('[', 1)[0]!.trim(), reading);
  const named = readReference(name, reading.type, reading.catalogue, namingSubs(reading));
  if (named.kind === 'schema') return { kind: 'body', urn: named.schema.urn };
  if (named.kind === 'unknown') return undefined;
  const { definition } = named.located;
  if (named.sub !== undefined) return named.sub.rules.refers === true ? ID : undefined;
  return definition.subAttributes?.some(({ rules }) => rules.refers) ? { kind: 'values', definition } : undefined;
}

/** Some clients name the list again around it. */
function placeInValue(values: Place & { readonly kind: 'values' }, key: string): Place | undefined {
  const { definition } = values;
  const name = key.toLowerCase();
  const sub =
    findSub(definition, name) ?? definition.subAttributes?.find(({ rules }) => rules.formerly?.toLowerCase() === name);
  if (sub?.rules.refers === true) return ID;
  return name === definition.name.toLowerCase() ? values : undefined;
}
