import type { Selectable } from 'kysely';
import { fold } from '../../access/fold.ts';
import type { Attributes, UserResource } from '../../scim/resource.ts';
import type { UserEmailsTable, UserRolesTable, UsersTable } from '../../store/tables/directory.ts';

export type UserRow = Selectable<UsersTable>;
/** By name: what a later version adds changes no statement of this one. */
export const USER_COLUMNS = [
  'id',
  'connection',
  'user_name',
  'user_name_key',
  'external_id',
  'display_name',
  'email',
  'active',
  'document',
  'created_at',
  'modified_at',
  'version',
] as const satisfies readonly (keyof UserRow)[];

type EmailRow = Selectable<UserEmailsTable>;
type RoleRow = Selectable<UserRolesTable>;

type Derived = Pick<
  UserRow,
  'user_name' | 'user_name_key' | 'external_id' | 'display_name' | 'email' | 'active' | 'document'
>;

/** The columns that follow from the attributes. The document never holds a password, an id, meta or groups. */
export function userColumns(attributes: Attributes): Derived {
  const { password: _, id: __, meta: ___, schemas: ____, groups: _____, ...document } = attributes;
  const userName = String(attributes.userName);
  const emails = emailRows('', attributes);
  return {
    user_name: userName,
    user_name_key: fold(userName),
    external_id: text(attributes.externalId),
    display_name: text(attributes.displayName),
    email: (emails.find((email) => email.is_primary === 1) ?? emails[0])?.value ?? null,
    // Without an assigned state nobody may use the controllers.
    active: attributes.active === true ? 1 : 0,
    document: JSON.stringify(document),
  };
}

/** The e-mail addresses, for look-ups. */
export function emailRows(userId: string, attributes: Attributes): EmailRow[] {
  const emails = Array.isArray(attributes.emails) ? (attributes.emails as Attributes[]) : [];
  return emails.flatMap(({ value, type, primary }) =>
    typeof value === 'string'
      ? [{ user_id: userId, value, value_key: fold(value), type: text(type), is_primary: primary === true ? 1 : 0 }]
      : [],
  );
}

/** The roles, for look-ups. */
export function roleRows(userId: string, attributes: Attributes): RoleRow[] {
  const roles = Array.isArray(attributes.roles) ? (attributes.roles as Attributes[]) : [];
  return roles.flatMap(({ value, display }) =>
    typeof value === 'string' ? [{ user_id: userId, value, value_key: fold(value), display: text(display) }] : [],
  );
}

/** What the row stands for, without groups. */
export function userResource(row: UserRow): UserResource {
  return {
    type: 'User',
    id: row.id,
    attributes: JSON.parse(row.document) as Attributes,
    version: row.version,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
