import { etag } from './etag.ts';
import type { Attributes, GroupRef, GroupResource, ResourceType, UserResource } from './resource.ts';
import { type Catalogue, RESOURCE_TYPES, STANDARD } from './schemas/catalogue.ts';

/** URL of a resource under the base URL of the service, which has no slash at its end. */
export function locationOf(base: string, type: ResourceType, id: string): string {
  return `${base}${RESOURCE_TYPES[type].endpoint}/${encodeURIComponent(id)}`;
}

/**
 * A resource as it goes out, before projection: `schemas` follow the extension data that is there, `$ref`s and meta.location
 * come from the configured base URL.
 */
export function render(
  resource: UserResource | GroupResource,
  base: string,
  catalogue: Catalogue = STANDARD,
): Attributes {
  const { type, id, attributes } = resource;
  const { core, extensions } = catalogue.types[type];
  const used = extensions.map(({ urn }) => urn).filter((urn) => Object.hasOwn(attributes, urn));
  return {
    schemas: [core.urn, ...used],
    id,
    ...attributes,
    ...related(resource, base),
    meta: {
      resourceType: type,
      created: resource.createdAt,
      lastModified: resource.modifiedAt,
      location: locationOf(base, type, id),
      version: etag(resource),
    },
  };
}

function related(resource: UserResource | GroupResource, base: string): Attributes {
  if (resource.type === 'User') {
    if (resource.groups === undefined || resource.groups.length === 0) return {};
    return { groups: resource.groups.map((group) => groupShown(group, base)) };
  }
  if (resource.members === undefined || resource.members.length === 0) return {};
  return {
    members: resource.members.map((member) => ({
      ...member,
      ...(member.type === undefined ? {} : { $ref: locationOf(base, member.type, member.value) }),
    })),
  };
}

/** A reference to a group as it goes out. */
export function groupShown(group: GroupRef, base: string): Attributes {
  return { ...group, $ref: locationOf(base, 'Group', group.value) };
}
