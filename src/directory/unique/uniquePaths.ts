import type { AttributePath } from '../../scim/filter/filter.ts';
import { attributePath } from '../../scim/filter/resolve.ts';
import type { ResourceType } from '../../scim/resource.ts';
import type { Catalogue } from '../../scim/schemas/catalogue.ts';

/** Attributes of extensions whose values belong to one resource of a connection (RFC 7643 §7, uniqueness). */
export type UniquePaths = Readonly<Record<ResourceType, readonly AttributePath[]>>;

export const NOTHING_UNIQUE: UniquePaths = Object.freeze({ User: [], Group: [] });

/** Those of a catalogue; userName and displayName have an index of their own. */
export function uniquePaths({ types }: Catalogue): UniquePaths {
  const of = (type: ResourceType): AttributePath[] =>
    types[type].extensions.flatMap(({ urn, attributes }) =>
      attributes
        .filter(({ uniqueness }) => uniqueness !== 'none')
        .map((definition) => attributePath({ schema: urn, definition })),
    );
  return { User: of('User'), Group: of('Group') };
}

/** How a path is named in the tables. */
export function pathName(type: ResourceType, { schema, attribute }: AttributePath): string {
  return `${type} ${schema}:${attribute}`;
}

/** What the rows of its values depend on; `all`: those that have a value beside the first are kept, too. */
export function ruleOf({ type, caseExact }: AttributePath): string {
  return `${type} ${caseExact ? 'exact' : 'folded'} all`;
}
