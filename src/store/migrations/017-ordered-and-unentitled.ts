import type { Migration } from './migration.ts';

/**
 * Who ordered what was begun, until it is known what became of it; and since when somebody had nothing left who has left since. A replica
 * that knows nothing of it writes neither, and what it began is settled as before.
 */
export const orderedAndUnentitled: Migration = {
  id: 17,
  name: 'ordered-and-unentitled',
  up: ['ALTER TABLE intents ADD COLUMN ordered TEXT', 'ALTER TABLE debts ADD COLUMN unentitled_at TEXT'],
};
