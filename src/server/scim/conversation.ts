import type { FastifyReply, FastifyRequest } from 'fastify';
import { requireVersion } from '../../directory/condition.ts';
import type { Caller, Condition } from '../../directory/directory.ts';
import type { Projection } from '../../scim/choice.ts';
import { etag, isKnown, readTags } from '../../scim/etag.ts';
import type { ListHead } from '../../scim/listResponse.ts';
import { locationOf } from '../../scim/location.ts';
import type { Dialect } from '../../scim/profiles/dialect.ts';
import { DIALECTS } from '../../scim/profiles/dialects.ts';
import type { Leniency } from '../../scim/profiles/leniency.ts';
import { EVERYTHING } from '../../scim/projection.ts';
import type { GroupResource, ResourceType, UserResource } from '../../scim/resource.ts';
import { STANDARD } from '../../scim/schemas/catalogue.ts';
import { projectionOf, readQueryString } from '../../scim/search.ts';
import { textOf } from '../../scim/text.ts';
import { identify } from '../access.ts';
import type { ScimDeps } from './deps.ts';
import type { Body } from './pieces.ts';
import { isLarge, listText, resourceText, type Shown } from './texts.ts';

const SCIM_JSON = 'application/scim+json; charset=utf-8';

/** What every handler wants to know of a request. */
export interface Asked {
  readonly caller: Caller;
  readonly dialect: Dialect;
  /** Empty on routes without one. */
  readonly id: string;
  readonly condition: Condition | undefined;
}

export function asked(request: FastifyRequest, deps: ScimDeps): Asked {
  const { connection, credential, request: requestId } = identify(request);
  const dialect = dialectOf(connection, deps);
  const caller = { connection, credential, request: requestId };
  const mistyped = (): void => dialect.note('member-type');
  return {
    caller: dialect.memberTypes === 'own' ? caller : { ...caller, mistyped },
    dialect,
    id: (request.params as { readonly id?: string }).id ?? '',
    condition: conditionOf(request),
  };
}

/** What a change is asked for under; undefined where nothing is. */
function conditionOf({ headers }: FastifyRequest): Condition | undefined {
  const match = readTags(headers['if-match']);
  const noneMatch = readTags(headers['if-none-match']);
  return match === undefined && noneMatch === undefined ? undefined : { match, noneMatch };
}

/** How the connection speaks, for one request: each kind of leniency it needs is counted once. */
function dialectOf(connection: string, { profile, catalogue = STANDARD, meter }: ScimDeps): Dialect {
  const noted = new Set<Leniency>();
  const note = (kind: Leniency): void => {
    if (noted.has(kind)) return;
    noted.add(kind);
    meter.lenient(connection, kind);
  };
  return { ...DIALECTS[profile(connection)], catalogue, note };
}

/** What of a single resource is asked for; read before anything is written. @throws ScimError SCIM_VALUE */
export function askedProjection(request: FastifyRequest, type: ResourceType, dialect: Dialect): Projection {
  return projectionOf(type, readQueryString(request.query as Record<string, unknown>), dialect);
}

/** Whether a PATCH is answered with the resource: where the client names attributes, or the dialect wants it. */
export function wantsAnswer(projection: Projection, answer: 'resource' | 'nothing'): boolean {
  return projection !== EVERYTHING || answer === 'resource';
}

/** Answers with a resource. */
export async function sendResource(
  reply: FastifyReply,
  status: 200 | 201,
  resource: UserResource | GroupResource,
  projection: Projection,
  deps: ScimDeps,
): Promise<FastifyReply> {
  const { catalogue } = deps;
  const base = deps.baseUrl();
  place(reply, locationOf(base, resource.type, resource.id));
  if (isLarge(resource)) {
    const text = await resourceText({ resource, projection }, deps);
    return sendText(reply.header('etag', etag(resource)), status, text);
  }
  return sendText(reply.header('etag', etag(resource)), status, textOf(resource, projection, base, catalogue));
}

/**
 * Says where the one resource of an answer is: Content-Location is its meta.location (RFC 7643 §3.1), and Location stands in the answers
 * of RFC 7644 §3.3, §3.4.1 and §3.5, which some clients read it from; of /Me it has to be there (§3.11).
 */
export function place(reply: FastifyReply, location: string): FastifyReply {
  return reply.header('location', location).header('content-location', location);
}

/** Answers 204 with the version the resource has now. */
export function sendNothing(reply: FastifyReply, resource?: UserResource | GroupResource): FastifyReply {
  if (resource !== undefined) reply.header('etag', etag(resource));
  return reply.code(204).send();
}

/** Answers with a SCIM document. */
export function send(reply: FastifyReply, status: number, document: unknown): FastifyReply {
  return sendText(reply, status, JSON.stringify(document));
}

/** Answers with a list (RFC 7644 §3.4.2). */
export async function sendList(
  reply: FastifyReply,
  head: ListHead,
  resources: readonly Shown[],
  deps: ScimDeps,
): Promise<FastifyReply> {
  return sendText(reply, 200, await listText(head, resources, deps));
}

/** Answers with a SCIM document that is in words already; a long one goes out as fast as the client reads it. */
function sendText(reply: FastifyReply, status: number, text: string | Body): FastifyReply {
  reply.code(status).type(SCIM_JSON);
  if (typeof text === 'string') return reply.send(text);
  return reply.header('content-length', text.bytes).send(text.stream);
}

/**
 * Answers with a resource, or 304 where the client has this version (RFC 7644 §3.14). Names of members are no part of the version of a
 * group: who asks for them is given them. @throws ScimError SCIM_VERSION where it wants another version by If-Match
 */
export async function sendUnlessKnown(
  request: FastifyRequest,
  reply: FastifyReply,
  resource: UserResource | GroupResource,
  projection: Projection,
  deps: ScimDeps,
): Promise<FastifyReply> {
  requireVersion(resource.version, { match: readTags(request.headers['if-match']) });
  const known = isKnown(request.headers['if-none-match'], resource) && !wantsNames(projection);
  if (!known) return sendResource(reply, 200, resource, projection, deps);
  place(reply, locationOf(deps.baseUrl(), resource.type, resource.id));
  return reply.header('etag', etag(resource)).code(304).send();
}

function wantsNames({ kind, names }: Projection): boolean {
  return kind === 'attributes' && names.some(({ attribute, sub }) => attribute === 'members' && sub === 'display');
}
