import { refuse } from '../../errors.ts';
import { quoted } from '../quoted.ts';
import type { Attributes } from '../resource.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';
import { RESOURCE_TYPES, type ResourceTypeDefinition, SCHEMAS, type SchemaDefinition } from '../schemas/catalogue.ts';
import { MOST_RESULTS } from '../search.ts';
import { RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG } from '../urns.ts';

/** Clients (authentik) take it for the size of their PATCHes, also without bulk. */
const CHUNK = 256;

/** What is implemented, no more (RFC 7643 §5). */
export function serviceProviderConfig(base: string): Attributes {
  return {
    schemas: [SERVICE_PROVIDER_CONFIG],
    documentationUri: 'https://datatracker.ietf.org/doc/html/rfc7644',
    patch: { supported: true },
    bulk: { supported: false, maxOperations: CHUNK, maxPayloadSize: 1_048_576 },
    filter: { supported: true, maxResults: MOST_RESULTS },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token made by `jenkins-scim token create`, sent as Authorization: Bearer.',
        specUri: 'https://datatracker.ietf.org/doc/html/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

export function resourceTypes(base: string): Attributes[] {
  return Object.values(RESOURCE_TYPES).map((type) => resourceTypeDocument(type, base));
}

/** One resource type by its name. @throws ScimError SCIM_NOT_FOUND */
export function resourceType(name: string, base: string): Attributes {
  const found = Object.values(RESOURCE_TYPES).find((type) => type.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw refuse('SCIM_NOT_FOUND', { resource: 'ResourceType', id: quoted(name) });
  return resourceTypeDocument(found, base);
}

export function schemas(base: string): Attributes[] {
  return SCHEMAS.map((schema) => schemaDocument(schema, base));
}

/** One schema by its URN. @throws ScimError SCIM_NOT_FOUND */
export function schema(urn: string, base: string): Attributes {
  const found = SCHEMAS.find((item) => item.urn.toLowerCase() === urn.toLowerCase());
  if (found === undefined) throw refuse('SCIM_NOT_FOUND', { resource: 'Schema', id: quoted(urn) });
  return schemaDocument(found, base);
}

function resourceTypeDocument(type: ResourceTypeDefinition, base: string): Attributes {
  return {
    schemas: [RESOURCE_TYPE],
    id: type.name,
    name: type.name,
    endpoint: type.endpoint,
    description: type.description,
    schema: type.core.urn,
    ...(type.extensions.length === 0
      ? {}
      : { schemaExtensions: type.extensions.map(({ urn }) => ({ schema: urn, required: false })) }),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.name}` },
  };
}

function schemaDocument({ urn, name, description, attributes }: SchemaDefinition, base: string): Attributes {
  return {
    schemas: [SCHEMA],
    id: urn,
    name,
    description,
    attributes: attributes.map(published),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${urn}` },
  };
}

function published({ rules: _, subAttributes, ...characteristics }: AttributeDefinition): Attributes {
  return {
    ...characteristics,
    ...(subAttributes === undefined ? {} : { subAttributes: subAttributes.map(published) }),
  };
}
