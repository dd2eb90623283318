import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { refuse } from '../../errors.ts';
import { scimBodies } from './body.ts';
import { bulkRoutes } from './bulk.ts';
import type { ScimDeps } from './deps.ts';
import { discoveryRoutes } from './discovery.ts';
import { groupRoutes } from './groups.ts';
import { listRoutes } from './lists.ts';
import { meRoutes } from './me.ts';
import { unsupportedRoutes } from './unsupported.ts';
import { userRoutes } from './users.ts';

/**
 * SCIM 2.0 (RFC 7644) for the connection of the token. To be mounted at the path `baseUrl` ends in, behind the choke point,
 * which answers 401 and turns what is thrown here into a SCIM error.
 */
export function scimRoutes(deps: ScimDeps): FastifyPluginAsync {
  return async (app) => {
    scimBodies(app, deps.limits.jsonDepth, deps.timers);
    scopes(app);
    measures(app, deps);
    userRoutes(app, deps);
    groupRoutes(app, deps);
    listRoutes(app, deps);
    bulkRoutes(app, deps);
    meRoutes(app, deps);
    discoveryRoutes(app, deps);
    unsupportedRoutes(app);
  };
}

/** Refuses a token without the scope of the route, before the body is read. */
function scopes(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const scope = request.routeOptions.config.scim?.scope;
    if (scope === undefined || request.token?.scopes.includes(scope) === true) done();
    else done(refuse('AUTH_SCOPE', { scope }));
  });
}

function measures(app: FastifyInstance, { meter }: ScimDeps): void {
  app.addHook('onResponse', (request, reply, done) => {
    const operation = request.routeOptions.config.scim?.operation;
    if (operation !== undefined) meter.answered(operation, reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
}
