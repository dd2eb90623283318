import type { Migration } from './migration.ts';

/** Which keys the database was started with. */
export const keyMark: Migration = {
  id: 7,
  name: 'key-mark',
  up: ['CREATE TABLE key_marks (id INTEGER PRIMARY KEY, mark TEXT NOT NULL, since TEXT NOT NULL)'],
};
