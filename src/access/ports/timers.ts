export interface Timer {
  cancel(): void;
}

/** Delays. Simulated in tests; a pending timer keeps the process alive only where `keepAlive` is set. */
export interface Timers {
  after(milliseconds: number, run: () => void, options?: { keepAlive?: boolean }): Timer;
  /** Resolves after the delay; rejects with the signal's reason when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Runs on the next turn of the event loop. */
  nextTurn(run: () => void): void;
}
