import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cursorHead, listHead } from '../../scim/listResponse.ts';
import type { Dialect } from '../../scim/profiles/dialect.ts';
import type { ResourceType } from '../../scim/resource.ts';
import { forType, readQueryString, readSearchRequest, type Search } from '../../scim/search.ts';
import { asked, sendList } from './conversation.ts';
import { type ScimDeps, scimRoute } from './deps.ts';
import { pageByCursor, readPage } from './pages.ts';
import { searchAll } from './searchAll.ts';

/** Lists by query (RFC 7644 §3.4.2) and by `.search` (§3.4.3), of a type or of all, paged by index or by cursor (RFC 9865). */
export function listRoutes(app: FastifyInstance, deps: ScimDeps): void {
  const byQuery = ({ query }: FastifyRequest) => readQueryString(query as Record<string, unknown>);
  const byBody = ({ body }: FastifyRequest, dialect: Dialect) => readSearchRequest(body, dialect);
  app.get('/Users', { config: scimRoute('user.list', 'users:read') }, async (request, reply) =>
    list(request, reply, 'User', byQuery, deps),
  );
  app.get('/Groups', { config: scimRoute('group.list', 'groups:read') }, async (request, reply) =>
    list(request, reply, 'Group', byQuery, deps),
  );
  app.post('/Users/.search', { config: scimRoute('user.search', 'users:read') }, async (request, reply) =>
    list(request, reply, 'User', byBody, deps),
  );
  app.post('/Groups/.search', { config: scimRoute('group.search', 'groups:read') }, async (request, reply) =>
    list(request, reply, 'Group', byBody, deps),
  );
  const everywhere = (read: typeof byBody) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { head, items } = await searchAll(request, read, deps);
    return sendList(reply, head, items, deps);
  };
  app.get('/', { config: scimRoute('search') }, everywhere(byQuery));
  app.post('/.search', { config: scimRoute('search') }, everywhere(byBody));
}

async function list(
  request: FastifyRequest,
  reply: FastifyReply,
  type: ResourceType,
  read: (request: FastifyRequest, dialect: Dialect) => Search,
  deps: ScimDeps,
): Promise<FastifyReply> {
  const { dialect } = asked(request, deps);
  const search = read(request, dialect);
  const typed = { type, ...forType(search, type, dialect, deps.limits) };
  const { query, projection } = typed;
  if (search.cursor !== undefined) {
    const { total, items, next } = await pageByCursor(request, [typed], search, deps);
    return sendList(reply, cursorHead(total, items.length, next), items, deps);
  }
  const { total, resources } = await readPage(request, deps, type, query);
  const items = resources.map((resource) => ({ resource, projection }));
  return sendList(reply, listHead(total, search.startIndex, items.length), items, deps);
}
