import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { Timers } from '../access/ports/timers.ts';
import { Sparing } from '../access/sparing.ts';
import { type Credentials, pushes, type TokenRecord } from '../credentials/credentials.ts';
import type { Clients } from '../credentials/oauth/clients.ts';
import { refuse, ScimError } from '../errors.ts';
import { ACCESS, type Access } from './access.ts';
import { clientOf } from './client.ts';
import { Costly } from './costly.ts';
import { Flood } from './flood.ts';
import type { ServerMeter } from './meter.ts';
import { readForm, TOKEN_ENDPOINT } from './oauth/form.ts';
import { Pace, type PaceLimits } from './pace.ts';
import { answer, formOf } from './refusal.ts';
import { network, Throttle, type ThrottleLimits } from './throttle.ts';

interface GateDeps {
  readonly credentials: Pick<Credentials, 'verify'>;
  /** OAuth 2.0 clients; nobody gets a token where there are none. */
  readonly clients?: Pick<Clients, 'authenticate'>;
  /** Names of the configured connections: a token of a connection that is gone opens nothing. */
  readonly connections: ReadonlySet<string>;
  /** URL of the token endpoint. */
  readonly endpoint: () => string;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Pick<ServerMeter, 'refused' | 'limited' | 'pushed'>;
  readonly throttle?: ThrottleLimits;
  /** How fast a connection may call; default: as it likes. */
  readonly pace?: (connection: string) => PaceLimits;
  /** For refusals that are held back. */
  readonly timers: Pick<Timers, 'after'>;
}

/** Ends the name of those of a connection whose tokens stand for people. No name of a connection has a space. */
const PEOPLE = ' /Me';
const UNPACED: PaceLimits = { requestsPerSecond: 'unlimited', burst: 1 };
/** Bytes of bodies, sent and answered, that count as one further request. */
const BYTES_OF_A_REQUEST = 65_536;
/** Milliseconds after which a token is looked at again: a body may take a minute, and who revokes a token means from now on. */
const LATE_MS = 1_000;
/** A body that is larger and that nobody wants is not waited for. */
export const UNWANTED_BYTES = BYTES_OF_A_REQUEST;

/**
 * The one choke point. It runs first for every request, known route or not, before the body is read, and lets nothing through
 * that has not been declared public or shown a token of the right kind. Routes have to be registered after it.
 */
