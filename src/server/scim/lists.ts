import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listResponse } from '../../scim/listResponse.ts';
import { project } from '../../scim/projection.ts';
import { render } from '../../scim/render.ts';
import type { ResourceType } from '../../scim/resource.ts';
import { forType, readQueryString, readSearchRequest, type Search } from '../../scim/search.ts';
import { asked, send } from './conversation.ts';
import { type ScimDeps, scimRoute } from './deps.ts';
import { searchAll } from './searchAll.ts';

/** Lists by query (RFC 7644 §3.4.2) and by `.search` (§3.4.3). */
export function listRoutes(app: FastifyInstance, deps: ScimDeps): void {
  app.get('/Users', { config: scimRoute('user.list', 'users:read') }, async (request, reply) =>
    list(request, reply, 'User', readQueryString(request.query as Record<string, unknown>), deps),
  );
  app.get('/Groups', { config: scimRoute('group.list', 'groups:read') }, async (request, reply) =>
    list(request, reply, 'Group', readQueryString(request.query as Record<string, unknown>), deps),
  );
  app.post('/Users/.search', { config: scimRoute('user.search', 'users:read') }, async (request, reply) =>
    list(request, reply, 'User', readSearchRequest(request.body, asked(request, deps).dialect), deps),
  );
  app.post('/Groups/.search', { config: scimRoute('group.search', 'groups:read') }, async (request, reply) =>
    list(request, reply, 'Group', readSearchRequest(request.body, asked(request, deps).dialect), deps),
  );
  app.post('/.search', { config: scimRoute('search') }, async (request, reply) =>
    send(reply, 200, await searchAll(request, deps)),
  );
}

async function list(
  request: FastifyRequest,
  reply: FastifyReply,
  type: ResourceType,
  search: Search,
  deps: ScimDeps,
): Promise<FastifyReply> {
  const { caller, dialect } = asked(request, deps);
  const { query, projection } = forType(search, type, dialect, deps.limits);
  const { directory } = deps;
  const page =
    type === 'User'
      ? await directory.users(caller.connection, query)
      : await directory.groups(caller.connection, query);
  const base = deps.baseUrl();
  const resources = page.resources.map((resource) => project(type, render(resource, base), projection));
  return send(reply, 200, listResponse(page.total, search.startIndex, resources));
}
