import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, inSteps } from '../../access/inSteps.ts';
import { roleKey } from '../../access/role.ts';
import type { Step } from '../step.ts';
import { waitsForRelease } from './ceiling.ts';
import { type Court, ofLeaver } from './court.ts';
import type { GuardEvent } from './event.ts';
import { newAdministrators, unitOfStep } from './gains.ts';
import { lossesOf } from './losses.ts';

/**
 * What counts from now on: of what goes and of what waits for a release, unless the history says so already. What an operator
 * released is not by itself and does not count; what was rejected does not either.
 */
export function* eventsOf(court: Court): Steps<GuardEvent[]> {
  const { plan, now } = court.input;
  const steps = yield* filteredInSteps(
    plan.steps,
    (step) => !court.approved(step) && !court.refused(step) && stateOf(court, step) !== undefined,
  );
  const held = yield* filteredInSteps(steps, (step) => stateOf(court, step) === 'held');
  const { units, administrators } = yield* lossesOf(court, held);
  const fresh = steps.some((step) => 'administrative' in step && step.administrative)
    ? yield* newAdministrators(court)
    : () => [];
  const found = new Map<string, GuardEvent>();
  yield* inSteps(steps, (step) => {
    const state = stateOf(court, step)!;
    const administrative = 'administrative' in step && step.administrative;
    const add = (kind: GuardEvent['kind'], key: string, person: string | undefined, connection?: string): void => {
      const event: GuardEvent = {
        at: now,
        controller: plan.controller,
        kind,
        key,
        administrative: administrative || kind.startsWith('administrator'),
        state,
        ...(person === undefined ? {} : { person }),
        ...(connection === undefined ? {} : { connection }),
      };
      const name = `${kind}\u0000${key}`;
      if (!court.history.says(event) && found.get(name)?.state !== 'applied') found.set(name, event);
    };
    if (ofLeaver(step) && step.person !== undefined)
      add('disabled', step.person, step.person, court.input.connections.get(step.person) ?? '');
    if (court.renames(step)) add('renamed', step.person, step.person, court.input.connections.get(step.person) ?? '');
    if (step.cause !== 'drift') {
      if (step.kind === 'grant' && !court.moves(step)) add('grant-gained', unitOfStep(court, step), step.person);
      if (step.kind === 'create-role') add('role-created', roleKey(step.role), undefined);
      for (const { holder, person } of fresh(step)) add('administrator-gained', holder, person);
    }
    if (counts(step)) for (const unit of units.get(step) ?? []) add('grant-lost', unit, step.person);
    for (const holder of administrators.get(step) ?? []) add('administrator-lost', holder, step.person);
  });
  return [...found.values()];
}

function stateOf(court: Court, step: Step): GuardEvent['state'] | undefined {
  const held = court.heldBy(step);
  if (held === undefined) return 'applied';
  return waitsForRelease(held.ceiling) ? 'held' : undefined;
}

/** Leavers count as people, expiries and old ids not at all. */
function counts({ cause }: Step): boolean {
  return cause !== 'leaver' && cause !== 'expired' && cause !== 'old-id';
}
