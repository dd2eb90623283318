import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import { Sparing } from '../access/sparing.ts';
import { withoutTokens } from '../credentials/tokenText.ts';
import { onAbandoned } from './abandoned.ts';
import { clientOf } from './client.ts';
import { plainPath } from './gate.ts';
import { network } from './throttle.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const QUIET = new Set(['/livez', '/readyz', '/metrics']);

/**
 * One line for each request, under the id that its controller calls carry too. Never a body, a header or a query: filters hold
 * names and addresses of people. Probes are told at `debug`, strangers who are turned away again and again sparingly. `abandoned` are those whose client went away before its answer was out.
 */
export function requestLog(app: FastifyInstance, { log, clock }: { readonly log: Log; readonly clock: Clock }): void {
  const sparing = new Sparing(clock);
  app.addHook('onResponse', (request, reply, done) => {
    tell(request, reply, {});
    done();
  });
  onAbandoned(app, (request, reply) => tell(request, reply, { abandoned: true }));

  function tell(request: FastifyRequest, reply: FastifyReply, more: { readonly abandoned?: true }): void {
    const fields = {
      request: request.id,
      method: request.method,
      ...place(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      client: clientOf(request),
      ...(request.token === null ? {} : { credential: request.token.id, connection: request.token.connection }),
      ...more,
    };
    // A flood is told of once a minute; see `Flood`.
    if (QUIET.has(request.routeOptions.url ?? '') || fields.status === 429) {
      log.debug('request', fields);
      return;
    }
    const stranger = request.token === null && fields.status >= 400;
    const told = stranger ? sparing.next(`${network(fields.client)} ${fields.status}`) : {};
    if (told !== undefined) log.info('request', { ...fields, ...told });
  }
}

/** The route as it was declared and the id of its resource; for unknown addresses the path, shortened and without people. */
function place(request: FastifyRequest): Record<string, string> {
  const { url } = request.routeOptions;
  if (request.is404 || url === undefined) return { path: anonymous(plainPath(request.url)) };
  const { id } = (request.params ?? {}) as { id?: unknown };
  return { route: url, ...(typeof id === 'string' && UUID.test(id) ? { resource: id } : {}) };
}

/** A path for the log: tokens and e-mail addresses left out. */
export function anonymous(path: string): string {
  const segments = withoutTokens(path.slice(0, 2000)).split('/');
  const shown = segments.map((segment) => (segment.includes('@') || segment.length > 80 ? '…' : segment)).join('/');
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}
