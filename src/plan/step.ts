import type { LeaverStepKind, TakenAgain } from '../access/ports/controller.ts';
import type { Principal } from '../access/principal.ts';
import type { Reason } from '../access/reason.ts';
import type { RoleDefinition, RoleKey } from '../access/role.ts';

/** Why a step is there; for a loss, which row of semantics §2, or an edit of the policy. */
export type Cause =
  | 'gain'
  | 'leaver'
  | 'unentitled'
  | 'expired'
  | 'old-id'
  | 'policy'
  | 'drift'
  | 'cleanup'
  | 'older'
  | 'compromised';

interface Common {
  readonly reasons: readonly Reason[];
  readonly cause: Cause;
  /** SCIM id of the person it concerns, where it is about one. */
  readonly person?: string;
}

/** An entry of a role, as it stands. */
export interface Entry {
  readonly role: RoleKey;
  readonly principal: Principal;
}

export type CreateRole = Common & {
  readonly kind: 'create-role';
  readonly role: RoleDefinition;
  readonly administrative: boolean;
};
export type UpdateRole = Common & {
  readonly kind: 'update-role';
  readonly role: RoleDefinition;
  readonly before: RoleDefinition;
  readonly administrative: boolean;
};
export type DeleteRole = Common & {
  readonly kind: 'delete-role';
  readonly role: RoleKey;
  readonly before: RoleDefinition;
};
export type GrantStep = Common & {
  readonly kind: 'grant';
  readonly role: RoleKey;
  readonly principal: Principal;
  readonly administrative: boolean;
};
export type RevokeStep = Common & {
  readonly kind: 'revoke';
  readonly role: RoleKey;
  readonly principal: Principal;
  readonly administrative: boolean;
};
export type LeaverStep = Common & {
  readonly kind: LeaverStepKind;
  readonly person: string;
  readonly principal: Principal;
  /** Of `remove-entries`: what stands there now. */
  readonly entries?: readonly Entry[];
  /** Of `remove-entries`: one of the roles is administrative. */
  readonly administrative?: boolean;
  /** Of `second-cut`: what it takes once more, where that is not all of it. */
  readonly again?: readonly TakenAgain[];
  /** Of `remove-entries`: nothing but `entries` falls. Otherwise whatever folds to the id falls, what appears meanwhile too. */
  readonly exactly?: true;
};

/** One frozen step. Printer, guard and executor are separate readers of it. */
export type Step = CreateRole | UpdateRole | DeleteRole | GrantStep | RevokeStep | LeaverStep;

export type StepKind = Step['kind'];

/** A stable text key: what the step does to what, without values and reasons. */
export function stepKey(step: Step): string {
  const principal = 'principal' in step ? `\u0000${step.principal.type}\u0000${step.principal.id}` : '';
  const role = 'role' in step ? `\u0000${step.role.type}:${step.role.name}` : '';
  return `${step.kind}${role}${principal}`;
}

/** Whether the step is about what a person can act with, not about the strategy. */
export function isLeaverStep(step: Step): step is LeaverStep {
  return !('role' in step);
}
