import type { ResourceType } from '../resource.ts';
import { ENTERPRISE_USER, GROUP, USER } from '../urns.ts';
import type { AttributeDefinition } from './attribute.ts';
import { ENTERPRISE_USER_ATTRIBUTES } from './enterpriseUser.ts';
import { COMMON } from './everyResource.ts';
import { GROUP_ATTRIBUTES } from './group.ts';
import { USER_ATTRIBUTES } from './user.ts';

export interface SchemaDefinition {
  readonly urn: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly AttributeDefinition[];
}

export interface ResourceTypeDefinition {
  readonly name: ResourceType;
  /** Relative to the base URL. */
  readonly endpoint: string;
  readonly description: string;
  readonly core: SchemaDefinition;
  readonly extensions: readonly SchemaDefinition[];
}

/** A schema that a resource type has beside the standard ones. */
interface Extension {
  readonly type: ResourceType;
  readonly schema: SchemaDefinition;
}

/** An attribute and the URN of the schema it stands in; the core schema for common ones. */
export interface Located {
  readonly schema: string;
  readonly definition: AttributeDefinition;
}

type Index = ReadonlyMap<string, ReadonlyMap<string, Located>>;

/** The schemas and resource types that a service knows; what it publishes and all it reads names against. */
export interface Catalogue {
  readonly schemas: readonly SchemaDefinition[];
  readonly types: Readonly<Record<ResourceType, ResourceTypeDefinition>>;
  /** By type, URN and name, both in lower case. */
  readonly index: Readonly<Record<ResourceType, Index>>;
}

const user: SchemaDefinition = { urn: USER, name: 'User', description: 'A person.', attributes: USER_ATTRIBUTES };
const group: SchemaDefinition = { urn: GROUP, name: 'Group', description: 'A group.', attributes: GROUP_ATTRIBUTES };
const enterprise: SchemaDefinition = {
  urn: ENTERPRISE_USER,
  name: 'EnterpriseUser',
  description: 'What an organisation says of a person.',
  attributes: ENTERPRISE_USER_ATTRIBUTES,
};

/** The standard schemas and further extensions; their URNs and names are unlike those of the standard ones. */
export function catalogue(extensions: readonly Extension[]): Catalogue {
  const of = (type: ResourceType) => extensions.filter((item) => item.type === type).map(({ schema }) => schema);
  const User: ResourceTypeDefinition = {
    name: 'User',
    endpoint: '/Users',
    description: 'A person.',
    core: user,
    extensions: [enterprise, ...of('User')],
  };
  const Group: ResourceTypeDefinition = {
    name: 'Group',
    endpoint: '/Groups',
    description: 'A group of people.',
    core: group,
    extensions: of('Group'),
  };
  return Object.freeze({
    schemas: [user, group, enterprise, ...extensions.map(({ schema }) => schema)],
    types: { User, Group },
    index: { User: index(User), Group: index(Group) },
  });
}

function index(type: ResourceTypeDefinition): Index {
  const entries = (urn: string, attributes: readonly AttributeDefinition[]) =>
    new Map(attributes.map((definition) => [definition.name.toLowerCase(), { schema: urn, definition }]));
  return new Map([
    [type.core.urn.toLowerCase(), entries(type.core.urn, [...COMMON, ...type.core.attributes])],
    ...type.extensions.map(({ urn, attributes }) => [urn.toLowerCase(), entries(urn, attributes)] as const),
  ]);
}

/** RFC 7643 and nothing else. */
export const STANDARD: Catalogue = catalogue([]);
/** The standard schemas. */
export const SCHEMAS = STANDARD.schemas;
/** The standard resource types. Core schemas and endpoints are the same in every catalogue. */
export const RESOURCE_TYPES = STANDARD.types;

/** Finds an attribute of a schema of the type; names and URNs in any case (RFC 7643 §2.1). */
export function findAttribute(
  type: ResourceType,
  urn: string,
  name: string,
  { index }: Catalogue = STANDARD,
): Located | undefined {
  return index[type].get(urn.toLowerCase())?.get(name.toLowerCase());
}

/** The schema of the type with this URN, in any case. */
export function findSchema(
  type: ResourceType,
  urn: string,
  { types }: Catalogue = STANDARD,
): SchemaDefinition | undefined {
  const { core, extensions } = types[type];
  const wanted = urn.toLowerCase();
  return [core, ...extensions].find((schema) => schema.urn.toLowerCase() === wanted);
}

/** Finds a sub-attribute, name in any case. */
export function findSub(definition: AttributeDefinition, name: string): AttributeDefinition | undefined {
  const wanted = name.toLowerCase();
  return definition.subAttributes?.find((sub) => sub.name.toLowerCase() === wanted);
}
