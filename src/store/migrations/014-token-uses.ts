import type { Migration } from './migration.ts';

/**
 * How many requests of ours went to a controller, and how often it says our tokens were used. A replica that knows nothing of it does not
 * count; whoever takes over from it sees that it compared everything meanwhile (`controllers.full_ms`), and compares no uses.
 */
export const tokenUses: Migration = {
  id: 14,
  name: 'token-uses',
  up: [
    `CREATE TABLE token_uses (
      controller TEXT PRIMARY KEY, epoch INTEGER NOT NULL, begun INTEGER NOT NULL, ended INTEGER NOT NULL, gap INTEGER,
      gap_ms INTEGER, account TEXT, looked_at TEXT, full_ms INTEGER, counted INTEGER, tokens TEXT, ended_then INTEGER,
      others INTEGER NOT NULL, others_tokens TEXT, others_after TEXT, others_before TEXT)`,
  ],
};
