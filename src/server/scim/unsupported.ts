import type { FastifyInstance, HTTPMethods } from 'fastify';
import { refuse } from '../../errors.ts';
import { scimRoute } from './deps.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** What each address answers to; the rest of the methods is a 405 with Allow (RFC 9110 §15.5.6). */
const ALLOWED: Readonly<Record<string, readonly HTTPMethods[]>> = {
  '/Users': ['GET', 'POST'],
  '/Users/:id': ['GET', 'PUT', 'PATCH', 'DELETE'],
  '/Users/.search': ['POST'],
  '/Groups': ['GET', 'POST'],
  '/Groups/:id': ['GET', 'PUT', 'PATCH', 'DELETE'],
  '/Groups/.search': ['POST'],
  '/.search': ['POST'],
  '/Bulk': ['POST'],
  '/ServiceProviderConfig': ['GET'],
  '/ResourceTypes': ['GET'],
  '/ResourceTypes/:name': ['GET'],
  '/Schemas': ['GET'],
  '/Schemas/:name': ['GET'],
};

/** No token stands for a person, so nobody is `/Me` (RFC 7644 §3.11 asks for a 501 then). */
const LATER: Readonly<Record<string, string>> = { '/Me': '/Me' };

/** Answers in SCIM form where a method or an endpoint is not supported. */
export function unsupportedRoutes(app: FastifyInstance): void {
  for (const [url, allowed] of Object.entries(ALLOWED)) {
    const allow = allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    app.route({
      method: METHODS.filter((method) => !allowed.includes(method)),
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
  for (const [url, feature] of Object.entries(LATER))
    app.route({
      method: [...METHODS],
      url,
      config: scimRoute('unsupported'),
      onRequest: async () => {
        throw refuse('SCIM_NOT_IMPLEMENTED', { feature });
      },
      handler: async () => undefined,
    });
}
