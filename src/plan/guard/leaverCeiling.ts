import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, groupedInSteps, inSteps } from '../../access/inSteps.ts';
import type { Step } from '../step.ts';
import { type Ceiling, limitOf } from './ceiling.ts';
import { type Court, ofLeaver } from './court.ts';

/** Losing everybody is never ordinary where there were more than this many. */
export const WHOLE = 3;

/** Whether a connection that had so many people would have nobody left. */
export function isWhole(population: number, gone: number): boolean {
  return population > WHOLE && gone >= population;
}

/**
 * Leavers within the ceiling of their connection go, the others wait, each with all of their steps (semantics §5, ladder 3
 * and 4). Who left within the window already counts, on whichever controller; who is back does not, nor who was
 * rejected.
 */
export function* holdLeavers(court: Court): Steps<void> {
  const steps = yield* filteredInSteps(
    court.input.plan.steps,
    (step) => ofLeaver(step) && step.person !== undefined && !court.approved(step) && !court.refused(step),
  );
  const byConnection = yield* groupedInSteps(steps, ({ person }) => court.input.connections.get(person!) ?? '');
  for (const [connection, owed] of byConnection) {
    const waits = (step: Step): boolean => ABOVE.has(court.heldBy(step)?.ceiling ?? '');
    const waiting = new Set((yield* filteredInSteps(owed, waits)).map(({ person }) => person!));
    yield* holdConnection(court, connection, yield* filteredInSteps(owed, court.goes), waiting);
  }
}

const ABOVE: ReadonlySet<string> = new Set<Ceiling>(['losses.disableUsers', 'whole-connection']);

function* holdConnection(
  court: Court,
  connection: string,
  steps: readonly Step[],
  waiting: ReadonlySet<string>,
): Steps<void> {
  const { applied, held } = court.history.disabled(connection);
  const population = court.input.populations.people.get(connection) ?? 0;
  const were = court.input.populations.counted?.get(connection) ?? population;
  const limit = limitOf(court.input.config.losses.disableUsers, were);
  const byPerson = yield* groupedInSteps(steps, ({ person }) => person!);
  const people = new Set(byPerson.keys());
  const all = new Set([...applied, ...held, ...waiting, ...people]);
  const whole = isWhole(population, all.size);
  let spent = (yield* filteredInSteps(all, (person) => applied.has(person) || !people.has(person))).length;
  yield* inSteps(byPerson, ([person, owed]) => {
    if (applied.has(person)) return;
    if (whole) hold(court, owed, 'whole-connection', `all ${population} people that ${connection} had would be gone`);
    else if (spent < limit) spent++;
    else
      hold(
        court,
        owed,
        'losses.disableUsers',
        `${all.size} people of ${connection} left within the window; the ceiling is ${limit} of ${were}`,
      );
  });
}

function hold(court: Court, steps: readonly Step[], ceiling: Ceiling, why: string): void {
  for (const step of steps) court.hold(step, ceiling, why);
}
