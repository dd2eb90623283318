import type { FastifyInstance } from 'fastify';
import { refuse } from '../../errors.ts';
import { resourceType, resourceTypes, schema, schemas, serviceProviderConfig } from '../../scim/discovery/documents.ts';
import { listResponse } from '../../scim/listResponse.ts';
import type { Dialect } from '../../scim/profiles/dialect.ts';
import type { Attributes } from '../../scim/resource.ts';
import { asked, place, send } from './conversation.ts';
import { type ScimDeps, scimRoute } from './deps.ts';

/** What the service can do (RFC 7644 §4). Paging and sorting are ignored there, a filter is refused. */
export function discoveryRoutes(app: FastifyInstance, deps: ScimDeps): void {
  const { baseUrl, catalogue, limits } = deps;
  const documents: Readonly<Record<string, (name: string, dialect: Dialect) => Attributes | Attributes[]>> = {
    '/ServiceProviderConfig': (_, { interopProfile }) =>
      serviceProviderConfig(baseUrl(), { maxPayloadSize: limits.body, interopProfile }),
    '/ResourceTypes': () => resourceTypes(baseUrl(), catalogue),
    '/ResourceTypes/:name': (name) => resourceType(name, baseUrl(), catalogue),
    '/Schemas': () => schemas(baseUrl(), catalogue),
    '/Schemas/:name': (name) => schema(name, baseUrl(), catalogue),
  };
  for (const [url, document] of Object.entries(documents))
    app.get(url, { config: scimRoute('discovery') }, async (request, reply) => {
      if (Object.entries(request.query as object).some(isFilter))
        throw refuse('SCIM_FORBIDDEN', { reason: 'Discovery endpoints take no filter' });
      const { dialect } = asked(request, deps);
      const found = document((request.params as { readonly name?: string }).name ?? '', dialect);
      if (Array.isArray(found)) return send(reply, 200, listResponse(found.length, 1, found));
      return send(place(reply, (found.meta as { readonly location: string }).location), 200, found);
    });
}

/** An empty one asks for nothing, here as in a search. */
function isFilter([name, value]: readonly [string, string | readonly string[]]): boolean {
  return name.toLowerCase() === 'filter' && [value].flat().some((text) => text !== '');
}
