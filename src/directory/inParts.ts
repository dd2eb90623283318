import type { Breathe } from '../access/ports/store.ts';

/** Rows that one statement is about at most: more are taken in parts, with a turn of the event loop between them. */
export const PART = 4_000;

/** Memberships that a write changes at most where the event loop waits for it: 20 to 30 ms. Above, it has a thread. */
export const HERE = 1_000;

/** Runs something over a list, in parts that take their turns. */
export async function inParts<T>(
  list: readonly T[],
  breathe: Breathe,
  run: (part: readonly T[]) => Promise<void>,
  most = PART,
): Promise<void> {
  for (let at = 0; at < list.length; at += most) {
    if (at > 0) await breathe();
    await run(list.length <= most ? list : list.slice(at, at + most));
  }
}
