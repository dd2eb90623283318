import type { Migration } from './migration.ts';

/**
 * Values of attributes of extensions that belong to one resource, and since when a rule is kept there. A version that does not
 * know the tables leaves them as they are; who does looks through what was changed meanwhile when it starts.
 */
export const uniqueValues: Migration = {
  id: 9,
  name: 'unique-values',
  up: [
    `CREATE TABLE unique_values (
      connection TEXT NOT NULL, path TEXT NOT NULL, value_hash TEXT NOT NULL, resource TEXT NOT NULL,
      PRIMARY KEY (connection, path, value_hash)) WITHOUT ROWID`,
    'CREATE INDEX unique_values_resource ON unique_values (resource)',
    'CREATE TABLE unique_paths (path TEXT PRIMARY KEY, rule TEXT NOT NULL, kept_since TEXT NOT NULL)',
  ],
};
