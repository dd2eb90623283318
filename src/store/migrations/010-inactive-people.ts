import type { Migration } from './migration.ts';

/** People who left, by connection: those who are active are counted for the ceilings of each pass that takes something away. */
export const inactivePeople: Migration = {
  id: 10,
  name: 'inactive-people',
  up: ['CREATE INDEX users_inactive ON users (connection) WHERE active = 0'],
};
