import type { Observed } from '../../access/ports/controller.ts';
import { isLeaverStep, type Step } from '../../plan/step.ts';
import type { SyncContext } from '../state/context.ts';
import { type Work, writeInParts } from '../state/parts.ts';
import { closeIntents } from './intents.ts';
import { whoOrdered } from './orderedBy.ts';
import { outcomeWorks, type Settled } from './outcome.ts';
import { isVerified, rolesByKey } from './runs.ts';

/**
 * Settles what was intended and never answered, after a crash, a time-out or a take-over: what stands there now is judged
 * step by step (semantics §4). What people can act with is not judged here: those steps are owed until a cut proves them. What was to
 * become of roles is judged when these can be read.
 * @returns how many intents were settled
 */
export async function settleIntents(context: SyncContext, controller: string, observed: Observed): Promise<number> {
  const open = await context.store.read((db) =>
    db
      .selectFrom('intents')
      .selectAll()
      .where('controller', '=', controller)
      .where('state', 'in', ['open', 'unknown'])
      .execute(),
  );
  const judged = observed.unread === undefined ? open : open.filter(({ kind }) => kind === 'cut');
  if (judged.length === 0) return 0;
  const roles = rolesByKey(observed);
  const now = context.clock.now();
  const works = judged.flatMap((row): Work[] => {
    if (row.kind === 'cut')
      return [{ rows: 1, run: ({ db }) => closeIntents(db, [row], 'failed', now, 'owed until a cut proves it') }];
    const steps = (JSON.parse(row.steps) as Step[]).filter((step) => !isLeaverStep(step));
    const settled = steps.map((step): Settled => ({ step, verified: isVerified(step, roles) }));
    const rows = [{ id: row.id, steps }];
    const actor = whoOrdered(row, context.markOrder) ?? 'sync';
    return outcomeWorks(context, { controller, actor, rows, settled, detail: 'settled by reading' });
  });
  await writeInParts(context.store, works);
  return judged.length;
}
