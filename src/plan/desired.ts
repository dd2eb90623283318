import type { Finding } from '../access/finding.ts';
import type { Reason } from '../access/reason.ts';
import type { RoleDefinition, RoleKey } from '../access/role.ts';

// What the planner needs of a policy's evaluation; `Evaluation` of src/policy satisfies it (test/plan/desired.test.ts).

/** A role instance that is wanted on the controller. */
export interface WantedRole extends RoleDefinition {
  readonly policyRole: string;
  readonly file: string;
  readonly line: number;
  /** Made by hand: assigned, never defined or created. */
  readonly existing: boolean;
  readonly administrative: boolean;
  readonly entries: 'additive' | 'exclusive';
  readonly renamedFrom?: string;
}

/** A role for a person (SCIM id), or for a Jenkins id that a `principal:` rule names. */
export interface WantedGrant {
  readonly role: RoleKey;
  readonly person?: string;
  readonly principal?: string;
  readonly reasons: readonly Reason[];
}

/** Everything wanted on one controller. */
export interface Desired {
  /** Digest of the policy. */
  readonly policy: string;
  readonly roles: readonly WantedRole[];
  readonly grants: readonly WantedGrant[];
  /** Neither gain nor lose (semantics §10). */
  readonly blocked: readonly RoleKey[];
  /** `rule\u0000person` pairs that have ended (semantics §6). */
  readonly expired: readonly string[];
  /** Kept where held, never new (semantics §5). */
  readonly frozen: readonly WantedGrant[];
  /** What goes along, where held, with somebody who is called otherwise: `frozen`, and what only a deleted group gave. */
  readonly following?: readonly WantedGrant[];
  readonly findings: readonly Finding[];
}
