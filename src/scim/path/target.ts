import { refuse } from '../../errors.ts';
import { readReference } from '../attributeName.ts';
import type { Filter } from '../filter/filter.ts';
import { type FilterLimits, parseSyntax } from '../filter/parser.ts';
import type { Reading } from '../filter/reading.ts';
import { resolveInner } from '../filter/resolve.ts';
import { currentName, namingSubs } from '../formerUrn.ts';
import { quoted } from '../quoted.ts';
import type { ResourceType } from '../resource.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';
import type { Catalogue, Located, SchemaDefinition } from '../schemas/catalogue.ts';

/** What a PATCH path (RFC 7644 §3.5.2, figure 7) or a key of a pathless value points at. */
export type Target =
  | {
      readonly kind: 'attribute';
      readonly located: Located;
      /** Selects elements of a complex attribute. */
      readonly select?: Filter;
      readonly sub?: AttributeDefinition;
    }
  | { readonly kind: 'schema'; readonly schema: SchemaDefinition }
  /** `foreign`: in the name space of a schema we do not have. */
  | { readonly kind: 'unknown'; readonly foreign: boolean };

/** How paths are read. */
interface PathReading {
  readonly type: ResourceType;
  readonly limits: FilterLimits;
  /** Passed to the filter in brackets; see `Reading`. */
  readonly lenient: boolean;
  readonly catalogue: Catalogue;
  readonly packedValues: boolean;
  readonly formerUrns: boolean;
  readonly note: Reading['note'];
}

/**
 * Reads a path; names in any case, linear in its length.
 * @throws ScimError SCIM_PATH where it is malformed, SCIM_FILTER for what stands in brackets
 */
export function parseTarget(text: string, reading: PathReading): Target {
  if (text.length > reading.limits.filterLength)
    throw refuse('SCIM_PATH', { reason: `it is longer than ${reading.limits.filterLength} characters` });
  const opening = text.indexOf('[');
  const subOf = namingSubs(reading);
  if (opening === -1) return readReference(currentName(text.trim(), reading), reading.type, reading.catalogue, subOf);
  const closing = text.lastIndexOf(']');
  if (closing < opening) throw refuse('SCIM_PATH', { reason: `${quoted(text)} lacks a closing bracket` });
  const name = currentName(text.slice(0, opening).trim(), reading);
  const named = readReference(name, reading.type, reading.catalogue);
  if (named.kind === 'unknown') return named;
  if (named.kind === 'schema' || named.sub !== undefined || named.located.definition.type !== 'complex')
    throw refuse('SCIM_PATH', { reason: `${quoted(text.slice(0, opening))} has no values to select from` });
  const { located } = named;
  const inner = parseSyntax(text.slice(opening + 1, closing), reading.limits);
  const select = resolveInner(inner, located, { ...reading, unknown: 'refuse' });
  const rest = text.slice(closing + 1).trim();
  if (rest === '') return { kind: 'attribute', located, select };
  const sub = rest.startsWith('.') ? subOf(located.definition, rest.slice(1)) : undefined;
  if (sub === undefined)
    throw refuse('SCIM_PATH', { reason: `${quoted(rest)} is no sub-attribute of ${located.definition.name}` });
  return { kind: 'attribute', located, select, sub };
}
