import type { Generated } from 'kysely';

/** Times are RFC 3339 text with milliseconds, UTC; booleans are 0 or 1. */
export interface UsersTable {
  id: string;
  connection: string;
  user_name: string;
  user_name_key: string;
  external_id: string | null;
  display_name: string | null;
  /** The primary e-mail, else the first. */
  email: string | null;
  active: number;
  /** The SCIM attributes without id, meta, groups and password, as JSON. */
  document: string;
  created_at: string;
  modified_at: string;
  version: number;
}

export interface UserEmailsTable {
  user_id: string;
  value: string;
  value_key: string;
  type: string | null;
  is_primary: number;
}

/** `roles` of people, for look-ups and policy. */
export interface UserRolesTable {
  user_id: string;
  value: string;
  value_key: string;
  display: string | null;
}

export interface GroupsTable {
  id: string;
  connection: string;
  display_name: string;
  display_name_key: string;
  external_id: string | null;
  document: string;
  created_at: string;
  modified_at: string;
  version: number;
  member_count: number;
}

interface MembersTable {
  group_id: string;
  member_id: string;
  kind: 'User' | 'Group';
  since: string;
  request: string | null;
  credential: string | null;
}

interface TombstonesTable {
  id: string;
  kind: 'user' | 'group';
  connection: string;
  name: string;
  name_key: string;
  external_id: string | null;
  email: string | null;
  deleted_at: string;
  request: string | null;
  credential: string | null;
}

interface JournalTable {
  seq: Generated<number>;
  at: string;
  connection: string;
  request: string | null;
  credential: string | null;
  kind: string;
  subject: string;
  detail: string;
}

interface DirtyTable {
  kind: 'user' | 'group';
  id: string;
  seq: number;
  marked_at: string;
  request: string | null;
}

/** `dirty`: the sequence behind dirty marks. `users:`, `groups:`, `edges:` and a connection: how many it has. */
interface CountersTable {
  name: string;
  value: number;
}

/** Values that belong to one resource of a connection; `path` is the type and the attribute. */
interface UniqueValuesTable {
  connection: string;
  path: string;
  /** SHA-256 of the value as it is compared. */
  value_hash: string;
  resource: string;
}

/** Attributes whose values are all in `unique_values`. */
interface UniquePathsTable {
  path: string;
  /** How values are compared. */
  rule: string;
  /** When the look began that last compared table and documents. */
  kept_since: string;
}

export interface DirectoryTables {
  users: UsersTable;
  user_emails: UserEmailsTable;
  user_roles: UserRolesTable;
  groups: GroupsTable;
  members: MembersTable;
  tombstones: TombstonesTable;
  journal: JournalTable;
  dirty: DirtyTable;
  counters: CountersTable;
  unique_values: UniqueValuesTable;
  unique_paths: UniquePathsTable;
}
