import type { Attributes, MemberRef } from './resource.ts';

/**
 * What a PATCH of a group asks for, in order. Membership is never read to be changed: each of these is one statement
 * whatever the group's size. `remove-members` of an absent member and `add-members` of a present one change nothing.
 */
export type GroupChange =
  | { readonly op: 'attributes'; readonly change: (current: Attributes) => Attributes }
  | { readonly op: 'add-members'; readonly members: readonly MemberRef[] }
  | { readonly op: 'remove-members'; readonly values: readonly string[] }
  | { readonly op: 'replace-members'; readonly members: readonly MemberRef[] }
  | { readonly op: 'clear-members' };
