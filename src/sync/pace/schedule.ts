/** After which times a loss of an administrator and a leaver are looked at again (a stale page reverts silently). */
export const RECHECK_AFTER_MS = [5_000, 60_000] as const;
/** Losses within so many milliseconds are looked at again together, which bounds how many looks can wait. */
const TOGETHER_MS = 1_000;

/** What a controller has to be looked at for by the clock; times are milliseconds since the epoch. */
export class Schedule {
  /** When everybody is read and compared. */
  fullAt = 0;
  /** When the cheap digest is asked for. */
  fingerprintAt = Infinity;
  #rechecks: ReadonlySet<number> = new Set();

  /** When something is due at the latest. */
  get next(): number {
    return Math.min(this.fullAt, this.fingerprintAt, ...this.#rechecks);
  }

  /** Everybody is read and compared by then at the latest. */
  allBy(at: number): void {
    this.fullAt = Math.min(this.fullAt, at);
  }

  recheckAt(at: number): void {
    this.#rechecks = new Set([...this.#rechecks, at]);
  }

  /** Adds the looks that follow a loss, up to `TOGETHER_MS` late. */
  recheckAfter(loss: number): void {
    for (const after of RECHECK_AFTER_MS) this.recheckAt(Math.ceil((loss + after) / TOGETHER_MS) * TOGETHER_MS);
  }

  /** Takes out the rechecks that have come. @returns when the earliest of them was due; undefined where none has come */
  takeRechecks(now: number): number | undefined {
    const come = [...this.#rechecks].filter((at) => at <= now);
    this.#rechecks = new Set([...this.#rechecks].filter((at) => at > now));
    return come.length === 0 ? undefined : Math.min(...come);
  }
}
