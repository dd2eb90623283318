import { refuse } from '../../errors.ts';
import { currentName } from '../formerUrn.ts';
import type { Dialect } from '../profiles/dialect.ts';
import { quoted } from '../quoted.ts';
import type { ResourceType } from '../resource.ts';
import { findSchema, RESOURCE_TYPES } from '../schemas/catalogue.ts';
import { ADSCIM_GROUP } from '../urns.ts';

/**
 * Judges the `schemas` of a resource that is sent (RFC 7643 §3). Where they are optional, wrong ones do no harm: the endpoint says
 * what the resource is. Entra's extra URN is dropped in every dialect.
 * @throws ScimError SCIM_SYNTAX, SCIM_VALUE
 */
export function checkSchemas(
  type: ResourceType,
  value: unknown,
  extensions: readonly string[],
  dialect: Dialect,
): void {
  if (value === undefined || value === null) {
    if (!dialect.schemasOptional) throw refuse('SCIM_SYNTAX', { reason: 'schemas is missing' });
    dialect.note('missing-schemas');
    return;
  }
  if (!Array.isArray(value) || !value.every((urn) => typeof urn === 'string'))
    throw refuse('SCIM_VALUE', { reason: 'schemas is a list of URNs' });
  const given = new Set(value.map((urn) => urn.toLowerCase()));
  const unknown = value.filter((urn) => findSchema(type, currentName(urn, dialect), dialect.catalogue) === undefined);
  if (unknown.length > 0) dialect.note('foreign-schema');
  if (dialect.schemasOptional) return;
  const foreign = unknown.find((urn) => urn !== ADSCIM_GROUP);
  if (foreign !== undefined) throw refuse('SCIM_SYNTAX', { reason: `${quoted(foreign)} is no schema of ${type}` });
  for (const urn of [RESOURCE_TYPES[type].core.urn, ...extensions])
    if (!given.has(urn.toLowerCase())) throw refuse('SCIM_SYNTAX', { reason: `schemas lacks ${urn}` });
}
