/** What counts against a ceiling. */
export const GUARD_EVENT_KINDS = [
  /** A person left (key: SCIM id). */
  'disabled',
  /** An id of a person on the controller, who is called otherwise now, began to be cut off, or waits for that (key: SCIM id). */
  'renamed',
  /** A principal lost something of a role, or got all of it back (key: `unitOf`). */
  'grant-lost',
  'grant-gained',
  /** Somebody became or ceased to be an administrator of the controller (key: `holderOf`). */
  'administrator-gained',
  'administrator-lost',
  /** key: role. */
  'role-created',
] as const;

export type GuardEventKind = (typeof GUARD_EVENT_KINDS)[number];

/** One stored fact of the rolling windows (semantics §5): ceilings count what was applied and what is held. */
export interface GuardEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly controller: string;
  /** Of `disabled` and `renamed`: the person's connection. */
  readonly connection?: string;
  readonly kind: GuardEventKind;
  readonly key: string;
  readonly person?: string;
  readonly administrative: boolean;
  readonly state: 'applied' | 'held';
}
