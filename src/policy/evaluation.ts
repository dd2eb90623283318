import type { Finding } from '../access/finding.ts';
import type { PermissionInfo } from '../access/ports/controller.ts';
import type { Reason } from '../access/reason.ts';
import type { RoleDefinition, RoleKey } from '../access/role.ts';
import type { Binding } from './facts.ts';

/** The controller a policy is evaluated for. */
export interface PolicyTarget {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Live catalogue; absent where no controller is at hand (lint, preview): permissions are then taken as titles. */
  readonly catalogue?: readonly PermissionInfo[];
}

/** A role instance the policy wants on this controller. */
export interface DesiredRole extends RoleDefinition {
  /** Name of the role in the policy file, with file and line. */
  readonly policyRole: string;
  readonly file: string;
  readonly line: number;
  /** `existing:` roles are assigned, never defined or created. */
  readonly existing: boolean;
  /** Decided by the permissions it has when planned, implied ones included. For `existing:` roles the planner decides. */
  readonly administrative: boolean;
  readonly entries: 'additive' | 'exclusive';
  /** Where it reaches, in a few words: `global`, `folder pay`, `folder pay itself`, `item role made by hand`. */
  readonly scope: string;
  readonly renamedFrom?: string;
  /** `parents: read` gives Read on ancestors by a companion role. */
  readonly companionOf?: RoleKey;
}

/** A role instance that may neither gain nor lose on this controller, e.g. for an unknown permission (semantics §10). */
export interface BlockedRole extends RoleKey {
  /** Of the finding that says why. */
  readonly code: string;
}

/** A grant of one role instance to a person (by SCIM id) or to a Jenkins id named by a `principal:` rule. */
export interface DesiredGrant {
  readonly role: RoleKey;
  readonly person?: string;
  readonly principal?: string;
  readonly reasons: readonly Reason[];
}

/** A rule that did not give somebody something, and what was missing; for `explain`. */
export interface WhyNot {
  readonly rule: string;
  /** Name of the role in the policy file. */
  readonly role: string;
  /** e.g. `membership of group "ci-pay-dev"`, `not being in "contractors"`, `active`. */
  readonly missing: string;
  /** Name of the group, where one is missing. */
  readonly group?: string;
}

export interface Evaluation {
  readonly policy: string;
  readonly roles: readonly DesiredRole[];
  readonly grants: readonly DesiredGrant[];
  readonly blocked: readonly BlockedRole[];
  /** Names met for the first time, and bindings whose state has changed: to be stored, the newest one wins. */
  readonly bind: readonly Binding[];
  /** All `rule\u0000person` pairs of these people whose `until` has passed, stored or not yet: to be stored as expired. */
  readonly expired: readonly string[];
  /** Grants that only a frozen (deleted) group or a missing `unless` group would give anew: kept where held, never new. */
  readonly frozen: readonly DesiredGrant[];
  /** What a frozen group or a missing `unless` group would give beside what gives it now: of the same grants, the other reasons. */
  readonly beside: readonly DesiredGrant[];
  readonly findings: readonly Finding[];
}
