import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, inSteps } from '../../access/inSteps.ts';
import { foldId } from '../../access/principal.ts';
import { roleKey } from '../../access/role.ts';
import { narrows } from '../redefinition.ts';
import { isLeaverStep, type Step } from '../step.ts';
import { GOES } from './always.ts';
import type { Court } from './court.ts';
import { lostUnits } from './holdings.ts';
import { lossesOf } from './losses.ts';

/** A grant waits with the creation of its role, or with a redefinition that would take something out of the role first. */
export function* holdWhatNeedsRoles(court: Court): Steps<void> {
  const { plan, mode } = court.input;
  const { steps } = plan;
  const wide = new Set(mode === 'add-only' ? [] : plan.wide.map(roleKey));
  const waiting = new Map<string, string>();
  yield* inSteps(steps, (step) => {
    const held = court.heldBy(step);
    if (held === undefined) return;
    if (step.kind === 'create-role') waiting.set(roleKey(step.role), 'is not there yet');
    // Where the mode leaves a role as wide as it is, it is meant to be given all the same.
    else if (step.kind === 'update-role' && held.ceiling !== 'mode' && (narrows(step) || wide.has(roleKey(step.role))))
      waiting.set(roleKey(step.role), 'still gives more than it should');
  });
  if (waiting.size === 0) return;
  yield* inSteps(steps, (step) => {
    const why = step.kind === 'grant' ? waiting.get(roleKey(step.role)) : undefined;
    if (step.kind === 'grant' && why !== undefined) court.hold(step, 'needs', `the role ${step.role.name} ${why}`);
  });
}

/**
 * Nobody loses by a move whose other half is held: what a held gain would have matched waits for it. A role is narrowed all the same where
 * that goes for half of those who lose by it at most: a few who are to gain elsewhere must not keep it wide for everybody. What a
 * compromised credential gave is no half of a move: whoever had it could ask for more, and keep it.
 */
export function* holdHalves(court: Court): Steps<void> {
  const { steps } = court.input.plan;
  const heldGains = yield* filteredInSteps(
    steps,
    (step) => !court.goes(step) && (step.kind === 'grant' || step.kind === 'update-role'),
  );
  if (heldGains.length === 0) return;
  const gaining = new Set(heldGains.flatMap((step) => (step.person === undefined ? [] : [step.person])));
  yield* inSteps(steps, (step) => {
    if (step.cause !== 'old-id' || !gaining.has(step.person ?? '') || court.approved(step)) return;
    if (!isHandedOn(court, step)) court.hold(step, 'needs', 'what the new id is to gain is held');
  });
  const { units } = yield* lossesOf(court);
  if (![...units.values()].some((lost) => lost.length > 0)) return;
  const all = yield* court.before().after(steps);
  const lostAnyway = yield* lostUnits(court.before(), all, court.authority);
  yield* inSteps(units, ([step, lost]) => {
    const waits = !GOES.has(step.cause) && !isHandedOn(court, step);
    const matched = lost.filter((unit) => !lostAnyway.has(unit)).length;
    if (waits && 2 * matched > lost.length) court.hold(step, 'needs', 'what makes up for it is held');
  });
}

/** Whether what one person owes at an id is about an id that another one has by now: whoever can act with it acts as that one. */
function isHandedOn({ input }: Court, step: Step): boolean {
  if (!isLeaverStep(step)) return false;
  const owner = input.owners?.get(foldId(step.principal.id, input.capabilities.userIds));
  return owner?.state === 'current' && owner.person !== step.person;
}

/**
 * Nobody gains at an id where the one before them is not cut off, and is not about to be: whoever can act with what they had there acts as
 * the new owner (semantics §1).
 */
export function* holdAtUncut(court: Court): Steps<void> {
  const { plan, uncut = [], freed = [], capabilities } = court.input;
  const fold = (step: Step & { principal: { id: string } }): string => foldId(step.principal.id, capabilities.userIds);
  const waiting = new Map<string, Set<string>>();
  const given = new Set(freed.map(({ person, foldedId }) => `${person} ${foldedId}`));
  const going = new Set<string>();
  yield* inSteps(plan.steps, (step) => {
    if (!isLeaverStep(step) || step.cause === 'unentitled') return;
    const key = `${step.person} ${fold(step)}`;
    if (court.goes(step)) going.add(key);
    else if (!given.has(key)) waits(fold(step), step.person);
  });
  for (const { person, foldedId } of uncut) if (!going.has(`${person} ${foldedId}`)) waits(foldedId, person);
  if (waiting.size === 0) return;
  yield* inSteps(plan.steps, (step) => {
    if (step.kind !== 'grant' || step.principal.type === 'group' || court.approved(step)) return;
    const before = waiting.get(fold(step)) ?? [];
    if ([...before].some((person) => person !== step.person))
      court.hold(step, 'needs', `who had ${step.principal.id} before is not cut off there`);
  });

  function waits(foldedId: string, person: string): void {
    waiting.set(foldedId, (waiting.get(foldedId) ?? new Set()).add(person));
  }
}

/** A role is not deleted while something in it is held; sessions of somebody who keeps a grant are not ended. */
export function* holdWhatFollows(court: Court): Steps<void> {
  const { steps } = court.input.plan;
  const kept = new Set<string>();
  const people = new Set<string>();
  yield* inSteps(steps, (step) => {
    if (court.goes(step)) return;
    if (step.kind === 'remove-entries') for (const { role } of step.entries ?? []) kept.add(roleKey(role));
    if (step.kind !== 'revoke') return;
    kept.add(roleKey(step.role));
    if (step.person !== undefined) people.add(step.person);
  });
  if (kept.size === 0) return;
  yield* inSteps(steps, (step) => {
    if (step.kind === 'delete-role' && kept.has(roleKey(step.role)))
      court.hold(step, 'needs', `entries of ${step.role.name} are held`);
    else if (isEnding(step) && people.has(step.person ?? ''))
      court.hold(step, 'needs', 'the grants of this person are held');
  });
}

function isEnding(step: Step): boolean {
  return step.cause === 'unentitled' && !('role' in step);
}
