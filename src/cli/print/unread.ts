import type { Unread } from '../engine.ts';

/** One line for each controller that could not be read, and who tells what to do about it. */
export function unreadText(unread: readonly Unread[]): string {
  return unread
    .map(
      ({ controller, error }) =>
        `${controller}: could not be read: ${error}\n  What to do: jenkins-scim doctor --controller ${controller}\n`,
    )
    .join('');
}