export function gate(app: FastifyInstance, deps: GateDeps): void {
  const { credentials, connections, clock, log, meter } = deps;
  const throttle = new Throttle(deps.throttle);
  const limits = (who: string): PaceLimits => deps.pace?.(who.replace(PEOPLE, '')) ?? UNPACED;
  const pace = new Pace(limits);
  const flood = new Flood(deps);
  const sparing = new Sparing(clock);

  app.decorateRequest('token', null);
  app.decorateRequest('admitted', 0);
  const costly = new Costly({
    ...{ pace, limits, now: () => clock.monotonic() },
    limited: (who) => meter.limited(who.replace(PEOPLE, '')),
  });
  app.decorateRequest('charge', function (this: FastifyRequest, units: number) {
    const who = payer(this);
    if (who !== undefined) pace.charge(who, units, clock.monotonic());
  });
  app.decorateRequest('costly', function <T>(this: FastifyRequest, work: () => Promise<T>): Promise<T> {
    return costly.run(payer(this) ?? '', work);
  });
  app.decorateRequest('finish', function <T>(this: FastifyRequest, work: () => Promise<T>): Promise<T> {
    return costly.finish(payer(this) ?? '', work);
  });
  app.addHook('preClose', async () => flood.release());

  app.addHook('onRoute', (route) => {
    const declared: string | undefined = route.config?.access;
    if (declared === undefined || !ACCESS.includes(declared as Access))
      throw new Error(`${String(route.method)} ${route.url} declares no access`);
    if (declared === 'client' && route.url !== TOKEN_ENDPOINT)
      throw new Error(`${String(route.method)} ${route.url} is not the token endpoint`);
  });

  app.addHook('onRequest', async (request, reply) => {
    const access = accessOf(request);
    if (access === 'public' || access === 'client') return;
    const { authorization } = request.headers;
    const flooding = access === 'scim' ? flood.connectionOf(authorization) : undefined;
    if (flooding !== undefined) {
      const wait = pace.wait(flooding, clock.monotonic());
      if (wait !== undefined) return turnAway(request, reply, flooding);
    }
    const denied = await look(request, reply, access);
    if (denied !== undefined) return denied;
    const { connection, scopes } = request.token!;
    if (connection === null) return;
    if (pushes(scopes)) meter.pushed(connection, clock.now());
    const who = payer(request) ?? connection;
    const wait = pace.take(who, clock.monotonic());
    if (wait === undefined) return;
    flood.remember(authorization, who, wait);
    return turnAway(request, reply, who);
  });

  // Before it goes out: a client that goes away meanwhile has cost as much.
  app.addHook('onSend', (request, reply, payload, done) => {
    const bytes = length(request.headers['content-length']) + sizeOf(reply, payload);
    if (bytes >= BYTES_OF_A_REQUEST && reply.statusCode !== 429) request.charge(Math.floor(bytes / BYTES_OF_A_REQUEST));
    done();
  });

  // An assertion is in the body: the client is asked for as soon as it is read, still before the handler.
  app.addHook('preHandler', async (request, reply) => {
    const access = accessOf(request);
    if (access !== 'public' && access !== 'client' && clock.monotonic() - request.admitted > LATE_MS)
      return look(request, reply, access);
    if (access !== 'client') return;
    const { authorization } = request.headers;
    try {
      if (deps.clients === undefined) throw refuse('AUTH_CLIENT');
      const asked = { authorization, form: readForm(request.body), from: clientOf(request), endpoint: deps.endpoint() };
      request.token = admit(await deps.clients.authenticate(asked));
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      return deny(request, reply, 'client', error);
    }
    const who = payer(request);
    if (who !== undefined && pace.take(who, clock.monotonic()) !== undefined) return turnAway(request, reply, who);
  });

  /** Lets in who shows a token; the refusal otherwise. */
  async function look(
    request: FastifyRequest,
    reply: FastifyReply,
    access: Exclude<Access, 'public' | 'client'>,
  ): Promise<FastifyReply | undefined> {
    try {
      request.token = admit(await credentials.verify(request.headers.authorization, access, clientOf(request)));
      request.admitted = clock.monotonic();
      return undefined;
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      return deny(request, reply, access, error);
    }
  }

  function admit(token: TokenRecord): TokenRecord {
    const provider = token.kind === 'scim' || token.kind === 'client';
    const known = token.connection === null ? !provider : connections.has(token.connection);
    if (!known) throw refuse(token.kind === 'client' ? 'AUTH_CLIENT' : 'AUTH_INVALID');
    return token;
  }

  /** Before anything of the request is read, but at the token endpoint. */
  async function turnAway(request: FastifyRequest, reply: FastifyReply, who: string) {
    meter.limited(who.replace(PEOPLE, ''));
    pace.penalize(who, clock.monotonic());
    const wait = pace.wait(who, clock.monotonic()) ?? 0;
    const held = await flood.hold(who);
    if (!held) reply.header('connection', 'close');
    reply.header('retry-after', String(Math.max(1, Math.ceil(wait / 1000))));
    const form = formOf(accessOf(request));
    return answer(request, reply, form, refuse('SCIM_RATE', { limit: limits(who).requestsPerSecond }));
  }

  function deny(request: FastifyRequest, reply: FastifyReply, access: Access, error: ScimError): FastifyReply {
    const guess = error.code === 'AUTH_INVALID' || error.code === 'AUTH_CLIENT';
    const wait = guess ? throttle.failed(clientOf(request), clock.now()) : undefined;
    const told = wait === undefined ? discreet(error) : refuse('AUTH_THROTTLED');
    if (wait !== undefined) reply.header('retry-after', String(wait));
    meter.refused(access, told.code);
    const more = guess ? sparing.next(network(clientOf(request))) : undefined;
    if (more !== undefined)
      log.warn('authentication failed', { request: request.id, client: clientOf(request), ...more });
    return answer(request, reply, formOf(access), told);
  }
}

/** What a stranger is told: where the database is, and what is wrong with it, is in our log. */
function discreet(error: ScimError): ScimError {
  return error.code.startsWith('STORE_') && 'reason' in error.details
    ? refuse(error.code, { ...error.details, reason: 'the log of the service tells why' }, error)
    : error;
}

/** Who pays for a request: people who look at themselves do not use up what their identity provider may send. */
export function payer({ token }: Pick<FastifyRequest, 'token'>): string | undefined {
  if (typeof token?.connection !== 'string') return undefined;
  return token.person === undefined ? token.connection : `${token.connection}${PEOPLE}`;
}

/** Bytes of an answer, about: a text has a length of its own only later. */
export function sizeOf(reply: FastifyReply, payload: unknown): number {
  const told = reply.getHeader('content-length');
  if (told !== undefined) return length(told);
  return typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0;
}

/** What `Content-Length` says; 0 where it says nothing. */
export function length(header: unknown): number {
  return Number(header ?? 0);
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

/** The path of a URL, decoded where it can be, slashes once; without the origin of one in absolute form (RFC 9112 §3.2.2). */
export function plainPath(url: string): string {
  return writtenPath(url).replace(/[/\\]+/g, '/');
}

/** The same with its slashes as they were written. */
export function writtenPath(url: string): string {
  return decoded(url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, ''));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
