import type { TestContext } from 'node:test';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { SILENT } from '../../../src/access/ports/log.ts';
import { PROFILES, type Profile } from '../../../src/config/connection.ts';
import type { LimitsConfig } from '../../../src/config/schema.ts';
import { SCIM_SCOPES } from '../../../src/credentials/credentials.ts';
import { uniquePaths } from '../../../src/directory/unique/uniquePaths.ts';
import { refuse } from '../../../src/errors.ts';
import { type Catalogue, STANDARD } from '../../../src/scim/schemas/catalogue.ts';
import { createServer } from '../../../src/server/app.ts';
import { createMeter } from '../../../src/server/meter.ts';
import type { PaceLimits } from '../../../src/server/pace.ts';
import { scimRoutes } from '../../../src/server/scim/routes.ts';
import { type Bench, openBench } from '../../directory/open.ts';
import { SimulatedTime, seededRandom } from '../../sim/time.ts';
import { keepingLog, type Line } from '../world.ts';

export const BASE = 'https://scim.example.test/scim/v2';
export const LIMITS: LimitsConfig = {
  body: 16 * 1024 ** 2,
  jsonDepth: 32,
  filterLength: 4096,
  filterDepth: 32,
  credentialLifetime: 63_158_400_000,
};

export const P = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const U = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const G = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const E = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** A JSON answer, read loosely: tests assert on what is in it. */
// biome-ignore lint/suspicious/noExplicitAny: an answer of the service under test
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: LightMyRequestResponse['headers'];
  readonly text: string;
  readonly body: Json;
}

/** Speaks as one identity provider: profile names are connection names. */
export interface Client {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, operations: unknown[], headers?: Record<string, string>): Promise<Answer>;
  delete(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Creates a user and gives its id. */
  user(userName: string, more?: object): Promise<string>;
  /** Creates a group and gives its id. */
  group(displayName: string, members?: readonly string[]): Promise<string>;
  /** Ids of the members, sorted. */
  members(group: string): Promise<string[]>;
}

export interface ScimWorld extends Bench {
  readonly app: FastifyInstance;
  readonly lines: Line[];
  readonly time: SimulatedTime;
  metrics(): Promise<string>;
  as(profile: Profile, scopes?: readonly string[]): Client;
}

/** The real service over the real directory; only tokens are simple: `Bearer connection scope,scope`, or `Bearer connection  userName=ana` of a person. */
export async function scimWorld(
  t: TestContext,
  limits: Partial<LimitsConfig> = {},
  catalogue: Catalogue = STANDARD,
  requireRoom?: (takesAwayToo: boolean) => void,
  pace?: (connection: string) => PaceLimits,
): Promise<ScimWorld> {
  const bench = await openBench(t, {}, requireRoom, uniquePaths(catalogue));
  const lines: Line[] = [];
  const log = keepingLog(lines);
  const time = new SimulatedTime();
  const meter = createMeter(time);
  const all = { ...LIMITS, ...limits };
  const app = createServer({
    server: { externalUrl: 'https://scim.example.test/' },
    limits: all,
    connections: new Set<string>(PROFILES),
    credentials: { verify: async (authorization) => tokenOf(authorization) },
    ready: async () => true,
    ...(pace === undefined ? {} : { pace }),
    meter,
    clock: time,
    timers: time,
    random: seededRandom(7),
    log: SILENT,
    scim: (baseUrl) =>
      scimRoutes({
        directory: bench.directory,
        baseUrl,
        limits: all,
        profile: (connection) => connection as Profile,
        catalogue,
        cursorKey: new Uint8Array(32).fill(7),
        meter,
        log,
        clock: time,
        random: seededRandom(8),
        timers: { nextTurn: (run) => setImmediate(run) },
      }),
  });
  t.after(() => app.close());
  return {
    ...bench,
    app,
    lines,
    time,
    metrics: () => meter.text(),
    as: (profile, scopes = SCIM_SCOPES) => client(app, profile, scopes),
  };
}

function tokenOf(authorization: string | undefined) {
  const [, connection, scopes, attribute, value] =
    /^Bearer (\S+) (\S*)(?: (userName|externalId|emails)=(.+))?$/.exec(authorization ?? '') ?? [];
  if (connection === undefined) throw refuse('AUTH_INVALID');
  return {
    id: `token-${connection}`,
    kind: 'scim' as const,
    connection,
    scopes: (scopes ?? '').split(','),
    createdAt: '2026-11-24T08:00:00.000Z',
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    ...(attribute === undefined ? {} : { person: { attribute: attribute as 'userName', value: value! } }),
  };
}

function client(app: FastifyInstance, profile: Profile, scopes: readonly string[]): Client {
  const authorization = `Bearer ${profile} ${scopes.join(',')}`;
  const send: Client['send'] = async (method, path, body, headers = {}) => {
    const response = await app.inject({
      method: method as NonNullable<InjectOptions['method']>,
      url: `/scim/v2${path}`,
      headers: {
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = response.body;
    const isJson = String(response.headers['content-type'] ?? '').includes('json') && text !== '';
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  };
  const created = async (answer: Promise<Answer>): Promise<string> => {
    const { status, body, text } = await answer;
    if (status !== 201) throw new Error(`not created: ${text}`);
    return body.id;
  };
  return {
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body) => send('POST', path, body),
    put: (path, body, headers) => send('PUT', path, body, headers),
    patch: (path, Operations, headers) => send('PATCH', path, { schemas: [P], Operations }, headers),
    delete: (path, headers) => send('DELETE', path, undefined, headers),
    user: (userName, more = {}) => created(send('POST', '/Users', { schemas: [U], userName, ...more })),
    group: (displayName, members = []) =>
      created(send('POST', '/Groups', { schemas: [G], displayName, members: members.map((value) => ({ value })) })),
    members: async (group) => {
      const { body } = await send('GET', `/Groups/${group}?attributes=members`);
      return ((body.members ?? []) as { value: string }[]).map(({ value }) => value).sort();
    },
  };
}
