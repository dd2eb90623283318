import { refuse } from '../../errors.ts';
import { MOST_BULK_OPERATIONS } from '../bulk/request.ts';
import { CURSOR_SECONDS } from '../cursor/cursor.ts';
import { quoted } from '../quoted.ts';
import type { Attributes } from '../resource.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';
import { type Catalogue, type ResourceTypeDefinition, type SchemaDefinition, STANDARD } from '../schemas/catalogue.ts';
import { MOST_RESULTS, PAGE } from '../search.ts';
import { RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG } from '../urns.ts';

/** What one connection is told that the service can do. */
interface Abilities {
  /** Bytes of the largest body that is taken. */
  readonly maxPayloadSize: number;
  readonly interopProfile: boolean;
}

/** What is implemented, no more (RFC 7643 §5, RFC 9865 §3). Clients (authentik) take maxOperations for the size of their PATCHes, too. */
export function serviceProviderConfig(base: string, { maxPayloadSize, interopProfile }: Abilities): Attributes {
  return {
    schemas: [SERVICE_PROVIDER_CONFIG],
    documentationUri: 'https://datatracker.ietf.org/doc/html/rfc7644',
    patch: { supported: true },
    bulk: { supported: true, maxOperations: MOST_BULK_OPERATIONS, maxPayloadSize },
    filter: { supported: true, maxResults: MOST_RESULTS },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: PAGE,
      maxPageSize: MOST_RESULTS,
      cursorTimeout: CURSOR_SECONDS,
    },
    ...(interopProfile ? { interopProfileConformant: true } : {}),
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

export function resourceTypes(base: string, { types }: Catalogue = STANDARD): Attributes[] {
  return Object.values(types).map((type) => resourceTypeDocument(type, base));
}

/** One resource type by its name. @throws ScimError SCIM_SCHEMA */
export function resourceType(name: string, base: string, { types }: Catalogue = STANDARD): Attributes {
  const found = Object.values(types).find((type) => type.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw refuse('SCIM_SCHEMA', { resource: 'ResourceType', id: quoted(name) });
  return resourceTypeDocument(found, base);
}

export function schemas(base: string, { schemas }: Catalogue = STANDARD): Attributes[] {
  return schemas.map((schema) => schemaDocument(schema, base));
}

/** One schema by its URN. @throws ScimError SCIM_SCHEMA */
export function schema(urn: string, base: string, { schemas }: Catalogue = STANDARD): Attributes {
  const found = schemas.find((item) => item.urn.toLowerCase() === urn.toLowerCase());
  if (found === undefined) throw refuse('SCIM_SCHEMA', { resource: 'Schema', id: quoted(urn) });
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
    ...(subAttributes === undefined
      ? {}
      : { subAttributes: subAttributes.filter(({ rules }) => rules.unpublished !== true).map(published) }),
  };
}
