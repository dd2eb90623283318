/** What the service tells of itself in numbers; implemented by the server's metrics, told by whoever knows. */
export interface Meter {
  /** A change became effective on a controller: seconds from the commit of the push to the read-back. */
  effective(controller: string, seconds: number): void;
  /** A ceiling held something. */
  trip(controller: string, ceiling: string): void;
  /** Somebody was linked to an id that held something before; `taken`: from another connection. */
  older(controller: string, taken: boolean): void;
  /** A controller counted uses of the service's tokens that were not the service's. */
  usedByOthers(controller: string, uses: number): void;
  /** Seconds since the oldest unfinished leaver was received; 0 where none is open. */
  oldestLeaver(seconds: number): void;
  /** Whether the breaker of a controller is open, and how many people wait to be looked at there. */
  controller(controller: string, state: { readonly open: boolean; readonly waiting: number }): void;
  /** A request with a valid token that may write arrived. */
  pushed(connection: string, at: number): void;
  /** One SCIM request was answered; `operation` e.g. `user.create`, `group.patch`. */
  answered(operation: string, status: number, seconds: number): void;
  /** A request of a connection needed to be forgiven something; `kind` is one of a short list. */
  lenient(connection: string, kind: string): void;
}

const quiet = (): void => {};

/** Counts nothing. */
export const UNMETERED: Meter = {
  effective: quiet,
  trip: quiet,
  older: quiet,
  usedByOthers: quiet,
  oldestLeaver: quiet,
  controller: quiet,
  pushed: quiet,
  answered: quiet,
  lenient: quiet,
};
