import type { Migration } from './migration.ts';

/** The groups above a group, of which most directories have none: whoever looks for them is done at once. */
export const nestedMembers: Migration = {
  id: 8,
  name: 'nested-members',
  up: [`CREATE INDEX members_above ON members (member_id, group_id) WHERE kind = 'Group'`],
};
