import type { Finding } from '../access/finding.ts';
import type { Principal } from '../access/principal.ts';
import type { RoleKey } from '../access/role.ts';
import type { Mode } from '../config/schema.ts';
import type { Step } from './step.ts';

/** An entry the service is answerable for (semantics §3). */
export interface OwnedEntry {
  readonly role: RoleKey;
  readonly principal: Principal;
}

/** What the service owns on a controller. Only grows until `disown`. */
export interface Ownership {
  readonly entries: readonly OwnedEntry[];
  /** Roles it created or adopted; `emptySince` (ms) is when a role was first seen without entries. */
  readonly roles: readonly { readonly role: RoleKey; readonly emptySince?: number }[];
}

/** Desired minus observed for one controller. Frozen; order is the order of execution. */
export interface Plan {
  readonly controller: string;
  readonly mode: Mode;
  /** SHA-256 over the sorted steps with their before-values, without reasons (semantics §5). */
  readonly digest: string;
  readonly steps: readonly Step[];
  /** Desired entries that were there already and are not owned: satisfied, not removed until `adopt`. */
  readonly matched: readonly OwnedEntry[];
  /** Entries nobody asked for and the service does not own: reported, never touched. */
  readonly unmanaged: readonly OwnedEntry[];
  readonly findings: readonly Finding[];
}

/** A step that waits, with the ceiling or rule that holds it. */
export interface Held {
  readonly step: Step;
  /** e.g. `losses.revokeGrants`, `whole-group`, `last-administrator`, `mode`. */
  readonly ceiling: string;
  readonly reason: string;
}

/** What the guard makes of a plan. */
export interface Verdict {
  readonly go: readonly Step[];
  readonly held: readonly Held[];
}
