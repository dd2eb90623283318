import type { Steps } from '../../access/breather.ts';
import { filteredInSteps } from '../../access/inSteps.ts';
import { roleKey } from '../../access/role.ts';
import type { Step } from '../step.ts';
import type { Court } from './court.ts';
import type { Holdings } from './holdings.ts';
import { isLoss } from './mode.ts';

/**
 * Somebody other than the service who is known to work must keep Administer; the step that would end that is held, and only
 * that step (semantics §5, ladder 2). Steps are looked at one after another, as they would be done.
 */
export function* holdLastAdministrator(court: Court): Steps<void> {
  const { input } = court;
  const ending = yield* filteredInSteps(input.plan.steps, (step) => isLoss(step) && mayEndAdminister(court, step));
  if (ending.length === 0) return;
  const concerned = yield* filteredInSteps(
    input.plan.steps,
    (step) =>
      court.goes(step) &&
      ('role' in step || step.kind === 'remove-entries') &&
      (mayEndAdminister(court, step) || mayGiveAdminister(step)),
  );
  const holder = (id: string): string => court.holder({ type: 'user', id });
  const working = new Set(input.workingAdministrators.map(holder));
  working.delete(holder(input.service));
  let holdings = court.before();
  for (const [at, step] of concerned.entries()) {
    if (at > 0) yield;
    const next = yield* holdings.after([step]);
    const now = administer(court, holdings);
    const then = administer(court, next);
    const takes = isLoss(step) && [...now].some((one) => !then.has(one));
    if (takes && ![...working].some((one) => then.has(one)))
      court.hold(step, 'last-administrator', 'nobody else who is known to work would be left to administer Jenkins');
    else holdings = next;
  }
}

function mayEndAdminister(court: Court, step: Step): boolean {
  const has = (key: string): boolean => {
    const role = court.before().roles.get(key);
    return role !== undefined && court.authority.administers(role.definition);
  };
  if (step.kind === 'remove-entries') return (step.entries ?? []).some(({ role }) => has(roleKey(role)));
  return 'role' in step && has(roleKey(step.role));
}

function mayGiveAdminister(step: Step): boolean {
  return 'administrative' in step && step.administrative;
}

function administer({ authority }: Court, { roles }: Holdings): Set<string> {
  const found = new Set<string>();
  for (const { definition, holders } of roles.values())
    if (authority.administers(definition)) for (const holder of holders) found.add(holder);
  return found;
}
