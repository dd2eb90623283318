import type { Finding } from '../access/finding.ts';
import type { Principal } from '../access/principal.ts';
import type { Reason } from '../access/reason.ts';
import type { RoleKey } from '../access/role.ts';
import type { Mode } from '../config/schema.ts';
import type { GuardEvent } from './guard/event.ts';
import type { Entry, Step } from './step.ts';

/** An entry the service is answerable for (semantics §3), or one it found. */
export interface OwnedEntry {
  readonly role: RoleKey;
  readonly principal: Principal;
  /** SCIM id of the person it was made for. */
  readonly person?: string;
  /** The last reasons known; they tell what ended when it falls. */
  readonly reasons?: readonly Reason[];
  /**
   * Whether it was there when it was last read, and is not since we removed it: `false` makes its return drift, `true` makes
   * its absence drift, which is repaired past the ceilings on gains.
   */
  readonly present?: boolean;
  /** Whether anything carried it when it was last looked at, were it only that a group is gone: whom nothing carries it for now loses by that. */
  readonly carried?: boolean;
  /** It came of what a compromised credential did: it falls though it is wanted, and what is wanted then is a gain. */
  readonly compromised?: true;
}

/** What the service owns on a controller. Only grows until `disown`. */
export interface Ownership {
  readonly entries: readonly OwnedEntry[];
  /** Roles it created or adopted; `emptySince` (ms) is when a role was first seen without entries. */
  readonly roles: readonly { readonly role: RoleKey; readonly emptySince?: number }[];
}

/** A role a step is about, as it was read: digest of its definition (not of its entries), or that it must not exist. */
export interface TouchedRole {
  readonly role: RoleKey;
  readonly digest: string | 'absent';
  /** As it is wanted, else as it is; for people. */
  readonly pattern: string;
}

/** Somebody with a Jenkins id. */
export interface NamedPerson {
  readonly person: string;
  readonly connection: string;
  readonly id: string;
  readonly foldedId: string;
}

/** Desired minus observed for one controller. Frozen; order is the order of execution. */
export interface Plan {
  readonly controller: string;
  readonly mode: Mode;
  /** Digest of the policy it was made from. */
  readonly policy: string;
  readonly steps: readonly Step[];
  readonly touched: readonly TouchedRole[];
  /** Desired entries that were there already and are not owned: satisfied, not removed until `adopt`. */
  readonly matched: readonly OwnedEntry[];
  /** Desired entries that were there already in a role the service created, and ours that are there again: to be stored as owned. */
  readonly owned: readonly OwnedEntry[];
  /** Entries nobody asked for and the service does not own: reported, never touched. */
  readonly unmanaged: readonly OwnedEntry[];
  /** Such entries at ids of leavers and in `exclusive` roles: what is to fall by a step of this plan, unless that is held or left out. */
  readonly falling: readonly Entry[];
  /** Protected entries in roles that a step redefines. */
  readonly spared: readonly Entry[];
  /** Roles of ours that have no entries now and did before, and the other way round, for `emptySince`. */
  readonly empty: readonly RoleKey[];
  /** Roles that give more than they should, and of which only what is added is planned. */
  readonly wide: readonly RoleKey[];
  /** Active people who lose their last grant here by this plan: they owe sessions now and tokens after the grace. */
  readonly unentitled: readonly NamedPerson[];
  readonly findings: readonly Finding[];
}

/** A step that waits, with the ceiling or rule that holds it. */
export interface Held {
  readonly step: Step;
  /** e.g. `losses.revokeGrants`, `whole-group`, `last-administrator`, `mode`. */
  readonly ceiling: string;
  readonly reason: string;
}

/** What the guard makes of a plan: every step is in one of the two lists, in the order of the plan. */
export interface Verdict {
  readonly go: readonly Step[];
  readonly held: readonly Held[];
  /** To be stored with the intents: what counts against ceilings from now on and is not in the history yet. */
  readonly events: readonly GuardEvent[];
  readonly findings: readonly Finding[];
}
