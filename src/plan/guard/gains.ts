import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, groupedInSteps, inSteps } from '../../access/inSteps.ts';
import { roleKey } from '../../access/role.ts';
import type { GrantStep, Step, UpdateRole } from '../step.ts';
import type { Ceiling } from './ceiling.ts';
import type { Court } from './court.ts';
import { fleetKey } from './history.ts';
import { administratorsOf, unitOf } from './holdings.ts';

/** Ceilings on gains: new administrators over the fleet, grants of one person and new roles on this controller. Repairs do not count. */
export function* holdGains(court: Court): Steps<void> {
  yield* holdAdministrators(court);
  yield* holdPerPerson(court);
  yield* holdRoles(court);
}

/** Somebody who becomes an administrator of this controller; `person` is the SCIM id, where it is known. */
interface NewAdministrator {
  readonly holder: string;
  readonly person?: string;
}

/** Who a step makes an administrator that was none before. */
export function* newAdministrators(court: Court): Steps<(step: Step) => readonly NewAdministrator[]> {
  const { plan } = court.input;
  const people = new Map<string, string>();
  yield* inSteps(plan.steps, (step) => {
    if (step.kind === 'grant' && step.person !== undefined) people.set(court.holder(step.principal), step.person);
  });
  // What falls at an id before somebody else gains there was not theirs.
  const removals = yield* filteredInSteps(plan.steps, ({ kind }) => kind === 'remove-entries');
  const theirs = removals.length === 0 ? undefined : yield* court.before().after(removals);
  let administrators: Set<string> | undefined;
  const fresh = (holder: string): NewAdministrator[] => {
    administrators ??= administratorsOf(theirs ?? court.before(), court.authority);
    const person = people.get(holder);
    return administrators.has(holder) ? [] : [person === undefined ? { holder } : { holder, person }];
  };
  return (step) => {
    if (step.kind === 'grant') return step.administrative ? fresh(court.holder(step.principal)) : [];
    if (step.kind !== 'update-role' || !becomesAdministrative(court, step)) return [];
    return [...(court.before().roles.get(roleKey(step.role))?.holders ?? [])].flatMap(fresh);
  };
}

export function becomesAdministrative({ authority }: Court, { role, before, administrative }: UpdateRole): boolean {
  return (
    (administrative || authority.administrative(role.permissions)) && !authority.administrative(before.permissions)
  );
}

/**
 * Whether a gain counts: also while another ceiling holds it, so that no ceiling depends on the others. What was ours, was
 * there when last read and was taken away by others is repaired, not gained.
 */
function isNew(court: Court, step: Step): boolean {
  if (court.approved(step) || court.refused(step)) return false;
  return step.cause !== 'drift' && court.heldBy(step)?.ceiling !== 'mode';
}

function* holdAdministrators(court: Court): Steps<void> {
  const { config, plan } = court.input;
  const limit = config.gains.administrators.count;
  const steps = yield* filteredInSteps(
    plan.steps,
    (step): step is GrantStep | UpdateRole =>
      isNew(court, step) && (step.kind === 'grant' || step.kind === 'update-role') && step.administrative,
  );
  if (steps.length === 0) return;
  const { applied, held } = court.history.newAdministrators;
  yield* court.look();
  const freshOf = yield* newAdministrators(court);
  const fresh = new Map<Step, readonly string[]>();
  yield* inSteps(steps, (step) => {
    const keys = freshOf(step).map(({ holder, person }) => fleetKey(plan.controller, holder, person));
    fresh.set(
      step,
      keys.filter((key) => !applied.has(key)),
    );
  });
  const all = new Set([...applied, ...held, ...[...fresh.values()].flat()]);
  if (all.size <= limit) return;
  yield* inSteps(fresh, ([step, keys]) => {
    if (keys.length > 0)
      court.hold(
        step,
        'gains.administrators',
        `${all.size} new administrators within the window; the ceiling is ${limit}`,
      );
  });
}

function* holdPerPerson(court: Court): Steps<void> {
  const limit = court.input.config.gains.grantsPerPerson;
  const grants = yield* filteredInSteps(
    court.input.plan.steps,
    (step): step is GrantStep =>
      step.kind === 'grant' && step.person !== undefined && !court.moves(step) && isNew(court, step),
  );
  yield* inSteps(yield* groupedInSteps(grants, ({ person }) => person!), ([person, steps]) => {
    const { applied, held } = court.history.gained(person);
    const fresh = steps.filter((step) => !applied.has(unitOfStep(court, step)));
    const all = new Set([...applied, ...held, ...fresh.map((step) => unitOfStep(court, step))]);
    if (all.size <= limit) return;
    for (const step of fresh)
      court.hold(
        step,
        'gains.grantsPerPerson',
        `${step.principal.id} would gain ${all.size} grants within the window; the ceiling is ${limit}`,
      );
  });
}

export function unitOfStep(court: Court, { role, principal }: Pick<GrantStep, 'role' | 'principal'>): string {
  return unitOf(roleKey(role), court.holder(principal));
}

function* holdRoles(court: Court): Steps<void> {
  const limit = court.input.config.gains.createRoles;
  const { applied, held } = court.history.createdRoles;
  const fresh = yield* filteredInSteps(
    court.input.plan.steps,
    (step) => step.kind === 'create-role' && isNew(court, step) && !applied.has(roleKey(step.role)),
  );
  const all = new Set([...applied, ...held, ...fresh.flatMap((step) => ('role' in step ? [roleKey(step.role)] : []))]);
  if (all.size <= limit) return;
  const ceiling: Ceiling = 'gains.createRoles';
  for (const step of fresh)
    court.hold(step, ceiling, `${all.size} new roles within the window; the ceiling is ${limit}`);
}
