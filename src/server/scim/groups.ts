import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Projection } from '../../scim/choice.ts';
import { wants } from '../../scim/projection.ts';
import type { GroupResource } from '../../scim/resource.ts';
import { identify } from '../access.ts';
import { asked, askedProjection, sendNothing, sendResource, sendUnlessKnown, wantsAnswer } from './conversation.ts';
import { type ScimDeps, scimRoute } from './deps.ts';
import { createGroup, deleteGroup, patchGroup, replaceGroup } from './groupActions.ts';
import { readChangedMembers, readMembers } from './pages.ts';
import { reread } from './reread.ts';

/** /Groups: create, read, replace, change, delete (RFC 7644 §3.3 to §3.6). */
export function groupRoutes(app: FastifyInstance, deps: ScimDeps): void {
  const { directory } = deps;

  app.post('/Groups', { config: scimRoute('group.create', 'groups:write') }, async (request, reply) => {
    const action = { ...asked(request, deps), body: request.body };
    const projection = askedProjection(request, 'Group', action.dialect);
    const group = await createGroup(action, deps);
    return sendResource(reply, 201, group, projection, deps);
  });

  app.get('/Groups/:id', { config: scimRoute('group.get', 'groups:read') }, async (request, reply) => {
    const { caller, id, dialect } = asked(request, deps);
    const projection = askedProjection(request, 'Group', dialect);
    const isWhole = wants(projection, 'members');
    const read = () => directory.group(caller.connection, id, isWhole);
    const group = await (isWhole ? readMembers(request, deps, read) : read());
    return sendUnlessKnown(request, reply, group, projection, deps);
  });

  app.put('/Groups/:id', { config: scimRoute('group.replace', 'groups:write') }, async (request, reply) => {
    const action = { ...asked(request, deps), body: request.body };
    const projection = askedProjection(request, 'Group', action.dialect);
    const { resource } = await replaceGroup(action, deps);
    return sendResource(reply, 200, await complete(request, resource, projection), projection, deps);
  });

  app.patch('/Groups/:id', { config: scimRoute('group.patch', 'groups:write') }, async (request, reply) => {
    const action = { ...asked(request, deps), body: request.body };
    const projection = askedProjection(request, 'Group', action.dialect);
    const { resource } = await patchGroup(action, deps);
    if (!wantsAnswer(projection, action.dialect.patchAnswer.group)) return sendNothing(reply, resource);
    return sendResource(reply, 200, await complete(request, resource, projection), projection, deps);
  });

  app.delete('/Groups/:id', { config: scimRoute('group.delete', 'groups:write') }, async (request, reply) => {
    await deleteGroup({ ...asked(request, deps), body: undefined }, deps);
    return sendNothing(reply);
  });

  /** A changed group with its members, where they are asked for. */
  async function complete(
    request: FastifyRequest,
    group: GroupResource,
    projection: Projection,
  ): Promise<GroupResource> {
    if (!wants(projection, 'members')) return group;
    const { connection } = identify(request);
    return readChangedMembers(request, deps, () => reread(group, () => directory.group(connection, group.id, true)));
  }
}
