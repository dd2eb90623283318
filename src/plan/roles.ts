import type { Finding } from '../access/finding.ts';
import type { Reason } from '../access/reason.ts';
import { type RoleDefinition, type RoleKey, roleKey } from '../access/role.ts';
import type { WantedRole } from './desired.ts';
import { stepDigest } from './digest.ts';
import { roleFinding } from './findings.ts';
import { added, sameDefinition } from './redefinition.ts';
import type { Scene } from './scene.ts';
import type { CreateRole, DeleteRole, UpdateRole } from './step.ts';

/** A role is deleted when it has had no entries for this long, in milliseconds (semantics §3). */
const EMPTY_BEFORE_DELETION = 86_400_000;

export interface RolePlan {
  readonly create: readonly CreateRole[];
  readonly update: readonly UpdateRole[];
  /** Roles that may gain entries, by `roleKey`. */
  readonly open: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Creations and redefinitions of roles that are wanted; of a partial plan only those in `needed`. */
export function rolePlan(scene: Scene, needed: ReadonlySet<string>): RolePlan {
  const create: CreateRole[] = [];
  const update: UpdateRole[] = [];
  const open = new Set<string>();
  const findings: Finding[] = [];
  for (const [key, wanted] of scene.wanted) {
    if (scene.blocked.has(key) || (!scene.whole && !needed.has(key))) continue;
    const observed = scene.observed.get(key);
    const problem = problemOf(scene, wanted, observed, scene.ownedRoles.has(key));
    if (problem !== undefined) {
      findings.push(problem);
      continue;
    }
    open.add(key);
    if (wanted.existing) continue;
    const role = definitionOf(wanted);
    const common = { role, reasons: [placeOf(scene, wanted)] };
    const administrative = wanted.administrative || scene.authority.administrative(wanted.permissions);
    const cause = scene.ownedRoles.has(key) ? 'drift' : 'gain';
    if (observed === undefined) create.push({ kind: 'create-role', ...common, administrative, cause });
    else if (!sameDefinition(role, observed)) {
      const before = definitionOf(observed);
      update.push(firstOf(scene, { kind: 'update-role', ...common, before, administrative, cause: 'policy' }));
    }
  }
  return { create, update, open, findings };
}

/** What an edit adds, where that goes alone, or was said yes or no to alone, in whichever mode; otherwise all of it. */
function firstOf({ input: { adding, decided } }: Scene, whole: UpdateRole): UpdateRole {
  const role = added(whole.role, whole.before);
  if (role === undefined) return whole;
  const first = { ...whole, role };
  if (decided?.has(stepDigest(first)) === true) return first;
  return adding === true && decided?.has(stepDigest(whole)) !== true ? first : whole;
}

function problemOf(
  scene: Scene,
  wanted: WantedRole,
  observed: RoleDefinition | undefined,
  owned: boolean,
): Finding | undefined {
  if (scene.protection.role(wanted))
    return roleFinding(
      'role.protected',
      'info',
      wanted,
      `The policy wants the role ${wanted.name}, which is protected: nothing is changed there.`,
      'Take it out of `protect.roles`, or out of the policy.',
    );
  if (wanted.existing)
    return observed !== undefined
      ? undefined
      : roleFinding(
          'role.existing-absent',
          'error',
          wanted,
          `The policy assigns the existing role ${wanted.name}, and there is none of that name and type.`,
          'Make the role on Jenkins, or define it in the policy.',
        );
  if (observed === undefined || owned) return undefined;
  const same = sameDefinition(wanted, observed);
  return roleFinding(
    'role.not-ours',
    'warning',
    wanted,
    `A role ${wanted.name} made by hand stands where the policy wants one${same ? '' : ', with other permissions or another pattern'}: it is neither redefined nor given to anybody.`,
    'Take it over by `jenkins-scim adopt --role NAME`, rename it, or write `existing:` in the policy.',
  );
}

interface Leftovers {
  readonly remove: readonly DeleteRole[];
  /** Roles of ours without entries now. */
  readonly empty: readonly RoleKey[];
  readonly findings: readonly Finding[];
}

/**
 * Roles of ours that nobody wants any more (whole plans only): deleted once empty for a day; the old name of a renamed one at
 * once, if this plan leaves nothing in it.
 * @param falling how many entries of a role the plan takes away, by `roleKey`
 */
export function leftovers(scene: Scene, falling: ReadonlyMap<string, number>): Leftovers {
  const { input } = scene;
  const renamed = new Map(
    input.desired.roles.flatMap((role) =>
      role.renamedFrom === undefined ? [] : [[roleKey({ type: role.type, name: role.renamedFrom }), role] as const],
    ),
  );
  const remove: DeleteRole[] = [];
  const empty: RoleKey[] = [];
  const findings: Finding[] = [];
  for (const [key, observed] of scene.observed) {
    const role: RoleKey = { type: observed.type, name: observed.name };
    const owned = scene.ownedRoles.has(key);
    const successor = renamed.get(key);
    if (!owned && successor !== undefined && !scene.wanted.has(key))
      findings.push(
        roleFinding(
          'role.renamed-not-ours',
          'warning',
          role,
          `The policy renames ${role.name} to ${successor.name}, but ${role.name} was made by hand and stays.`,
          'Take it over by `jenkins-scim adopt --role NAME` before the change.',
        ),
      );
    if (!owned) continue;
    if (observed.entries.length === 0) empty.push(role);
    if (scene.wanted.has(key) || scene.blocked.has(key) || scene.protection.role(role)) continue;
    const since = scene.ownedRoles.get(key);
    const remaining = observed.entries.length - (falling.get(key) ?? 0);
    const emptyForLong =
      observed.entries.length === 0 && since !== undefined && input.now - since >= EMPTY_BEFORE_DELETION;
    if (emptyForLong || (successor !== undefined && remaining === 0)) {
      const reasons = successor === undefined ? [] : [placeOf(scene, successor)];
      remove.push({ kind: 'delete-role', role, before: definitionOf(observed), reasons, cause: 'cleanup' });
      continue;
    }
    const why =
      remaining > 0
        ? `${remaining} ${remaining === 1 ? 'entry is' : 'entries are'} not ours`
        : 'it is deleted after a day without entries';
    findings.push(
      roleFinding(
        'role.leftover',
        'info',
        role,
        `The policy does not want the role ${role.name} any more; ${why}.`,
        remaining > 0 ? 'Remove those entries by hand, or let the role be ours no more by `disown`.' : 'Nothing to do.',
      ),
    );
  }
  return { remove, empty, findings };
}

/** A definition alone, sorted. */
export function definitionOf({ type, name, pattern, permissions, template }: RoleDefinition): RoleDefinition {
  const sorted = [...new Set(permissions)].sort();
  return { type, name, pattern, permissions: sorted, ...(template ? { template } : {}) };
}

/** Where the policy defines the role, as a reason. */
export function placeOf(scene: Scene, { policyRole, file, line }: WantedRole): Reason {
  return { rule: `roles.${policyRole}`, file, line, policy: scene.input.desired.policy };
}
