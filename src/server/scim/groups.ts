import type { FastifyInstance } from 'fastify';
import type { GroupChange } from '../../scim/groupChange.ts';
import { readResource } from '../../scim/intake/resource.ts';
import { clearsMembers, compileGroupPatch } from '../../scim/patch/groupPatch.ts';
import { readOperations } from '../../scim/patch/operation.ts';
import { type Projection, wants } from '../../scim/projection.ts';
import type { GroupResource } from '../../scim/resource.ts';
import { asked, askedProjection, sendNothing, sendResource, sendUnlessKnown, wantsAnswer } from './conversation.ts';
import { type ScimDeps, scimRoute } from './deps.ts';
import { reread } from './reread.ts';

/** /Groups: create, read, replace, change, delete (RFC 7644 §3.3 to §3.6). */
export function groupRoutes(app: FastifyInstance, deps: ScimDeps): void {
  const { directory, limits, log } = deps;

  app.post('/Groups', { config: scimRoute('group.create', 'groups:write') }, async (request, reply) => {
    const { caller, dialect } = asked(request, deps);
    const projection = askedProjection(request, 'Group');
    const { attributes, members } = readResource('Group', request.body, dialect);
    const group = await directory.createGroup(caller, attributes, members ?? []);
    return sendResource(reply, 201, group, projection, deps);
  });

  app.get('/Groups/:id', { config: scimRoute('group.get', 'groups:read') }, async (request, reply) => {
    const { caller, id } = asked(request, deps);
    const projection = askedProjection(request, 'Group');
    const group = await directory.group(caller.connection, id, wants(projection, 'members'));
    return sendUnlessKnown(request, reply, group, projection, deps);
  });

  app.put('/Groups/:id', { config: scimRoute('group.replace', 'groups:write') }, async (request, reply) => {
    const { caller, dialect, id, ifMatch } = asked(request, deps);
    const projection = askedProjection(request, 'Group');
    const { attributes, members } = readResource('Group', request.body, dialect);
    // A body that does not speak of members empties no group.
    const changes: GroupChange[] = [
      { op: 'attributes', change: () => attributes },
      ...(members === undefined ? [] : [{ op: 'replace-members', members } as const]),
    ];
    const { resource } = await directory.changeGroup(caller, id, changes, ifMatch);
    return sendResource(reply, 200, await complete(caller.connection, resource, projection), projection, deps);
  });

  app.patch('/Groups/:id', { config: scimRoute('group.patch', 'groups:write') }, async (request, reply) => {
    const { caller, dialect, id, ifMatch } = asked(request, deps);
    const projection = askedProjection(request, 'Group');
    const changes = compileGroupPatch(readOperations(request.body, dialect), dialect, limits);
    const { resource, changed } = await directory.changeGroup(caller, id, changes, ifMatch);
    if (changed && clearsMembers(changes))
      log.warn('a PATCH removed all members of a group without naming them', { request: request.id, group: id });
    if (!wantsAnswer(projection, dialect.patchAnswer.group)) return sendNothing(reply, resource);
    return sendResource(reply, 200, await complete(caller.connection, resource, projection), projection, deps);
  });

  app.delete('/Groups/:id', { config: scimRoute('group.delete', 'groups:write') }, async (request, reply) => {
    const { caller, id, ifMatch } = asked(request, deps);
    await directory.deleteGroup(caller, id, ifMatch);
    return sendNothing(reply);
  });

  /** A changed group with its members, where they are asked for. */
  async function complete(connection: string, group: GroupResource, projection: Projection): Promise<GroupResource> {
    return wants(projection, 'members') ? reread(group, () => directory.group(connection, group.id, true)) : group;
  }
}
