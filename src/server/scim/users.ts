import type { FastifyInstance } from 'fastify';
import { wants } from '../../scim/projection.ts';
import { asked, askedProjection, sendNothing, sendResource, sendUnlessKnown, wantsAnswer } from './conversation.ts';
import { type ScimDeps, scimRoute } from './deps.ts';
import { createUser, deleteUser, patchUser, replaceUser } from './userActions.ts';

/** /Users: create, read, replace, change, delete (RFC 7644 §3.3 to §3.6). */
export function userRoutes(app: FastifyInstance, deps: ScimDeps): void {
  const { directory } = deps;

  app.post('/Users', { config: scimRoute('user.create', 'users:write') }, async (request, reply) => {
    const action = { ...asked(request, deps), body: request.body };
    const projection = askedProjection(request, 'User', action.dialect);
    const user = await createUser(action, deps);
    return sendResource(reply, 201, user, projection, deps);
  });

  app.get('/Users/:id', { config: scimRoute('user.get', 'users:read') }, async (request, reply) => {
    const { caller, id, dialect } = asked(request, deps);
    const projection = askedProjection(request, 'User', dialect);
    const user = await directory.user(caller.connection, id, wants(projection, 'groups'));
    return sendUnlessKnown(request, reply, user, projection, deps);
  });

  app.put('/Users/:id', { config: scimRoute('user.replace', 'users:write') }, async (request, reply) => {
    const action = { ...asked(request, deps), body: request.body };
    const projection = askedProjection(request, 'User', action.dialect);
    const { resource } = await replaceUser(action, deps, wants(projection, 'groups'));
    return sendResource(reply, 200, resource, projection, deps);
  });

  app.patch('/Users/:id', { config: scimRoute('user.patch', 'users:write') }, async (request, reply) => {
    const action = { ...asked(request, deps), body: request.body };
    const projection = askedProjection(request, 'User', action.dialect);
    const answered = wantsAnswer(projection, action.dialect.patchAnswer.user);
    const { resource } = await patchUser(action, deps, answered && wants(projection, 'groups'));
    if (!answered) return sendNothing(reply, resource);
    return sendResource(reply, 200, resource, projection, deps);
  });

  app.delete('/Users/:id', { config: scimRoute('user.delete', 'users:write') }, async (request, reply) => {
    await deleteUser({ ...asked(request, deps), body: undefined }, deps);
    return sendNothing(reply);
  });
}
