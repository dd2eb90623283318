import type { Breathe } from './ports/store.ts';
import type { Timers } from './ports/timers.ts';

/** Resolves in the next turn of the event loop: what came in meanwhile has been looked at by then. */
export function breather({ nextTurn }: Pick<Timers, 'nextTurn'>): Breathe {
  return () => new Promise((resolve) => nextTurn(resolve));
}

/** Long computing in steps: each `yield` is a place to stop at. */
export type Steps<T> = Generator<void, T>;

/** Computes a step in each turn of the event loop. */
export async function inTurns<T>(steps: Steps<T>, breathe: Breathe): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await breathe();
  }
}

/** Computes all steps in this turn. */
export function inOneTurn<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
