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

const user: SchemaDefinition = { urn: USER, name: 'User', description: 'A person.', attributes: USER_ATTRIBUTES };
const group: SchemaDefinition = { urn: GROUP, name: 'Group', description: 'A group.', attributes: GROUP_ATTRIBUTES };
const enterprise: SchemaDefinition = {
  urn: ENTERPRISE_USER,
  name: 'EnterpriseUser',
  description: 'What an organisation says of a person.',
  attributes: ENTERPRISE_USER_ATTRIBUTES,
};

/** Every schema that is published. */
export const SCHEMAS: readonly SchemaDefinition[] = [user, group, enterprise];

/** The resource types that are published. */
export const RESOURCE_TYPES: Readonly<Record<ResourceType, ResourceTypeDefinition>> = {
  User: { name: 'User', endpoint: '/Users', description: 'A person.', core: user, extensions: [enterprise] },
  Group: { name: 'Group', endpoint: '/Groups', description: 'A group of people.', core: group, extensions: [] },
};

/** An attribute and the URN of the schema it stands in; the core schema for common ones. */
export interface Located {
  readonly schema: string;
  readonly definition: AttributeDefinition;
}

type Index = ReadonlyMap<string, Located>;

function index(type: ResourceTypeDefinition): ReadonlyMap<string, Index> {
  const entries = (urn: string, attributes: readonly AttributeDefinition[]): Index =>
    new Map(attributes.map((definition) => [definition.name.toLowerCase(), { schema: urn, definition }]));
  return new Map([
    [type.core.urn.toLowerCase(), entries(type.core.urn, [...COMMON, ...type.core.attributes])],
    ...type.extensions.map(({ urn, attributes }) => [urn.toLowerCase(), entries(urn, attributes)] as const),
  ]);
}

const INDEX: Readonly<Record<ResourceType, ReadonlyMap<string, Index>>> = {
  User: index(RESOURCE_TYPES.User),
  Group: index(RESOURCE_TYPES.Group),
};

/** Finds an attribute of a schema of the type; names and URNs in any case (RFC 7643 §2.1). */
export function findAttribute(type: ResourceType, urn: string, name: string): Located | undefined {
  return INDEX[type].get(urn.toLowerCase())?.get(name.toLowerCase());
}

/** The schema of the type with this URN, in any case. */
export function findSchema(type: ResourceType, urn: string): SchemaDefinition | undefined {
  const { core, extensions } = RESOURCE_TYPES[type];
  const wanted = urn.toLowerCase();
  return [core, ...extensions].find((schema) => schema.urn.toLowerCase() === wanted);
}

/** Finds a sub-attribute, name in any case. */
export function findSub(definition: AttributeDefinition, name: string): AttributeDefinition | undefined {
  const wanted = name.toLowerCase();
  return definition.subAttributes?.find((sub) => sub.name.toLowerCase() === wanted);
}
