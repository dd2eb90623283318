import type { Migration } from './migration.ts';

/** What waits is counted at each reading of the metrics, without the steps themselves: a mass loss holds many. */
export const heldState: Migration = {
  id: 16,
  name: 'held-state',
  up: ['CREATE INDEX held_state ON held (state, controller, ceiling)'],
};
