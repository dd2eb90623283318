import { etag } from './etag.ts';
import { groupShown } from './groupWords.ts';
import { locationOf } from './location.ts';
import type { Attributes, GroupResource, UserResource } from './resource.ts';
import { type Catalogue, STANDARD } from './schemas/catalogue.ts';

/**
 * A resource as it goes out, before projection: `schemas` follow the extension data that is there, `$ref`s and meta.location
 * come from the configured base URL. `version` is its ETag, where only a part of it is given.
 */
export function render(
  resource: UserResource | GroupResource,
  base: string,
  catalogue: Catalogue = STANDARD,
  version = etag(resource),
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
      version,
    },
  };
}

function related(resource: UserResource | GroupResource, base: string): Attributes {
  if (resource.type === 'User') {
    if (resource.groups === undefined || resource.groups.length === 0) return {};
    return { groups: resource.groups.map((group) => groupShown(group, base)) };
  }
  // An empty list says that nobody is in it; without one, some clients (authentik) take the members for not told.
  if (resource.members === undefined) return {};
  return {
    members: resource.members.map((member) => ({
      ...member,
      ...(member.type === undefined ? {} : { $ref: locationOf(base, member.type, member.value) }),
    })),
  };
}
