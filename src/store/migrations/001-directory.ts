import type { Migration } from './migration.ts';

/** As `fold` of access; the result compares by code point. */
const FOLD = `CREATE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length($1) = char_length($1) THEN lower($1 COLLATE "C") COLLATE "C"
    ELSE normalize(lower(normalize($1, NFKC) COLLATE "und-x-icu"), NFKC) COLLATE "C" END $$`;

/** JSON text to look into. PostgreSQL takes neither NUL nor lone surrogates in it; NUL is spelled as in \`postgres/text.ts\`. */
const DOCUMENT = String.raw`CREATE FUNCTION document(text) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN strpos($1, '\u0000') = 0 AND strpos($1, '\ud') = 0 THEN $1::jsonb
    ELSE regexp_replace(replace($1, '\u0000', '\ue000\ue001'), '\\ud[89a-f][0-9a-f]{2}', '\\ufffd', 'g')::jsonb END $$`;

/** People, groups, edges, what changed and who has to be looked at again. */
export const directory: Migration = {
  id: 1,
  name: 'directory',
  postgres: [FOLD, DOCUMENT],
  up: [
    `CREATE TABLE users (
      id TEXT PRIMARY KEY, connection TEXT NOT NULL, user_name TEXT NOT NULL, user_name_key TEXT NOT NULL,
      external_id TEXT, display_name TEXT, email TEXT, active INTEGER NOT NULL, document TEXT NOT NULL,
      created_at TEXT NOT NULL, modified_at TEXT NOT NULL, version INTEGER NOT NULL)`,
    'CREATE UNIQUE INDEX users_name ON users (connection, user_name_key)',
    'CREATE INDEX users_external ON users (connection, external_id, created_at, id)',
    'CREATE INDEX users_modified ON users (connection, modified_at)',
    'CREATE INDEX users_created ON users (connection, created_at, id)',
    `CREATE TABLE user_emails (
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, value TEXT NOT NULL, value_key TEXT NOT NULL,
      type TEXT, is_primary INTEGER NOT NULL)`,
    'CREATE INDEX user_emails_user ON user_emails (user_id)',
    'CREATE INDEX user_emails_value ON user_emails (value_key)',
    `CREATE TABLE user_roles (
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, value TEXT NOT NULL, value_key TEXT NOT NULL,
      display TEXT)`,
    'CREATE INDEX user_roles_user ON user_roles (user_id)',
    'CREATE INDEX user_roles_value ON user_roles (value_key)',
    `CREATE TABLE groups (
      id TEXT PRIMARY KEY, connection TEXT NOT NULL, display_name TEXT NOT NULL, display_name_key TEXT NOT NULL,
      external_id TEXT, document TEXT NOT NULL, created_at TEXT NOT NULL, modified_at TEXT NOT NULL,
      version INTEGER NOT NULL, member_count INTEGER NOT NULL)`,
    'CREATE UNIQUE INDEX groups_name ON groups (connection, display_name_key)',
    'CREATE INDEX groups_external ON groups (connection, external_id, created_at, id)',
    'CREATE INDEX groups_created ON groups (connection, created_at, id)',
    'CREATE INDEX groups_modified ON groups (connection, modified_at)',
    `CREATE TABLE members (
      group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE, member_id TEXT NOT NULL, kind TEXT NOT NULL,
      since TEXT NOT NULL, request TEXT, credential TEXT, PRIMARY KEY (group_id, member_id)) WITHOUT ROWID`,
    'CREATE INDEX members_member ON members (member_id, group_id)',
    `CREATE INDEX members_nested ON members (group_id, member_id) WHERE kind = 'Group'`,
    `CREATE TABLE tombstones (
      id TEXT PRIMARY KEY, kind TEXT NOT NULL, connection TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,
      external_id TEXT, email TEXT, deleted_at TEXT NOT NULL, request TEXT, credential TEXT)`,
    'CREATE INDEX tombstones_name ON tombstones (name_key)',
    'CREATE INDEX tombstones_external ON tombstones (external_id)',
    `CREATE TABLE journal (
      seq INTEGER PRIMARY KEY, at TEXT NOT NULL, connection TEXT NOT NULL, request TEXT, credential TEXT,
      kind TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL)`,
    'CREATE INDEX journal_subject ON journal (subject, seq)',
    `CREATE TABLE dirty (
      kind TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, marked_at TEXT NOT NULL, request TEXT,
      PRIMARY KEY (kind, id)) WITHOUT ROWID`,
    'CREATE INDEX dirty_seq ON dirty (seq)',
    'CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID',
    `INSERT INTO counters (name, value) VALUES ('dirty', 0)`,
  ],
};
