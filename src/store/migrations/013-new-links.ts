import type { Migration } from './migration.ts';

/**
 * Ids that somebody was linked to: those the controller was not asked about yet, and those that held something before, until a
 * person has looked at it. A replica that knows nothing of it neither writes nor needs it.
 */
export const newLinks: Migration = {
  id: 13,
  name: 'new-links',
  up: [
    `CREATE TABLE new_links (
      controller TEXT NOT NULL, folded_id TEXT NOT NULL, id TEXT NOT NULL, person TEXT NOT NULL, connection TEXT NOT NULL,
      linked_at TEXT NOT NULL, former_person TEXT, former_connection TEXT, taken INTEGER NOT NULL, asked_at TEXT, found TEXT,
      PRIMARY KEY (controller, folded_id))`,
    'CREATE INDEX new_links_unasked ON new_links (controller, folded_id) WHERE found IS NULL',
  ],
};
