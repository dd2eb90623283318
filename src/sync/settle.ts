import type { Observed } from '../access/ports/controller.ts';
import { isLeaverStep, type Step } from '../plan/step.ts';
import type { SyncContext } from './context.ts';
import { closeIntent, type Settled, storeBatch } from './outcome.ts';
import { isVerified, rolesByKey } from './runs.ts';

/**
 * Settles what was intended and never answered, after a crash, a time-out or a take-over: what stands there now is judged
 * step by step (semantics §4). What people can act with is not judged here: those steps are owed until a cut proves them.
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
  if (open.length === 0) return 0;
  const roles = rolesByKey(observed);
  await context.store.write(async (tx) => {
    for (const row of open) {
      const steps = JSON.parse(row.steps) as Step[];
      const settled = steps
        .filter((step) => !isLeaverStep(step))
        .map((step): Settled => ({ step, verified: isVerified(step, roles) }));
      if (row.kind === 'batch') await storeBatch(context, tx, controller, row.id, settled, 'settled by reading');
      else await closeIntent(tx.db, row.id, 'failed', context.clock.now(), 'owed until a cut proves it');
    }
  });
  return open.length;
}
