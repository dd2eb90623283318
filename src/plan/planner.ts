import { roleKey } from '../access/role.ts';
import { definitionDigest } from './digest.ts';
import { type EntryPlan, entryPlan } from './entries.ts';
import { frozen } from './frozen.ts';
import type { PlanInput } from './input.ts';
import { leaverPlan } from './leavers.ts';
import type { Plan, TouchedRole } from './plan.ts';
import { widens } from './redefinition.ts';
import { leftovers, rolePlan } from './roles.ts';
import { type Scene, sceneOf } from './scene.ts';
import { type Step, stepKey } from './step.ts';
import { targetsOf } from './targets.ts';

/**
 * Desired minus observed for one controller (semantics §2, §3, §6): frozen steps in the order of execution, which is leavers,
 * what expired, gains, other losses. Pure; the order of anything in the input is irrelevant. Nothing that is protected, blocked
 * or not ours is touched, but for entries at the id of somebody who left and for `exclusive` roles.
 */
export function makePlan(input: PlanInput): Plan {
  const scene = sceneOf(input);
  const targets = targetsOf(scene);
  const leavers = leaverPlan(scene, targets);
  const roles = rolePlan(scene, new Set([...targets.wanted.values()].map(({ role }) => roleKey(role))));
  const entries = entryPlan(scene, targets, roles, leavers.handled);
  const rest = scene.whole
    ? leftovers(scene, falling(entries, [...leavers.first, ...leavers.last]))
    : { remove: [], empty: [], findings: [] };
  const steps: Step[] = [
    ...leavers.first,
    ...sorted(entries.revokes.filter(({ cause }) => cause === 'expired')),
    ...sorted(roles.create),
    ...sorted(roles.update.filter(widens)),
    ...sorted(entries.grants),
    ...sorted(roles.update.filter((step) => !widens(step))),
    ...sorted(entries.revokes.filter(({ cause }) => cause !== 'expired')),
    ...leavers.last,
    ...sorted(rest.remove),
  ];
  const { controller, desired, identities } = input;
  const open = new Set(input.debts.filter(({ cause }) => cause === 'unentitled').map(({ person }) => person));
  return frozen<Plan>({
    controller: controller.name,
    mode: controller.mode,
    policy: desired.policy,
    steps,
    touched: touchedRoles(scene, steps),
    matched: entries.matched,
    owned: entries.owned,
    unmanaged: entries.unmanaged,
    empty: rest.empty,
    unentitled: entries.unentitled.filter(({ person }) => !open.has(person)),
    findings: [
      ...desired.findings,
      ...identities.findings,
      ...targets.findings,
      ...leavers.findings,
      ...roles.findings,
      ...entries.findings,
      ...rest.findings,
    ],
  });
}

function sorted<T extends Step>(steps: readonly T[]): T[] {
  return steps
    .map((step) => [stepKey(step), step] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, step]) => step);
}

/** How many entries of each role fall. */
function falling({ revokes }: EntryPlan, leaverSteps: readonly Step[]): Map<string, number> {
  const counts = new Map<string, number>();
  const removed = leaverSteps.flatMap((step) => ('entries' in step ? (step.entries ?? []) : []));
  for (const { role } of [...revokes, ...removed]) counts.set(roleKey(role), (counts.get(roleKey(role)) ?? 0) + 1);
  return counts;
}

function touchedRoles(scene: Scene, steps: readonly Step[]): TouchedRole[] {
  const keys = new Map(steps.flatMap((step) => ('role' in step ? [[roleKey(step.role), step.role] as const] : [])));
  return [...keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { type, name }]) => {
      const observed = scene.observed.get(key);
      const pattern = (scene.wanted.get(key) ?? observed)?.pattern ?? '';
      return { role: { type, name }, pattern, digest: observed === undefined ? 'absent' : definitionDigest(observed) };
    });
}
