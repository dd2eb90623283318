import type { Migration } from './migration.ts';

/** Bearer tokens. */
export const credentials: Migration = {
  id: 2,
  name: 'credentials',
  up: [
    `CREATE TABLE tokens (
      id TEXT PRIMARY KEY, kind TEXT NOT NULL, connection TEXT, scopes TEXT NOT NULL, roles TEXT NOT NULL,
      created_at TEXT NOT NULL, created_by TEXT NOT NULL, expires_at TEXT, key_version INTEGER NOT NULL,
      mac TEXT NOT NULL, last_used_at TEXT, revoked_at TEXT)`,
  ],
};
