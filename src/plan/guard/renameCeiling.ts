import type { Steps } from '../../access/breather.ts';
import { filteredInSteps, groupedInSteps, inSteps } from '../../access/inSteps.ts';
import { limitOf } from './ceiling.ts';
import type { Court } from './court.ts';

/**
 * The ceiling on people of one connection who are called otherwise on this controller: what their new ids gain goes, and what the former
 * ones lose waits above it, as a whole; half of a mapping is worse than none. Whoever was counted within the window goes on.
 */
export function* holdRenames(court: Court): Steps<void> {
  const { plan, connections, config, populations } = court.input;
  const steps = yield* filteredInSteps(
    plan.steps,
    (step) => court.renames(step) && court.goes(step) && !court.approved(step),
  );
  const byConnection = yield* groupedInSteps(steps, ({ person }) => connections.get(person!) ?? '');
  for (const [connection, given] of byConnection) {
    const { applied, held } = court.history.renamed(connection);
    const all = new Set([...applied, ...held, ...given.map(({ person }) => person!)]).size;
    const were = populations.counted?.get(connection) ?? populations.people.get(connection) ?? 0;
    const limit = limitOf(config.losses.renameUsers, were);
    if (all <= limit) continue;
    const why = `more people of ${connection} are called otherwise within the window than the ceiling lets through, which is ${limit} of ${were}`;
    yield* inSteps(given, (step) => {
      if (!applied.has(step.person!)) court.hold(step, 'losses.renameUsers', why);
    });
  }
}
