import { sql } from 'kysely';
import type { AttributePath } from '../../scim/filter/filter.ts';
import type { ResourceType } from '../../scim/resource.ts';
import type { Stored } from './comparison.ts';
import { isCore } from './home.ts';

const USERS: Readonly<Record<string, Stored>> = {
  id: { value: sql.ref('users.id') },
  externalId: { value: sql.ref('users.external_id') },
  userName: { value: sql.ref('users.user_name_key'), folded: true, unique: true },
  displayName: { value: sql.ref('users.display_name') },
  active: { value: sql.ref('users.active') },
  'meta.created': { value: sql.ref('users.created_at') },
  'meta.lastModified': { value: sql.ref('users.modified_at') },
};

const GROUPS: Readonly<Record<string, Stored>> = {
  id: { value: sql.ref('groups.id') },
  externalId: { value: sql.ref('groups.external_id') },
  displayName: { value: sql.ref('groups.display_name_key'), folded: true, unique: true },
  'meta.created': { value: sql.ref('groups.created_at') },
  'meta.lastModified': { value: sql.ref('groups.modified_at') },
};

/** The column that holds an attribute, where one does. */
export function column(type: ResourceType, path: AttributePath): Stored | undefined {
  if (!isCore(path)) return undefined;
  const name = path.sub === undefined ? path.attribute : `${path.attribute}.${path.sub}`;
  const columns = type === 'User' ? USERS : GROUPS;
  return Object.hasOwn(columns, name) ? columns[name] : undefined;
}
