/** How batches are gathered: the first change goes at once, then the window widens to a second while changes keep coming. */
export interface Pacing {
  /** Milliseconds between the beginnings of two batches. */
  readonly window: number;
  /** When the last batch began, milliseconds since the epoch. */
  readonly last: number;
}

export const FRESH: Pacing = Object.freeze({ window: 0, last: 0 });

const FIRST_MS = 100;
const WIDEST_MS = 1_000;

/** When the next batch may begin; leavers never wait for it. */
export function mayBegin(pacing: Pacing, now: number): number {
  return Math.max(now, pacing.last + pacing.window);
}

/** After a batch that began at `now`: wider where it followed the one before closely, fresh after a quiet second. */
export function paced(pacing: Pacing, now: number): Pacing {
  const quiet = now - pacing.last >= Math.max(pacing.window * 2, WIDEST_MS);
  if (quiet) return { window: FIRST_MS, last: now };
  return { window: Math.min(WIDEST_MS, Math.max(FIRST_MS, pacing.window * 2)), last: now };
}
