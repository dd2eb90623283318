import type { FastifyContextConfig, FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';
import { refuse } from '../errors.ts';

/**
 * Refuses every method but the given ones at an address: 405 with Allow (RFC 9110 §15.5.6), before a body is read, and behind the choke
 * point. `first` may find something else to say.
 */
export function otherMethods(
  app: FastifyInstance,
  url: string,
  allowed: readonly HTTPMethods[],
  config: FastifyContextConfig,
  first: (request: FastifyRequest) => void = () => {},
): void {
  const answered = allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const allow = answered.join(', ');
  app.route({
    method: app.supportedMethods.filter((method) => !answered.includes(method)),
    url,
    config,
    exposeHeadRoute: false,
    onRequest: async (request, reply) => {
      first(request);
      reply.header('allow', allow);
      throw refuse('SCIM_METHOD', { method: request.method, path: url });
    },
    handler: async () => undefined,
  });
}
