import type { Migration } from './migration.ts';

/** What the reconciler knows, owes and intends. */
export const sync: Migration = {
  id: 4,
  name: 'sync',
  up: [
    `CREATE TABLE leases (controller TEXT PRIMARY KEY, holder TEXT NOT NULL, fence INTEGER NOT NULL, expires_ms INTEGER NOT NULL)`,
    `CREATE TABLE controllers (
      name TEXT PRIMARY KEY, paused INTEGER NOT NULL, on_hold INTEGER NOT NULL, capabilities TEXT, fingerprint TEXT,
      session TEXT, probed_ms INTEGER, full_ms INTEGER, error TEXT, error_ms INTEGER, mode TEXT, identity TEXT)`,
    'CREATE TABLE paused_connections (name TEXT PRIMARY KEY)',
    `CREATE TABLE pending (
      controller TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, marked_at TEXT NOT NULL,
      request TEXT, PRIMARY KEY (controller, kind, id))`,
    `CREATE TABLE entries (
      controller TEXT NOT NULL, role_type TEXT NOT NULL, role_name TEXT NOT NULL, entry_type TEXT NOT NULL, sid TEXT NOT NULL,
      standing TEXT NOT NULL, person TEXT, reasons TEXT NOT NULL, since TEXT NOT NULL, verified INTEGER NOT NULL,
      desired INTEGER NOT NULL, PRIMARY KEY (controller, role_type, role_name, entry_type, sid))`,
    'CREATE INDEX entries_person ON entries (person, controller)',
    'CREATE INDEX entries_sid ON entries (controller, sid)',
    `CREATE TABLE owned_roles (
      controller TEXT NOT NULL, role_type TEXT NOT NULL, role_name TEXT NOT NULL, empty_since_ms INTEGER,
      PRIMARY KEY (controller, role_type, role_name))`,
    `CREATE TABLE claims (
      controller TEXT NOT NULL, folded_id TEXT NOT NULL, id TEXT NOT NULL, person TEXT NOT NULL, connection TEXT NOT NULL,
      state TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (controller, folded_id))`,
    'CREATE INDEX claims_person ON claims (person, controller)',
    `CREATE TABLE bindings (
      connection TEXT NOT NULL, name_key TEXT NOT NULL, group_id TEXT NOT NULL, name TEXT, since TEXT NOT NULL,
      PRIMARY KEY (connection, name_key))`,
    'CREATE TABLE expired (key TEXT PRIMARY KEY, at TEXT NOT NULL)',
    `CREATE TABLE debts (
      controller TEXT NOT NULL, folded_id TEXT NOT NULL, id TEXT NOT NULL, person TEXT NOT NULL, connection TEXT NOT NULL,
      cause TEXT NOT NULL, received_at TEXT NOT NULL, request TEXT, credential TEXT, state TEXT NOT NULL, due_ms INTEGER NOT NULL,
      started_at TEXT, done_at TEXT, steps TEXT NOT NULL, missing TEXT NOT NULL, residual TEXT NOT NULL,
      attempts INTEGER NOT NULL, alarmed INTEGER NOT NULL, error TEXT, released INTEGER NOT NULL,
      PRIMARY KEY (controller, folded_id, person))`,
    'CREATE INDEX debts_person ON debts (person)',
    'CREATE INDEX debts_state ON debts (controller, state, due_ms)',
    `CREATE TABLE intents (
      id TEXT PRIMARY KEY, controller TEXT NOT NULL, kind TEXT NOT NULL, fence INTEGER NOT NULL, state TEXT NOT NULL,
      created_at TEXT NOT NULL, settled_at TEXT, request TEXT, steps TEXT NOT NULL, detail TEXT)`,
    'CREATE INDEX intents_open ON intents (controller, state)',
    `CREATE TABLE held (
      controller TEXT NOT NULL, step_key TEXT NOT NULL, digest TEXT NOT NULL, step TEXT NOT NULL, ceiling TEXT NOT NULL,
      reason TEXT NOT NULL, since TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (controller, step_key))`,
    'CREATE INDEX held_digest ON held (digest)',
    `CREATE TABLE guard_events (
      id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, controller TEXT NOT NULL, connection TEXT, kind TEXT NOT NULL,
      key TEXT NOT NULL, person TEXT, administrative INTEGER NOT NULL, state TEXT NOT NULL)`,
    'CREATE INDEX guard_events_at ON guard_events (kind, at_ms)',
    'CREATE INDEX guard_events_person ON guard_events (person, kind)',
    'CREATE INDEX guard_events_key ON guard_events (controller, kind, key)',
    `CREATE TABLE commands (
      id TEXT PRIMARY KEY, controller TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, result TEXT,
      created_ms INTEGER NOT NULL, done_ms INTEGER)`,
    'CREATE INDEX commands_waiting ON commands (state, created_ms)',
    'CREATE TABLE policies (digest TEXT PRIMARY KEY, files TEXT NOT NULL, activated_at TEXT NOT NULL, seq INTEGER NOT NULL)',
    `CREATE TABLE group_counts (
      group_id TEXT NOT NULL, at_ms INTEGER NOT NULL, members INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (group_id, at_ms))`,
    'CREATE TABLE ordered_leavers (person TEXT PRIMARY KEY, at TEXT NOT NULL)',
    'CREATE TABLE clock (id INTEGER PRIMARY KEY, highest_ms INTEGER NOT NULL)',
    'INSERT INTO clock (id, highest_ms) VALUES (1, 0)',
  ],
};
