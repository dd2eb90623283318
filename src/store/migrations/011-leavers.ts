import type { Migration } from './migration.ts';

const INSERT = `INSERT INTO counters (name, value)`;
const ADD = `ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value`;

/**
 * What a pass asks about people who left, whatever their number. Those who are not active are counted by connection where they are
 * written, as `inactive:` and its name among the counters; the database does it, so that the number is right beside a replica that
 * knows nothing of it. What waits for a release is found by the person it is about.
 */
export const leavers: Migration = {
  id: 11,
  name: 'leavers',
  sqlite: [
    `CREATE TRIGGER users_inactive_created AFTER INSERT ON users WHEN new.active = 0 BEGIN
      ${INSERT} VALUES ('inactive:' || new.connection, 1) ${ADD}; END`,
    `CREATE TRIGGER users_inactive_changed AFTER UPDATE OF active ON users WHEN old.active <> new.active BEGIN
      ${INSERT} VALUES ('inactive:' || new.connection, old.active - new.active) ${ADD}; END`,
    `CREATE TRIGGER users_inactive_deleted AFTER DELETE ON users WHEN old.active = 0 BEGIN
      ${INSERT} VALUES ('inactive:' || old.connection, -1) ${ADD}; END`,
    `CREATE INDEX held_person ON held (controller, json_extract(step, '$.person'))`,
  ],
  postgres: [
    `CREATE FUNCTION count_inactive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      ${INSERT} VALUES ('inactive:' || coalesce(new.connection, old.connection),
        coalesce(1 - new.active, 0) - coalesce(1 - old.active, 0)) ${ADD};
      RETURN NULL; END $$`,
    `CREATE TRIGGER users_inactive_created AFTER INSERT ON users FOR EACH ROW
      WHEN (new.active = 0) EXECUTE FUNCTION count_inactive()`,
    `CREATE TRIGGER users_inactive_changed AFTER UPDATE OF active ON users FOR EACH ROW
      WHEN (old.active <> new.active) EXECUTE FUNCTION count_inactive()`,
    `CREATE TRIGGER users_inactive_deleted AFTER DELETE ON users FOR EACH ROW
      WHEN (old.active = 0) EXECUTE FUNCTION count_inactive()`,
    `CREATE INDEX held_person ON held (controller, (document(step) ->> 'person'))`,
  ],
  up: [
    `${INSERT} SELECT 'inactive:' || connection, count(*) FROM users WHERE active = 0 GROUP BY connection`,
    'DROP INDEX users_inactive',
  ],
};
