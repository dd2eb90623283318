import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Runs for each answer that its client did not wait for: Fastify tells of those alone that went out whole (`onResponse`). */
export function onAbandoned(app: FastifyInstance, run: (request: FastifyRequest, reply: FastifyReply) => void): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) run(request, reply);
    });
    done();
  });
}
