import type { Unread } from '../engine.ts';

/** One line for each controller that could not be read. */
export function unreadText(unread: readonly Unread[]): string {
  return unread.map(({ controller, error }) => `${controller}: could not be read: ${error}\n`).join('');
}
