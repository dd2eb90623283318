/** What happened, for the ledger. `personal` values are stored apart, erasable; `body` holds keyed digests of them. */
export interface LedgerEvent {
  /** e.g. `scim.user.deactivated`, `plan.applied`, `leaver.complete`. */
  readonly kind: string;
  /** Id from push to controller call. */
  readonly request?: string;
  /** Credential or operator that caused it. */
  readonly actor?: string;
  readonly subject?: {
    readonly kind: 'user' | 'group' | 'controller' | 'credential' | 'policy' | 'configuration';
    readonly id: string;
  };
  readonly body: Readonly<Record<string, unknown>>;
  readonly personal?: Readonly<Record<string, string>>;
}

/** Records inside the writer's transaction, so that what happened and its record are durable together. */
export interface Recorder<Tx> {
  record(tx: Tx, event: LedgerEvent): Promise<void>;
}

/** The same for many at once, in their order: one round trip for all of them. */
export interface Records<Tx> extends Recorder<Tx> {
  recordAll(tx: Tx, events: readonly LedgerEvent[]): Promise<void>;
}
