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
export type Named =
  | { readonly kind: 'attribute'; readonly located: Located; readonly sub?: AttributeDefinition }
  | { readonly kind: 'schema'; readonly schema: SchemaDefinition }
  /** `foreign`: the name starts with a URN that is no schema of the type. */
  | { readonly kind: 'unknown'; readonly foreign: boolean };

const UNKNOWN: Named = { kind: 'unknown', foreign: false };

/** Reads a name in attribute notation (RFC 7644 §3.10), in any case, against the schemas of a resource type. */
export function readName(text: string, type: ResourceType, catalogue: Catalogue = STANDARD): Named {
  const { core, extensions } = catalogue.types[type];
  const schema = findSchema(type, text, catalogue);
  if (schema !== undefined) return { kind: 'schema', schema };
  if (!isUrn(text)) return inSchema(type, core.urn, text, catalogue);
  const lower = text.toLowerCase();
  const prefix = [core, ...extensions].find(({ urn }) => lower.startsWith(`${urn.toLowerCase()}:`));
  if (prefix === undefined) return { kind: 'unknown', foreign: true };
  return inSchema(type, prefix.urn, text.slice(prefix.urn.length + 1), catalogue);
}

/** Whether the text is written as a URN or URL rather than as a plain name. */
export function isUrn(text: string): boolean {
  return /^(urn:|https?:)/i.test(text);
}

function inSchema(type: ResourceType, urn: string, rest: string, catalogue: Catalogue): Named {
  const dot = rest.indexOf('.');
  const located = findAttribute(type, urn, dot === -1 ? rest : rest.slice(0, dot), catalogue);
  if (located === undefined) return UNKNOWN;
  if (dot === -1) return { kind: 'attribute', located };
  const sub = findSub(located.definition, rest.slice(dot + 1));
  return sub === undefined ? UNKNOWN : { kind: 'attribute', located, sub };
}
