import { breather, inTurns } from '../../access/breather.ts';
import type { Changed } from '../../directory/directory.ts';
import type { GroupChange } from '../../scim/groupChange.ts';
import { keepImmutable } from '../../scim/immutable.ts';
import { readLargeMembers } from '../../scim/intake/members.ts';
import { type Intake, readResource } from '../../scim/intake/resource.ts';
import { clearsMembers, compileGroupPatch } from '../../scim/patch/groupPatch.ts';
import { readOperations } from '../../scim/patch/operation.ts';
import type { Dialect } from '../../scim/profiles/dialect.ts';
import type { Attributes, GroupResource, MemberRef } from '../../scim/resource.ts';
import type { ScimDeps } from './deps.ts';
import type { Action } from './userActions.ts';

export async function createGroup(action: Action, deps: ScimDeps): Promise<GroupResource> {
  const { caller } = action;
  const { directory } = deps;
  const { attributes, members } = await readGroup(action, deps);
  return directory.createGroup(caller, attributes, members ?? []);
}

/** A body that does not speak of members empties a group only where the dialect says that its clients mean nobody by it. */
export async function replaceGroup(action: Action, deps: ScimDeps): Promise<Changed<GroupResource>> {
  const { caller, dialect, id, condition } = action;
  const { directory } = deps;
  const { attributes, members = unspoken(dialect) } = await readGroup(action, deps);
  const change = (current: Attributes): Attributes => {
    const next = structuredClone(attributes);
    keepImmutable('Group', current, next, dialect.catalogue, true);
    return next;
  };
  const changes: GroupChange[] = [
    { op: 'attributes', change },
    ...(members === undefined ? [] : [{ op: 'replace-members', members } as const]),
  ];
  return directory.changeGroup(caller, id, changes, condition);
}

/** Members by a PUT that does not speak of them; undefined where those of the group stay. */
function unspoken({ silentMembers, note }: Dialect): readonly MemberRef[] | undefined {
  if (silentMembers === 'nobody') return [];
  note('silent-members');
  return undefined;
}

/** The body of a group, in parts where it has very many members. */
export async function readGroup(
  { body, dialect }: Pick<Action, 'body' | 'dialect'>,
  { timers }: Pick<ScimDeps, 'timers'>,
): Promise<Intake> {
  const members = await readLargeMembers(body, dialect, breather(timers));
  return readResource('Group', body, dialect, undefined, members);
}

export async function patchGroup(
  { caller, dialect, id, condition, body }: Action,
  { directory, limits, log, timers }: ScimDeps,
): Promise<Changed<GroupResource>> {
  const changes = await inTurns(compileGroupPatch(readOperations(body, dialect), dialect, limits), breather(timers));
  const result = await directory.changeGroup(caller, id, changes, condition);
  if (result.changed && clearsMembers(changes))
    log.warn('a PATCH removed all members of a group without naming them', { request: caller.request, group: id });
  return result;
}

export function deleteGroup({ caller, id, condition }: Action, { directory }: ScimDeps): Promise<void> {
  return directory.deleteGroup(caller, id, condition);
}
