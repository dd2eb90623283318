import type { Migration } from './migration.ts';

/** Networks and public keys of credentials, rotations, assertions that were used, and when an issuer's tokens were seen. */
export const credentialLife: Migration = {
  id: 5,
  name: 'credential-life',
  up: [
    `ALTER TABLE tokens ADD COLUMN networks TEXT NOT NULL DEFAULT '[]'`,
    'ALTER TABLE tokens ADD COLUMN jwks TEXT',
    `CREATE TABLE rotations (
      successor TEXT PRIMARY KEY, predecessor TEXT NOT NULL, state TEXT NOT NULL, grace_ms INTEGER NOT NULL,
      started_at TEXT NOT NULL, used_at TEXT, ends_at TEXT, ended_at TEXT)`,
    'CREATE INDEX rotations_predecessor ON rotations (predecessor)',
    `CREATE UNIQUE INDEX rotations_open ON rotations (predecessor) WHERE state = 'open'`,
    'CREATE TABLE assertions (key TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL)',
    'CREATE INDEX assertions_expiry ON assertions (expires_ms)',
    'CREATE TABLE issuers (connection TEXT PRIMARY KEY, last_used_at TEXT NOT NULL)',
    'CREATE TABLE compromised (credential TEXT PRIMARY KEY, since TEXT NOT NULL, marked_at TEXT NOT NULL)',
  ],
};
