import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { Credentials, TokenRecord } from '../credentials/credentials.ts';
import { refuse, ScimError } from '../errors.ts';
import { ACCESS, type Access } from './access.ts';
import { clientOf } from './client.ts';
import type { ServerMeter } from './meter.ts';
import { answer } from './refusal.ts';
import { Throttle, type ThrottleLimits } from './throttle.ts';

export interface GateDeps {
  readonly credentials: Pick<Credentials, 'verify'>;
  /** Names of the configured connections: a token of a connection that is gone opens nothing. */
  readonly connections: ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Pick<ServerMeter, 'refused' | 'pushed'>;
  readonly throttle?: ThrottleLimits;
}

/**
 * The one choke point. It runs first for every request, known route or not, before the body is read, and lets nothing through
 * that has not been declared public or shown a token of the right kind. Routes have to be registered after it.
 */
export function gate(app: FastifyInstance, deps: GateDeps): void {
  const { credentials, connections, clock, log, meter } = deps;
  const throttle = new Throttle(deps.throttle);

  app.decorateRequest('token', null);

  app.addHook('onRoute', (route) => {
    const declared: string | undefined = route.config?.access;
    if (declared === undefined || !ACCESS.includes(declared as Access))
      throw new Error(`${String(route.method)} ${route.url} declares no access`);
  });

  app.addHook('onRequest', async (request, reply) => {
    const access = accessOf(request);
    if (access === 'public') return;
    try {
      request.token = admit(await credentials.verify(request.headers.authorization, access));
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      return deny(request, reply, access, error);
    }
    const { connection } = request.token;
    if (connection !== null) meter.pushed(connection, clock.now());
  });

  function admit(token: TokenRecord): TokenRecord {
    const known = token.connection === null ? token.kind !== 'scim' : connections.has(token.connection);
    if (!known) throw refuse('AUTH_INVALID');
    return token;
  }

  function deny(request: FastifyRequest, reply: FastifyReply, access: Access, error: ScimError): FastifyReply {
    const wait = error.code === 'AUTH_INVALID' ? throttle.failed(clientOf(request), clock.now()) : undefined;
    const told = wait === undefined ? error : refuse('AUTH_THROTTLED');
    if (wait !== undefined) reply.header('retry-after', String(wait));
    meter.refused(access, told.code);
    if (error.code === 'AUTH_INVALID')
      log.warn('authentication failed', { request: request.id, client: clientOf(request) });
    return answer(request, reply, access === 'scim' ? 'scim' : 'json', told);
  }
}

/** What a request asks for, route or not. */
export function accessOf(request: FastifyRequest): Access {
  // A route without a declaration cannot exist; if one did, nobody could enter.
  return request.is404 ? accessOfPath(request.url) : (request.routeOptions.config.access ?? 'operator');
}

/** What an address without a route asks for: everything under the two guarded bases asks for their token. */
export function accessOfPath(url: string): Access {
  const path = plainPath(url).toLowerCase();
  if (/^\/api\/v1(?![a-z0-9])/.test(path)) return 'operator';
  if (/^\/scim\/v2(?![a-z0-9])/.test(path)) return 'scim';
  return 'public';
}

/** The path of a URL, decoded where it can be, slashes once. */
export function plainPath(url: string): string {
  const raw = url.replace(/[?#].*$/s, '');
  return decoded(raw).replace(/[/\\]+/g, '/');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
