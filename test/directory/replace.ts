import type { Caller, Changed, Condition, Directory } from '../../src/directory/directory.ts';
import type { Attributes, GroupResource, MemberRef, UserResource } from '../../src/scim/resource.ts';

/** A PUT of a person, as far as the directory sees it. */
export function replaceUser(
  directory: Directory,
  caller: Caller,
  id: string,
  attributes: Attributes,
  condition?: Condition,
): Promise<Changed<UserResource>> {
  return directory.changeUser(caller, id, () => attributes, condition);
}

/** A PUT of a group that speaks of members. */
export function replaceGroup(
  directory: Directory,
  caller: Caller,
  id: string,
  attributes: Attributes,
  members: readonly MemberRef[],
  condition?: Condition,
): Promise<Changed<GroupResource>> {
  const own = { op: 'attributes', change: () => attributes } as const;
  return directory.changeGroup(caller, id, [own, { op: 'replace-members', members }], condition);
}
