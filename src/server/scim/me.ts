import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Person } from '../../credentials/credentials.ts';
import { refuse } from '../../errors.ts';
import type { Projection } from '../../scim/choice.ts';
import { attributePath } from '../../scim/filter/resolve.ts';
import { wants } from '../../scim/projection.ts';
import type { UserResource } from '../../scim/resource.ts';
import { findAttribute, findSub } from '../../scim/schemas/catalogue.ts';
import { USER } from '../../scim/urns.ts';
import { identify } from '../access.ts';
import { otherMethods } from '../otherMethods.ts';
import { asked, askedProjection, sendUnlessKnown } from './conversation.ts';
import { type ScimDeps, scimRoute } from './deps.ts';

/**
 * /Me (RFC 7644 §3.11) for who holds a token that stands for a person; 501 for every other token. It can be read only: what a person
 * is comes from the identity provider, and rules give access by it.
 */
export function meRoutes(app: FastifyInstance, deps: ScimDeps): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/Me',
    config: scimRoute('me.get'),
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const person = requirePerson(request);
      const { connection } = identify(request);
      const projection = askedProjection(request, 'User', asked(request, deps).dialect);
      const user = await findPerson(connection, person, projection, deps);
      return sendUnlessKnown(request, reply, user, projection, deps);
    },
  });
  otherMethods(app, '/Me', ['GET'], scimRoute('unsupported'), requirePerson);
}

/** @throws ScimError SCIM_NOT_IMPLEMENTED where the token stands for nobody */
function requirePerson(request: FastifyRequest): Person {
  const { person } = identify(request);
  if (person === undefined) throw refuse('SCIM_NOT_IMPLEMENTED', { feature: '/Me' });
  return person;
}

/** The one person of the connection that the token stands for; two are as good as none. @throws ScimError SCIM_NOT_FOUND */
async function findPerson(
  connection: string,
  { attribute, value }: Person,
  projection: Projection,
  { directory }: ScimDeps,
): Promise<UserResource> {
  const located = findAttribute('User', USER, attribute)!;
  const path = attributePath(located, findSub(located.definition, 'value'));
  const { resources } = await directory.users(connection, {
    filter: { kind: 'compare', path, operator: 'eq', value },
    ...{ sortOrder: 'ascending', startIndex: 1, count: 2, related: wants(projection, 'groups') },
  });
  const [user] = resources;
  if (user === undefined || resources.length > 1)
    throw refuse('SCIM_NOT_FOUND', { resource: 'User', id: 'of the token' });
  return user;
}
