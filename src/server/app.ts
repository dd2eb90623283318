import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type FastifyInstance, type FastifyPluginAsync, fastify } from 'fastify';
import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { Random } from '../access/ports/random.ts';
import type { Timers } from '../access/ports/timers.ts';
import type { LimitsConfig, ServerConfig } from '../config/schema.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { Clients } from '../credentials/oauth/clients.ts';
import { refuse } from '../errors.ts';
import { limitConnections } from './crowded.ts';
import { expectations, PatientResponse } from './expectation.ts';
import { failures } from './failure.ts';
import { gate, length, UNWANTED_BYTES } from './gate.ts';
import { healthRoutes } from './health.ts';
import { largeAnswers } from './largeAnswers.ts';
import { largeBodies } from './largeBodies.ts';
import { addressOf } from './listen.ts';
import type { ServerMeter } from './meter.ts';
import { badUrl, notFound } from './notFound.ts';
import { TOKEN_ENDPOINT } from './oauth/form.ts';
import { oauthRoutes } from './oauth/routes.ts';
import type { PaceLimits } from './pace.ts';
import { everywhere } from './refusal.ts';
import { requestLog } from './requestLog.ts';
import { singularHeaders } from './singular.ts';
import type { ThrottleLimits } from './throttle.ts';
import { readTls } from './tls.ts';
import { unreadable } from './unreadable.ts';

/** Milliseconds and bytes a client may take; a slow one costs a socket, for a bounded time. */
const PATIENCE = { headers: 10_000, request: 60_000, keepAlive: 75_000, socket: 120_000, check: 2_000 };
/** A filter of 4,096 characters, percent-encoded, still fits. */
const HEADER_BYTES = 32_768;
const HEADERS = 100;

export interface ServerDeps {
  readonly server: Pick<ServerConfig, 'externalUrl' | 'tls' | 'behindProxy'>;
  readonly limits: Pick<LimitsConfig, 'body'>;
  /** Names of the configured connections. */
  readonly connections: ReadonlySet<string>;
  readonly credentials: Pick<Credentials, 'verify'>;
  /** OAuth 2.0 clients; without them there is no token endpoint. */
  readonly clients?: Clients;
  /** Whether a push could be taken now; see `createReadiness`. */
  readonly ready: () => Promise<boolean>;
  readonly meter: ServerMeter;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly throttle?: ThrottleLimits;
  /** How fast a connection may call; default: as it likes. */
  readonly pace?: (connection: string) => PaceLimits;
  /** For refusals that are held back, bodies that wait, answers that are not read. */
  readonly timers: Pick<Timers, 'after'>;
  /** The routes under /scim/v2; told the base URL that identity providers call. */
  readonly scim: (base: () => string) => FastifyPluginAsync;
}

/**
 * The service over HTTP, not yet listening. Everything passes `gate` first; what is not declared is not reachable.
 * @throws ScimError CFG_SECRET, CFG_FILE_MODE where the certificate cannot be used
 */
export function createServer(deps: ServerDeps): FastifyInstance {
  const { server, limits, random, log } = deps;
  const transport = {
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: PATIENCE.headers,
    connectionsCheckingInterval: PATIENCE.check,
    ServerResponse: PatientResponse as typeof ServerResponse,
  };
  const app = fastify({
    ...(server.tls === undefined
      ? { http: transport }
      : { https: { ...transport, ...readTls(server.tls), handshakeTimeout: PATIENCE.headers } }),
    logger: false,
    // The id of a request is ours: an id from outside could be repeated or forged.
    requestIdHeader: false,
    genReqId: () => random.id(),
    trustProxy: server.behindProxy ?? false,
    bodyLimit: limits.body,
    requestTimeout: PATIENCE.request,
    connectionTimeout: PATIENCE.socket,
    keepAliveTimeout: PATIENCE.keepAlive,
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: badUrl,
    clientErrorHandler: unreadable,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  }) as unknown as FastifyInstance;
  app.server.maxHeadersCount = HEADERS;
  limitConnections(app, deps);

  const root = rootOf(app, server.externalUrl);
  const base = (): string => `${root()}/scim/v2`;
  everyAnswer(app);
  requestLog(app, deps);
  failures(app, log, limits.body);
  singularHeaders(app);
  gate(app, { ...deps, endpoint: () => root() + TOKEN_ENDPOINT });
  notFound(app, base);
  largeBodies(app, limits.body, deps.timers);
  largeAnswers(app, deps.timers);
  expectations(app, limits.body);
  healthRoutes(app, deps);
  operatorRoutes(app);
  if (deps.clients !== undefined) app.register(oauthRoutes(deps.clients));
  app.register(deps.scim(base), { prefix: '/scim/v2' });
  return app;
}

/** Bodies are read and written by `scim`: Fastify is not to load its compilers of JSON schemas, four megabytes at rest. */
function noSchemas(): never {
  throw new Error('routes have no JSON schema: bodies are read by scim');
}

/** The URL the service is reached at, without a slash at its end: the configured one, or where it listens. */
function rootOf(app: FastifyInstance, externalUrl: string | undefined): () => string {
  let known = externalUrl?.replace(/\/$/, '');
  return () => {
    if (known !== undefined || !app.server.listening) return known ?? addressOf(app);
    known = addressOf(app);
    return known;
  };
}

/** What every answer carries; a closing service, or one that was sent much that it does not want, ends the connection behind it. */
function everyAnswer(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(everywhere(request));
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    const unread = request.raw.complete === false && length(request.headers['content-length']) > UNWANTED_BYTES;
    if (!unread) endless(request.raw);
    if (closing || unread) reply.header('connection', 'close');
    done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    // A long answer may have begun before the service was to close: its client does not know.
    const { socket } = request.raw;
    if (closing && socket instanceof Socket) socket.destroySoon();
    done();
  });
}

/**
 * Node reads what is left of a body behind the answer, as long as a request may take, whoever sent it. One that tells its length is
 * ended by the answer; of one in chunks so much is read that a client which has begun to send still hears the answer.
 */
function endless(raw: IncomingMessage): void {
  if (raw.complete !== false || raw.headers['transfer-encoding'] === undefined) return;
  let bytes = 0;
  raw.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > UNWANTED_BYTES) raw.socket.destroy();
  });
}

/** The admin API: there are no operators in this version, so nobody gets further than the choke point. */
function operatorRoutes(app: FastifyInstance): void {
  for (const url of ['/api/v1', '/api/v1/*'])
    app.all(url, { config: { access: 'operator' } }, async () => {
      throw refuse('API_ROUTE');
    });
}
