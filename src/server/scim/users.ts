import type { FastifyInstance } from 'fastify';
import { readResource } from '../../scim/intake/resource.ts';
import { readOperations } from '../../scim/patch/operation.ts';
import { compileUserPatch } from '../../scim/patch/userPatch.ts';
import { type Projection, wants } from '../../scim/projection.ts';
import type { UserResource } from '../../scim/resource.ts';
import { asked, askedProjection, sendNothing, sendResource, sendUnlessKnown, wantsAnswer } from './conversation.ts';
import { type ScimDeps, scimRoute } from './deps.ts';
import { reread } from './reread.ts';

/** /Users: create, read, replace, change, delete (RFC 7644 §3.3 to §3.6). */
export function userRoutes(app: FastifyInstance, deps: ScimDeps): void {
  const { directory, limits } = deps;

  app.post('/Users', { config: scimRoute('user.create', 'users:write') }, async (request, reply) => {
    const { caller, dialect } = asked(request, deps);
    const projection = askedProjection(request, 'User');
    const { attributes } = readResource('User', request.body, dialect);
    return sendResource(reply, 201, await directory.createUser(caller, attributes), projection, deps);
  });

  app.get('/Users/:id', { config: scimRoute('user.get', 'users:read') }, async (request, reply) => {
    const { caller, id } = asked(request, deps);
    const projection = askedProjection(request, 'User');
    const user = await directory.user(caller.connection, id, wants(projection, 'groups'));
    return sendUnlessKnown(request, reply, user, projection, deps);
  });

  app.put('/Users/:id', { config: scimRoute('user.replace', 'users:write') }, async (request, reply) => {
    const { caller, dialect, id, ifMatch } = asked(request, deps);
    const projection = askedProjection(request, 'User');
    const { body } = request;
    // Judged before the transaction; inside, what the body leaves out is taken from what is stored.
    readResource('User', body, dialect);
    const replace = (current: UserResource['attributes']) => readResource('User', body, dialect, current).attributes;
    const { resource } = await directory.changeUser(caller, id, replace, ifMatch);
    return sendResource(reply, 200, await complete(caller.connection, resource, projection), projection, deps);
  });

  app.patch('/Users/:id', { config: scimRoute('user.patch', 'users:write') }, async (request, reply) => {
    const { caller, dialect, id, ifMatch } = asked(request, deps);
    const projection = askedProjection(request, 'User');
    const change = compileUserPatch(readOperations(request.body, dialect), dialect, limits);
    const { resource } = await directory.changeUser(caller, id, change, ifMatch);
    if (!wantsAnswer(projection, dialect.patchAnswer.user)) return sendNothing(reply, resource);
    return sendResource(reply, 200, await complete(caller.connection, resource, projection), projection, deps);
  });

  app.delete('/Users/:id', { config: scimRoute('user.delete', 'users:write') }, async (request, reply) => {
    const { caller, id, ifMatch } = asked(request, deps);
    await directory.deleteUser(caller, id, ifMatch);
    return sendNothing(reply);
  });

  /** A changed user with its groups, where they are asked for. */
  async function complete(connection: string, user: UserResource, projection: Projection): Promise<UserResource> {
    return wants(projection, 'groups') ? reread(user, () => directory.user(connection, user.id, true)) : user;
  }
}
