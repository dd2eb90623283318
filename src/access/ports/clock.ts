/** Wall clock and a monotonic one. Nothing else in the product knows the time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never go back. */
  monotonic(): number;
}

/** The instant as RFC 3339 text with milliseconds. */
export function instant(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
