import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, flatInSteps, inSteps } from '../../access/inSteps.ts';
import { roleKey } from '../../access/role.ts';
import type { Step } from '../step.ts';
import { limitOf } from './ceiling.ts';
import type { Court } from './court.ts';
import { administratorsOf, type Holdings, lostUnits } from './holdings.ts';
import { isLoss } from './mode.ts';

/** What a plan takes away, by effect: what somebody gains elsewhere in it is not lost. */
interface Losses {
  /** Units by step: roles whose holder has less afterwards. */
  readonly units: ReadonlyMap<Step, readonly string[]>;
  /** Holders who cease to be administrators, by step. */
  readonly administrators: ReadonlyMap<Step, readonly string[]>;
}

/** The effect of the steps that go and of `also`, told apart by step. */
export function* lossesOf(court: Court, also: readonly Step[] = []): Steps<Losses> {
  const counted = new Set(also);
  const steps = yield* filteredInSteps(court.input.plan.steps, (step) => court.goes(step) || counted.has(step));
  const losing = yield* filteredInSteps(steps, (step) => isLoss(step) && takesRoles(step));
  if (losing.length === 0) return { units: new Map(), administrators: new Map() };
  const before = yield* court.look();
  const after = yield* before.after(steps);
  const lost = yield* lostUnits(before, after, court.authority);
  const remaining = losing.some((step) => touchesAdministration(court, step))
    ? administratorsOf(after, court.authority)
    : undefined;
  const names = remaining === undefined ? new Map<string, string>() : yield* namesNow(court, losing);
  const units = new Map<Step, string[]>();
  const administrators = new Map<Step, string[]>();
  yield* inSteps(losing, (step) => {
    const touched = touchedBy(before, step);
    units.set(
      step,
      touched.filter(({ unit }) => lost.has(unit)).map(({ unit }) => unit),
    );
    const now = step.cause === 'old-id' ? names.get(step.person ?? '') : undefined;
    const gone = touched.filter(
      ({ role, holder }) =>
        remaining !== undefined &&
        !remaining.has(now ?? holder) &&
        court.authority.administrative(before.roles.get(role)?.definition.permissions ?? []),
    );
    administrators.set(step, [...new Set(gone.map(({ holder }) => holder))]);
  });
  return { units, administrators };
}

/** What people are called now who gave an id up, as holders: an administrator who is one by the new id ceases to be none. */
function* namesNow({ input, holder }: Court, steps: readonly Step[]): Steps<Map<string, string>> {
  const people = new Set<string>();
  yield* inSteps(steps, ({ cause, person }) => {
    if (cause === 'old-id' && person !== undefined) people.add(person);
  });
  const found = new Map<string, string>();
  if (people.size === 0) return found;
  yield* inSteps(input.owners ?? [], ([id, { person, state }]) => {
    if (state === 'current' && people.has(person)) found.set(person, holder({ type: 'user', id }));
  });
  return found;
}

/** Ceilings on losses of grants and of administrators; leavers, expiries and old ids are not held by them (semantics §5). */
export function* holdLosses(court: Court): Steps<void> {
  const { plan, populations, config } = court.input;
  const heldLosses = yield* filteredInSteps(plan.steps, (step) => isHeldLoss(court, step));
  const { units, administrators } = yield* lossesOf(court, heldLosses);
  const decided = (step: Step): boolean => court.approved(step) || court.refused(step);
  const counted = yield* filteredInSteps(plan.steps, (step) => isOrdinary(step) && !decided(step));
  const ordinary = yield* filteredInSteps(counted, court.goes);

  const limit = limitOf(config.losses.revokeGrants, populations.grants);
  const lost = union(court.history.lostGrants, yield* flatInSteps(counted, (step) => units.get(step) ?? []));
  if (lost > limit)
    yield* inSteps(ordinary, (step) => {
      if ((units.get(step) ?? []).length > 0)
        court.hold(
          step,
          'losses.revokeGrants',
          `${lost} grants lost within the window; the ceiling is ${limit} of ${populations.grants}`,
        );
    });

  const most = config.losses.revokeAdministrators.count;
  const fallen = yield* flatInSteps(plan.steps, (step) =>
    court.approved(step) ? [] : (administrators.get(step) ?? []),
  );
  const demoted = union(court.history.lostAdministrators, fallen);
  if (demoted > most)
    yield* inSteps(ordinary, (step) => {
      if ((administrators.get(step) ?? []).length > 0)
        court.hold(
          step,
          'losses.revokeAdministrators',
          `${demoted} administrators lost within the window; the ceiling is ${most}`,
        );
    });
}

function isOrdinary(step: Step): boolean {
  return step.cause !== 'leaver' && step.cause !== 'expired' && step.cause !== 'old-id';
}

/** Held by a rule that counts what waits: anything but the mode and a person's no. */
function isHeldLoss(court: Court, step: Step): boolean {
  const held = court.heldBy(step);
  return held !== undefined && held.ceiling !== 'mode' && !court.refused(step) && isLoss(step);
}

function takesRoles({ kind }: Step): boolean {
  return kind === 'revoke' || kind === 'update-role' || kind === 'delete-role' || kind === 'remove-entries';
}

function touchesAdministration({ authority }: Court, step: Step): boolean {
  if (step.kind === 'revoke') return step.administrative;
  return !('before' in step) || authority.administrative(step.before.permissions);
}

interface Touched {
  readonly role: string;
  readonly holder: string;
  readonly unit: string;
}

function touchedBy(before: Holdings, step: Step): Touched[] {
  const touch = (role: string, holder: string): Touched => ({ role, holder, unit: `${role}\u0000${holder}` });
  if (step.kind === 'revoke') return [touch(roleKey(step.role), before.holder(step.principal))];
  if (step.kind === 'remove-entries')
    return (step.entries ?? []).map(({ role, principal }) => touch(roleKey(role), before.holder(principal)));
  if (!('role' in step)) return [];
  const key = roleKey(step.role);
  return [...(before.roles.get(key)?.holders ?? [])].map((holder) => touch(key, holder));
}

function union(known: ReadonlySet<string>, more: readonly string[]): number {
  return new Set([...known, ...more]).size;
}
