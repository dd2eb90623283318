import { digest } from '../../access/canonical.ts';
import type { Finding } from '../../access/finding.ts';
import type { PermissionInfo } from '../../access/ports/controller.ts';
import type { Principal } from '../../access/principal.ts';
import type { Reason } from '../../access/reason.ts';
import { type RoleKey, roleKey } from '../../access/role.ts';
import type { Mode } from '../../config/schema.ts';
import { digestOf, stepDigest } from '../digest.ts';
import type { Held, OwnedEntry, Plan, Verdict } from '../plan.ts';
import type { Cause, Step, StepKind } from '../step.ts';
import { scopeText } from './scope.ts';

/** One controller as it is shown: its plan with what the guard made of it, or why it could not be read; both where it was read in part. */
export interface ControllerView {
  readonly name: string;
  readonly mode: Mode;
  readonly plan?: Plan;
  readonly verdict?: Pick<Verdict, 'go' | 'held' | 'findings'>;
  readonly error?: string;
  /** For titles of permissions. */
  readonly permissions?: readonly PermissionInfo[];
}

/** A step as scripts read it. */
export interface StepDocument {
  readonly kind: StepKind;
  readonly cause: Cause;
  /** `stepDigest`: what the step does to what, with its before-values. */
  readonly key: string;
  readonly role?: string;
  readonly roleType?: RoleKey['type'];
  readonly scope?: string;
  readonly principal?: Principal;
  /** SCIM id. */
  readonly person?: string;
  readonly administrative?: boolean;
  /** Ids; of a created or redefined role. */
  readonly permissions?: readonly string[];
  readonly before?: { readonly scope: string; readonly permissions: readonly string[] };
  readonly entries?: readonly {
    readonly role: string;
    readonly roleType: RoleKey['type'];
    readonly principal: Principal;
  }[];
  readonly reasons: readonly Reason[];
}

interface EntryDocument {
  readonly role: string;
  readonly roleType: RoleKey['type'];
  readonly principal: Principal;
}

export interface ControllerDocument {
  readonly name: string;
  readonly mode: Mode;
  readonly policy?: string;
  readonly digest?: string;
  readonly steps: readonly StepDocument[];
  readonly quarantined: readonly (StepDocument & { readonly ceiling: string; readonly reason: string })[];
  readonly matched: readonly EntryDocument[];
  readonly unmanaged: readonly EntryDocument[];
  readonly findings: readonly Finding[];
  /** Definitions the steps rest on; `apply FILE` compares them. */
  readonly roles: readonly { readonly role: string; readonly roleType: RoleKey['type']; readonly digest: string }[];
  readonly unread: boolean;
  readonly error?: string;
}

/** The plan of `--json` and of `plan --out` (interfaces.md). */
export interface PlanDocument {
  readonly digest: string;
  readonly controllers: readonly ControllerDocument[];
}

/** The document of all controllers, by name; equal plans give equal documents. */
export function planDocument(views: readonly ControllerView[]): PlanDocument {
  const controllers = views.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(controllerDocument);
  return { digest: digest(controllers.map((item) => [item.name, item.policy, item.digest])), controllers };
}

function controllerDocument({ name, mode, plan, verdict, error }: ControllerView): ControllerDocument {
  if (plan === undefined) {
    const nothing = { steps: [], quarantined: [], matched: [], unmanaged: [], findings: [], roles: [] };
    return { name, mode, ...nothing, unread: true, ...(error === undefined ? {} : { error }) };
  }
  const patterns = patternsOf(plan);
  return {
    name,
    mode,
    policy: plan.policy,
    digest: digestOf(plan.steps),
    steps: (verdict?.go ?? plan.steps).map((step) => stepDocument(patterns, step)),
    quarantined: (verdict?.held ?? []).map((held) => heldDocument(patterns, held)),
    matched: plan.matched.map(entryDocument),
    unmanaged: plan.unmanaged.map(entryDocument),
    findings: [...plan.findings, ...(verdict?.findings ?? [])],
    roles: plan.touched.map(({ role, digest: found }) => ({ role: role.name, roleType: role.type, digest: found })),
    unread: error !== undefined,
    ...(error === undefined ? {} : { error }),
  };
}

function heldDocument(patterns: Patterns, { step, ceiling, reason }: Held): ControllerDocument['quarantined'][number] {
  return { ...stepDocument(patterns, step), ceiling, reason };
}

/** Patterns of roles by `roleKey`, for their scope. */
export type Patterns = ReadonlyMap<string, string>;

export function patternsOf({ touched }: Pick<Plan, 'touched'>): Patterns {
  return new Map(touched.map(({ role, pattern }) => [roleKey(role), pattern]));
}

/** One step as scripts read it. */
export function stepDocument(patterns: Patterns, step: Step): StepDocument {
  const { kind, cause, person, reasons } = step;
  return {
    kind,
    cause,
    key: stepDigest(step),
    ...('role' in step
      ? {
          role: step.role.name,
          roleType: step.role.type,
          ...scopeOf(patterns, step),
        }
      : {}),
    ...('principal' in step ? { principal: step.principal } : {}),
    ...(person === undefined ? {} : { person }),
    ...('administrative' in step && step.administrative !== undefined ? { administrative: step.administrative } : {}),
    ...(kind === 'create-role' || kind === 'update-role' ? { permissions: step.role.permissions } : {}),
    ...('before' in step ? { before: { scope: scopeText(step.before), permissions: step.before.permissions } } : {}),
    ...('entries' in step && step.entries !== undefined ? { entries: step.entries.map(entryDocument) } : {}),
    reasons,
  };
}

/** Nothing where the pattern is not known: a held step is stored without it. */
function scopeOf(patterns: Patterns, step: Extract<Step, { role: RoleKey }>): { readonly scope?: string } {
  const { type } = step.role;
  const pattern =
    step.kind === 'create-role' || step.kind === 'update-role' ? step.role.pattern : patterns.get(roleKey(step.role));
  return pattern === undefined && type !== 'global' ? {} : { scope: scopeText({ type, pattern: pattern ?? '' }) };
}

function entryDocument({ role, principal }: Pick<OwnedEntry, 'role' | 'principal'>): EntryDocument {
  return { role: role.name, roleType: role.type, principal };
}

/** A plan of nothing but these steps, to show what is stored (`quarantine show`). */
export function shownPlan(controller: string, mode: Mode, steps: readonly Step[]): Plan {
  const nothing = {
    touched: [],
    matched: [],
    owned: [],
    unmanaged: [],
    spared: [],
    falling: [],
    empty: [],
    wide: [],
    unentitled: [],
    findings: [],
  };
  return { controller, mode, policy: '', steps, ...nothing };
}
