import type { Breathe } from './ports/store.ts';
import type { Timers } from './ports/timers.ts';

/** Resolves in the next turn of the event loop: what came in meanwhile has been looked at by then. */
export function breather({ nextTurn }: Pick<Timers, 'nextTurn'>): Breathe {
  return () => new Promise((resolve) => nextTurn(resolve));
}
