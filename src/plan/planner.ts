import { inOneTurn, type Steps } from '../access/breather.ts';
import { flatInSteps, inSteps, sortedInSteps } from '../access/inSteps.ts';
import { type RoleKey, roleKey } from '../access/role.ts';
import { definitionDigest } from './digest.ts';
import { type EntryPlan, entrySteps } from './entries.ts';
import { eachOnce } from './findings.ts';
import { frozenSteps } from './frozen.ts';
import type { PlanInput } from './input.ts';
import { type LeaverPlan, leaverSteps } from './leavers.ts';
import type { Plan, TouchedRole } from './plan.ts';
import { widens } from './redefinition.ts';
import { leftovers, rolePlan } from './roles.ts';
import { entryKey, type Scene, sceneSteps } from './scene.ts';
import { type Entry, type RevokeStep, type Step, stepKey } from './step.ts';
import { targetSteps } from './targets.ts';

/**
 * Desired minus observed for one controller (semantics §2, §3, §6): frozen steps in the order of execution, which is leavers,
 * what expired or came of a compromised credential, gains, other losses. Pure; the order of anything in the input is irrelevant.
 * Nothing that is protected, blocked or not ours is touched, but for entries at the id of somebody who left and for `exclusive` roles.
 */
export function makePlan(input: PlanInput): Plan {
  return inOneTurn(planSteps(input));
}

/** The same in steps, for very many people. */
export function* planSteps(input: PlanInput): Steps<Plan> {
  const scene = yield* sceneSteps(input);
  const targets = yield* targetSteps(scene);
  const leavers = yield* leaverSteps(scene, targets);
  if (input.observed.unread !== undefined) return yield* frozenSteps<Plan>(withoutRoles(input, leavers));
  const needed = new Set<string>();
  yield* inSteps(targets.wanted.values(), ({ role }) => {
    needed.add(roleKey(role));
  });
  const roles = rolePlan(scene, needed);
  const entries = yield* entrySteps(scene, targets, roles, leavers);
  const rest = scene.whole
    ? leftovers(scene, yield* falling(entries, [...leavers.first, ...leavers.last]))
    : { remove: [], empty: [], findings: [] };
  const steps: Step[] = [
    ...leavers.first,
    ...(yield* sorted(entries.revokes.filter(goesFirst))),
    ...(yield* sorted(roles.create)),
    ...(yield* sorted(roles.update.filter(widens))),
    ...(yield* sorted(entries.grants)),
    ...(yield* sorted(roles.update.filter((step) => !widens(step)))),
    ...(yield* sorted(entries.revokes.filter((step) => !goesFirst(step)))),
    ...leavers.last,
    ...(yield* sorted(rest.remove)),
  ];
  const { controller, desired, identities } = input;
  const open = new Set<string>();
  yield* inSteps(input.debts, ({ cause, person }) => {
    if (cause === 'unentitled') open.add(person);
  });
  return yield* frozenSteps<Plan>({
    controller: controller.name,
    mode: controller.mode,
    policy: desired.policy,
    steps,
    touched: yield* touchedRoles(scene, steps),
    matched: entries.matched,
    owned: entries.owned,
    unmanaged: entries.unmanaged,
    falling: entries.falling,
    spared: entries.spared,
    empty: rest.empty,
    wide: roles.wide,
    unentitled: entries.unentitled.filter(({ person }) => !open.has(person)),
    findings: eachOnce([
      ...desired.findings,
      ...identities.findings,
      ...targets.findings,
      ...leavers.findings,
      ...roles.findings,
      ...entries.findings,
      ...rest.findings,
    ]),
  });
}

/** Where roles cannot be read: what people can act with, and nothing of what they hold. */
function withoutRoles({ controller, desired, identities }: PlanInput, { first, last, findings }: LeaverPlan): Plan {
  return {
    ...{ controller: controller.name, mode: controller.mode, policy: desired.policy, steps: [...first, ...last] },
    ...{ touched: [], matched: [], owned: [], unmanaged: [], falling: [], spared: [], empty: [], wide: [] },
    ...{ unentitled: [], findings: eachOnce([...desired.findings, ...identities.findings, ...findings]) },
  };
}

/** What nobody should have any more goes before what others gain. */
const goesFirst = ({ cause }: RevokeStep): boolean => cause === 'expired' || cause === 'compromised';

function* sorted<T extends Step>(steps: readonly T[]): Steps<T[]> {
  const keyed = yield* flatInSteps(steps, (step) => [[stepKey(step), step] as const]);
  const inOrder = yield* sortedInSteps(keyed, ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return inOrder.map(([, step]) => step);
}

/** How many entries of each role fall. Several who left one id take the same along. */
function* falling({ revokes }: EntryPlan, ofLeavers: readonly Step[]): Steps<Map<string, number>> {
  const counts = new Map<string, number>();
  const removed = yield* flatInSteps(ofLeavers, (step) => ('entries' in step ? (step.entries ?? []) : []));
  const counted = new Set<string>();
  for (const fallen of [revokes, removed])
    yield* inSteps<Entry>(fallen, ({ role, principal }) => {
      if (counted.size === counted.add(entryKey(role, principal)).size) return;
      counts.set(roleKey(role), (counts.get(roleKey(role)) ?? 0) + 1);
    });
  return counts;
}

function* touchedRoles(scene: Scene, steps: readonly Step[]): Steps<TouchedRole[]> {
  const keys = new Map<string, RoleKey>();
  yield* inSteps(steps, (step) => {
    if ('role' in step) keys.set(roleKey(step.role), step.role);
  });
  return [...keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { type, name }]) => {
      const observed = scene.observed.get(key);
      const wanted = scene.wanted.get(key);
      const pattern = (wanted === undefined || wanted.existing ? observed : wanted)?.pattern ?? '';
      return { role: { type, name }, pattern, digest: observed === undefined ? 'absent' : definitionDigest(observed) };
    });
}
