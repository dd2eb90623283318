import type { LeaverStepKind } from '../access/ports/controller.ts';
import type { Principal } from '../access/principal.ts';
import type { Reason } from '../access/reason.ts';
import type { RoleDefinition, RoleKey } from '../access/role.ts';

interface Common {
  readonly reasons: readonly Reason[];
  /** Why a loss happens: which row of semantics §2, or an edit of the policy. */
  readonly cause: 'gain' | 'leaver' | 'unentitled' | 'expired' | 'old-id' | 'policy' | 'drift' | 'cleanup';
  /** SCIM id of the person it concerns, where it is about one. */
  readonly person?: string;
}

/** One frozen step. Printer, guard and executor are separate readers of it. */
export type Step =
  | (Common & { readonly kind: 'create-role'; readonly role: RoleDefinition; readonly administrative: boolean })
  | (Common & {
      readonly kind: 'update-role';
      readonly role: RoleDefinition;
      readonly before: RoleDefinition;
      readonly administrative: boolean;
    })
  | (Common & { readonly kind: 'delete-role'; readonly role: RoleKey; readonly before: RoleDefinition })
  | (Common & {
      readonly kind: 'grant';
      readonly role: RoleKey;
      readonly principal: Principal;
      readonly administrative: boolean;
    })
  | (Common & {
      readonly kind: 'revoke';
      readonly role: RoleKey;
      readonly principal: Principal;
      readonly administrative: boolean;
    })
  | (Common & { readonly kind: LeaverStepKind; readonly principal: Principal });

export type StepKind = Step['kind'];

/** A stable text key: what the step does to what, without reasons. */
export function stepKey(step: Step): string {
  const principal = 'principal' in step ? `\u0000${step.principal.type}\u0000${step.principal.id}` : '';
  const role = 'role' in step ? `\u0000${step.role.type}:${step.role.name}` : '';
  return `${step.kind}${role}${principal}`;
}
