import { refuse } from '../../errors.ts';
import { readReference } from '../attributeName.ts';
import { quoted } from '../quoted.ts';
import type { ResourceType } from '../resource.ts';
import { type Catalogue, findSub, STANDARD } from '../schemas/catalogue.ts';
import type { AttributePath, Filter } from './filter.ts';
import { type FilterLimits, parseSyntax } from './parser.ts';
import type { Reading } from './reading.ts';
import { attributePath, resolve } from './resolve.ts';

/**
 * Parses a filter and resolves it against the schemas of a resource type; linear in the length of the text.
 * `reading` defaults to the strict one; see `Reading`.
 * @throws ScimError SCIM_FILTER with the column
 */
export function parseFilter(
  text: string,
  type: ResourceType,
  limits: FilterLimits,
  reading: Partial<Omit<Reading, 'type'>> = {},
): Filter {
  return resolve(parseSyntax(text, limits), {
    lenient: false,
    unknown: 'refuse',
    catalogue: STANDARD,
    packedValues: false,
    formerUrns: false,
    note: () => {},
    ...reading,
    type,
  });
}

/**
 * The attribute a list is sorted by (RFC 7644 §3.4.2.3); undefined where the type does not have it and `unknown` is `missing`.
 * @throws ScimError SCIM_PATH
 */
export function parseSortBy(
  text: string,
  type: ResourceType,
  unknown: Reading['unknown'] = 'refuse',
  catalogue: Catalogue = STANDARD,
): AttributePath | undefined {
  const named = readReference(text, type, catalogue);
  if (named.kind === 'attribute') {
    const { definition } = named.located;
    const sub = named.sub ?? (definition.type === 'complex' ? findSub(definition, 'value') : undefined);
    const leaf = sub ?? definition;
    const related = definition.name === 'groups' || definition.name === 'members' || definition.name === 'schemas';
    const hidden = definition.returned === 'never' || leaf.returned === 'never' || leaf.rules.computed === true;
    if (!related && !hidden && leaf.type !== 'complex') return attributePath(named.located, sub);
  } else if (named.kind === 'unknown' && unknown === 'missing') return undefined;
  throw refuse('SCIM_PATH', { reason: `lists of ${type} cannot be sorted by ${quoted(text)}` });
}
