import type { Unread } from '../answers.ts';

/** One line for each controller that could not be read, and who tells what to do about it. */
export function unreadText(unread: readonly Unread[]): string {
  return unread
    .map(({ controller, error }) => `${controller}: could not be read: ${error}\n${whatToDo(controller)}`)
    .join('');
}

/** Who tells what is wrong with a controller that did not do as it was asked. */
export function whatToDo(controller: string): string {
  return `  What to do: jenkins-scim doctor --controller ${controller}\n`;
}
