import type { FastifyInstance, HTTPMethods } from 'fastify';
import { refuse } from '../../errors.ts';
import { scimRoute } from './deps.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** What each address answers to; the rest of the methods is a 405 with Allow (RFC 9110 §15.5.6). */
const ALLOWED: Readonly<Record<string, readonly HTTPMethods[]>> = {
  '/Users': ['GET', 'POST'],
  '/Users/:id': ['GET', 'PUT', 'PATCH', 'DELETE'],
  '/Users/.search': ['POST'],
  '/Groups': ['GET', 'POST'],
  '/Groups/:id': ['GET', 'PUT', 'PATCH', 'DELETE'],
  '/Groups/.search': ['POST'],
  '/': ['GET'],
  '/.search': ['POST'],
  '/Bulk': ['POST'],
  '/ServiceProviderConfig': ['GET'],
  '/ResourceTypes': ['GET'],
  '/ResourceTypes/:name': ['GET'],
  '/Schemas': ['GET'],
  '/Schemas/:name': ['GET'],
};

/** Answers in SCIM form where a method is not supported. */
export function unsupportedRoutes(app: FastifyInstance): void {
  for (const [url, allowed] of Object.entries(ALLOWED)) {
    const answered = allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    const allow = answered.join(', ');
    app.route({
      method: METHODS.filter((method) => !answered.includes(method)),
      url,
      config: scimRoute('unsupported'),
      exposeHeadRoute: false,
      // Refused before a body is read.
      onRequest: async (request, reply) => {
        reply.header('allow', allow);
        throw refuse('SCIM_METHOD', { method: request.method, path: url });
      },
      handler: async () => undefined,
    });
  }
}
