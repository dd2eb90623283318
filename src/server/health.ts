import type { FastifyInstance } from 'fastify';
import type { ServerMeter } from './meter.ts';
import { otherMethods } from './otherMethods.ts';

interface HealthDeps {
  readonly ready: () => Promise<boolean>;
  readonly meter: Pick<ServerMeter, 'text' | 'contentType'>;
}

/** `/livez`: the process turns. `/readyz`: it could take a push. Neither tells more. `/metrics`: numbers, under a token of its own. */
export function healthRoutes(app: FastifyInstance, { ready, meter }: HealthDeps): void {
  app.get('/livez', { config: { access: 'public' } }, async () => ({ status: 'ok' }));

  app.get('/readyz', { config: { access: 'public' } }, async (_request, reply) => {
    const yes = await ready();
    return reply.code(yes ? 200 : 503).send({ status: yes ? 'ok' : 'unavailable' });
  });

  app.get('/metrics', { config: { access: 'metrics' } }, async (_request, reply) =>
    reply.type(meter.contentType).send(await meter.text()),
  );

  for (const url of ['/livez', '/readyz']) otherMethods(app, url, ['GET'], { access: 'public' });
  otherMethods(app, '/metrics', ['GET'], { access: 'metrics' });
}
