/** How batches are gathered: the first change goes at once, then the window widens to a second while changes keep coming. */
export interface Pacing {
  /** Milliseconds between the beginnings of two batches. */
  readonly window: number;
  /** When the last batch began, milliseconds of the monotonic clock. */
  readonly last: number;
}

export const FRESH: Pacing = Object.freeze({ window: 0, last: Number.NEGATIVE_INFINITY });

/** How a window widens, in milliseconds: from the first to the widest, fresh again after a quiet time. */
interface Widening {
  readonly first: number;
  readonly widest: number;
  readonly quiet: number;
}

const BATCHES: Widening = { first: 100, widest: 1_000, quiet: 1_000 };

/** When the next batch may begin; leavers never wait for it. */
export function mayBegin(pacing: Pacing, now: number): number {
  return Math.max(now, pacing.last + pacing.window);
}

/** After a batch that began at `now`: wider where it followed the one before closely, fresh after a quiet second. */
export function paced(pacing: Pacing, now: number, { first, widest, quiet }: Widening = BATCHES): Pacing {
  if (now - pacing.last >= Math.max(pacing.window * 2, quiet)) return { window: first, last: now };
  return { window: Math.min(widest, Math.max(first, pacing.window * 2)), last: now };
}
