import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, inSteps } from '../../access/inSteps.ts';
import { roleKey } from '../../access/role.ts';
import type { Desired } from '../desired.ts';
import type { GrantStep, UpdateRole } from '../step.ts';
import type { Court } from './court.ts';
import { newAdministrators } from './gains.ts';

/**
 * Holds what would make somebody an administrator by an older policy that was put back, unless the newest one makes them one, too
 * (security.md). Repairs go: who administers already gains nothing.
 */
export function* holdOlder(court: Court): Steps<void> {
  const { newest, plan } = court.input;
  if (newest === undefined) return;
  const steps = yield* filteredInSteps(
    plan.steps,
    (step): step is GrantStep | UpdateRole =>
      (step.kind === 'grant' || step.kind === 'update-role') &&
      step.administrative &&
      step.cause !== 'drift' &&
      court.goes(step) &&
      !court.approved(step),
  );
  if (steps.length === 0) return;
  const made = yield* administeredBy(court, newest);
  yield* court.look();
  const freshOf = yield* newAdministrators(court);
  yield* inSteps(steps, (step) => {
    if (freshOf(step).length === 0 || made(step)) return;
    court.hold(step, 'older-policy', 'an older policy was put back, and the newest one makes no administrator of them');
  });
}

/** Whether a policy makes administrators of the same people, or gives as much to the same role. */
function* administeredBy(court: Court, { roles, grants }: Newest): Steps<(step: GrantStep | UpdateRole) => boolean> {
  const { authority } = court;
  const standing = court.before().roles;
  const administrative = new Set<string>();
  for (const role of roles) {
    const key = roleKey(role);
    const { permissions } = role.existing ? (standing.get(key)?.definition ?? role) : role;
    if (authority.administrative(permissions)) administrative.add(key);
  }
  const people = new Set<string>();
  const accounts = new Set<string>();
  yield* inSteps(grants, ({ role, person, principal }) => {
    if (!administrative.has(roleKey(role))) return;
    if (person !== undefined) people.add(person);
    if (principal !== undefined) accounts.add(court.holder({ type: 'user', id: principal }));
  });
  return (step) => {
    if (step.kind === 'update-role') return administrative.has(roleKey(step.role));
    return step.person === undefined ? accounts.has(court.holder(step.principal)) : people.has(step.person);
  };
}

type Newest = Pick<Desired, 'roles' | 'grants'>;
