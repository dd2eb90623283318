import { etag } from './etag.ts';
import { groupShown } from './groupWords.ts';
import { locationOf } from './location.ts';
import type { Attributes, GroupResource, UserResource } from './resource.ts';
import { type Catalogue, STANDARD } from './schemas/catalogue.ts';
import { ENTERPRISE_USER } from './urns.ts';

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
    ...managed(attributes, base),
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

/** What `random.id` makes. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The enterprise extension with the URL of the manager. Some providers send a name as the id: there is nothing to point at. */
function managed(attributes: Attributes, base: string): Attributes {
  const { manager, ...others } = (attributes[ENTERPRISE_USER] ?? {}) as {
    readonly manager?: { readonly value?: string };
  };
  const { value = '' } = manager ?? {};
  if (!ID.test(value)) return {};
  return { [ENTERPRISE_USER]: { ...others, manager: { ...manager, $ref: locationOf(base, 'User', value) } } };
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
