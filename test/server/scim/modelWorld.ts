import { extensions } from '../../../src/config/extension.ts';
import { configuredCatalogue } from '../../../src/scim/schemas/configured.ts';

/** An extension whose values are unique. */
export const X = 'urn:example:scim:unique:2.0:User';
export const WITH_UNIQUE = configuredCatalogue(
  extensions.parse({
    [X]: { attributes: { badge: { uniqueness: 'server' }, tags: { multiValued: true, uniqueness: 'server' } } },
  }),
);
