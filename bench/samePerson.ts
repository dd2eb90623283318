/** What a person is found by. */
export type By = 'id' | 'userName' | 'externalId' | 'emails';

const FOUND: Readonly<Record<By, string>> = {
  id: 'users WHERE users.id = ?',
  userName: "users WHERE users.connection = 'okta' AND users.user_name_key = ?",
  externalId: "users WHERE users.connection = 'okta' AND users.external_id = ?",
  emails: 'user_emails JOIN users ON users.id = user_emails.user_id WHERE user_emails.value_key = ?',
};

export function isBy(text: string): text is By {
  return Object.hasOwn(FOUND, text);
}

const GROUPS = 'FROM members JOIN groups ON groups.id = members.group_id WHERE members.member_id = users.id';

const words = (text: (found: string) => string): Readonly<Record<By, string>> =>
  Object.fromEntries(Object.entries(FOUND).map(([by, found]) => [by, text(found)])) as Record<By, string>;

/**
 * The same read as the service's, in one statement for each engine: a person with their attributes and direct groups, already as the
 * text of the answer.
 */
export const PERSON: Readonly<Record<'sqlite' | 'postgres', Readonly<Record<By, string>>>> = {
  sqlite: words(
    (found) => `SELECT json_object('id', users.id, 'attributes', json(users.document), 'version', users.version,
      'created', users.created_at, 'lastModified', users.modified_at, 'groups', json((SELECT
        json_group_array(json_object('value', groups.id, 'display', groups.display_name)) ${GROUPS}))) AS body
      FROM ${found}`,
  ),
  postgres: words((found) =>
    `SELECT json_build_object('id', users.id, 'attributes', users.document::json, 'version', users.version,
      'created', users.created_at, 'lastModified', users.modified_at, 'groups', (SELECT
        json_agg(json_build_object('value', groups.id, 'display', groups.display_name)) ${GROUPS}))::text AS body
      FROM ${found}`.replace('?', '$1'),
  ),
};
