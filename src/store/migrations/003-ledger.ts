import type { Migration } from './migration.ts';

/** Evidence: records, personal values, signed heads. */
export const ledger: Migration = {
  id: 3,
  name: 'ledger',
  up: [
    `CREATE TABLE ledger (
      id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, at TEXT NOT NULL, kind TEXT NOT NULL, request TEXT, actor TEXT,
      subject_kind TEXT, subject_id TEXT, body TEXT NOT NULL, digests TEXT NOT NULL, proof TEXT NOT NULL,
      seq INTEGER UNIQUE, previous TEXT, hash TEXT, mac TEXT)`,
    'CREATE INDEX ledger_subject ON ledger (subject_kind, subject_id, id)',
    'CREATE INDEX ledger_unsealed ON ledger (id) WHERE seq IS NULL',
    'CREATE TABLE ledger_personal (uid TEXT PRIMARY KEY, salt TEXT NOT NULL, content TEXT NOT NULL)',
    'CREATE TABLE ledger_heads (seq INTEGER PRIMARY KEY, hash TEXT NOT NULL, at TEXT NOT NULL, signature TEXT NOT NULL)',
  ],
};
