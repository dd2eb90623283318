/** What a database server is like, beyond what refuses it (STORE_SERVER). */
export interface ServerState {
  /** As the server says it, e.g. `18.4`. */
  readonly version: string;
  /** What the role or the database has it set to; transactions of the service turn it on. */
  readonly synchronousCommit: string;
  readonly fullPageWrites: boolean;
  /** The role may change what a record says, or remove records. */
  readonly mayRewriteLedger: boolean;
  /** Whether a hint that was sent came back; a pooler in transaction mode lets none through. */
  readonly hints: boolean;
  /** Milliseconds since the epoch by its clock, and by ours when its answer was there. */
  readonly time: number;
  readonly readAt: number;
}
