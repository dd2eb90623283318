import type { Migration } from './migration.ts';

/** What waits for a controller is looked through from the newest mark that is known. */
export const pendingOrder: Migration = {
  id: 6,
  name: 'pending-order',
  up: ['CREATE INDEX pending_seq ON pending (controller, kind, seq)'],
};
