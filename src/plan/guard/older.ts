import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, inSteps } from '../../access/inSteps.ts';
import { roleKey } from '../../access/role.ts';
import type { GrantStep, UpdateRole } from '../step.ts';
import type { Court } from './court.ts';
import { newAdministrators } from './gains.ts';
import type { Newest } from './input.ts';

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
  const administered = yield* administeredBy(court, newest);
  yield* court.look();
  const freshOf = yield* newAdministrators(court);
  yield* inSteps(steps, (step) => {
    if (freshOf(step).every(({ holder }) => administered.has(holder))) return;
    court.hold(step, 'older-policy', 'an older policy was put back, and the newest one makes no administrator of them');
  });
}

/** Whom a policy makes an administrator, as `court.holder` names them. */
function* administeredBy(court: Court, { roles, grants, idOf }: Newest): Steps<ReadonlySet<string>> {
  const { authority } = court;
  const standing = court.before().roles;
  const administrative = new Set<string>();
  for (const role of roles) {
    const key = roleKey(role);
    const { permissions } = role.existing ? (standing.get(key)?.definition ?? role) : role;
    if (authority.administrative(permissions)) administrative.add(key);
  }
  const holders = new Set<string>();
  yield* inSteps(grants, ({ role, person, principal }) => {
    const id = person === undefined ? principal : idOf(person);
    if (id !== undefined && administrative.has(roleKey(role))) holders.add(court.holder({ type: 'user', id }));
  });
  return holders;
}
