import type { Changed } from '../../directory/directory.ts';
import type { GroupChange } from '../../scim/groupChange.ts';
import { keepImmutable } from '../../scim/immutable.ts';
import { readResource } from '../../scim/intake/resource.ts';
import { clearsMembers, compileGroupPatch } from '../../scim/patch/groupPatch.ts';
import { readOperations } from '../../scim/patch/operation.ts';
import type { Attributes, GroupResource } from '../../scim/resource.ts';
import type { ScimDeps } from './deps.ts';
import type { Action } from './userActions.ts';

export function createGroup({ caller, dialect, body }: Action, { directory }: ScimDeps): Promise<GroupResource> {
  const { attributes, members } = readResource('Group', body, dialect);
  return directory.createGroup(caller, attributes, members ?? []);
}

/** A body that does not speak of members empties no group. */
export async function replaceGroup(
  { caller, dialect, id, ifMatch, body }: Action,
  { directory }: ScimDeps,
): Promise<Changed<GroupResource>> {
  const { attributes, members } = readResource('Group', body, dialect);
  const change = (current: Attributes): Attributes => {
    const next = structuredClone(attributes);
    keepImmutable('Group', current, next, dialect.catalogue, true);
    return next;
  };
  const changes: GroupChange[] = [
    { op: 'attributes', change },
    ...(members === undefined ? [] : [{ op: 'replace-members', members } as const]),
  ];
  return directory.changeGroup(caller, id, changes, ifMatch);
}

export async function patchGroup(
  { caller, dialect, id, ifMatch, body }: Action,
  { directory, limits, log }: ScimDeps,
): Promise<Changed<GroupResource>> {
  const changes = compileGroupPatch(readOperations(body, dialect), dialect, limits);
  const result = await directory.changeGroup(caller, id, changes, ifMatch);
  if (result.changed && clearsMembers(changes))
    log.warn('a PATCH removed all members of a group without naming them', { request: caller.request, group: id });
  return result;
}

export function deleteGroup({ caller, id, ifMatch }: Action, { directory }: ScimDeps): Promise<void> {
  return directory.deleteGroup(caller, id, ifMatch);
}
