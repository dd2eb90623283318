import type { Membership } from './groups/membership.ts';

/** Up to so many new members are marked one by one; more are left to the reader of the mark of their group. */
const MARKED_SINGLY = 256;

/**
 * Who has to be looked at after a change of members. Who went is always marked singly: the group does not lead to them any more.
 * A nested group is marked as a group.
 */
export function touchedBy(
  group: string,
  { added, removed }: Pick<Membership, 'added' | 'removed'>,
): { readonly users: Set<string>; readonly groups: Set<string> } {
  const users = new Set<string>();
  const groups = new Set<string>();
  for (const [id, { kind }] of removed) (kind === 'User' ? users : groups).add(id);
  if (added.size > MARKED_SINGLY) groups.add(group);
  else for (const [id, kind] of added) (kind === 'User' ? users : groups).add(id);
  return { users, groups };
}
