import type { ResourceType } from './resource.ts';
import type { AttributeDefinition } from './schemas/attribute.ts';
import {
  type Catalogue,
  findAttribute,
  findSchema,
  findSub,
  type Located,
  type SchemaDefinition,
  STANDARD,
} from './schemas/catalogue.ts';

/** What a name like `userName`, `name.familyName`, `URN:department` or a bare schema URN stands for. */
type Named =
  | { readonly kind: 'attribute'; readonly located: Located; readonly sub?: AttributeDefinition }
  | { readonly kind: 'schema'; readonly schema: SchemaDefinition }
  /** `foreign`: the name starts with a URN that is no schema of the type. */
  | { readonly kind: 'unknown'; readonly foreign: boolean };

/** Finds a sub-attribute by what it is called in a request. */
type SubFinder = typeof findSub;

const UNKNOWN: Named = { kind: 'unknown', foreign: false };

/** Reads a name in attribute notation (RFC 7644 §3.10), in any case, against the schemas of a resource type. */
export function readName(
  text: string,
  type: ResourceType,
  catalogue: Catalogue = STANDARD,
  subOf: SubFinder = findSub,
): Named {
  const { core, extensions } = catalogue.types[type];
  const schema = findSchema(type, text, catalogue);
  if (schema !== undefined) return { kind: 'schema', schema };
  if (!isUrn(text)) return inSchema(type, core.urn, text, catalogue, subOf);
  const lower = text.toLowerCase();
  const begins = (end: string) => [core, ...extensions].find(({ urn }) => lower.startsWith(urn.toLowerCase() + end));
  const prefix = begins(':');
  if (prefix === undefined) return { kind: 'unknown', foreign: begins('.') === undefined };
  return inSchema(type, prefix.urn, text.slice(prefix.urn.length + 1), catalogue, subOf);
}

/**
 * As `readName`, where an attribute is referred to and not given: in a filter, a path, a projection. There the name of an extension's
 * attribute should have its URN, and may go without it where that leaves no doubt (RFC 7644 §3.10).
 */
export function readReference(
  text: string,
  type: ResourceType,
  catalogue: Catalogue = STANDARD,
  subOf: SubFinder = findSub,
): Named {
  const named = readName(text, type, catalogue, subOf);
  if (named.kind !== 'unknown' || named.foreign) return named;
  const found = catalogue.types[type].extensions
    .map(({ urn }) => inSchema(type, urn, text, catalogue, subOf))
    .filter(({ kind }) => kind === 'attribute');
  return found.length === 1 ? found[0]! : named;
}

/** Whether the text is written as a URN or URL rather than as a plain name. */
export function isUrn(text: string): boolean {
  return /^(urn:|https?:)/i.test(text);
}

function inSchema(type: ResourceType, urn: string, rest: string, catalogue: Catalogue, subOf: SubFinder): Named {
  const dot = rest.indexOf('.');
  const located = findAttribute(type, urn, dot === -1 ? rest : rest.slice(0, dot), catalogue);
  if (located === undefined) return UNKNOWN;
  if (dot === -1) return { kind: 'attribute', located };
  const sub = subOf(located.definition, rest.slice(dot + 1));
  return sub === undefined ? UNKNOWN : { kind: 'attribute', located, sub };
}
