import { refuse } from '../../errors.ts';
import type { Step } from '../../plan/step.ts';
import { forgetHeldEvents } from '../../sync/heldSteps.ts';
import type { HeldPlan } from '../engine.ts';
import type { Parts } from './parts.ts';

/** What waits for a person: one row per controller and digest, the oldest first. */
export async function heldPlans({ store }: Pick<Parts, 'store'>): Promise<HeldPlan[]> {
  const rows = await store.read((db) =>
    db
      .selectFrom('held')
      .select(['controller', 'digest', 'ceiling', 'state', ({ fn }) => fn.countAll<number>().as('steps')])
      .select(({ fn }) => [fn.min('since').as('since'), fn.min('reason').as('reason')])
      .where('state', 'in', ['held', 'rejected'])
      .groupBy(['controller', 'digest', 'ceiling', 'state'])
      .orderBy('since')
      .execute(),
  );
  return rows.map((row) => ({
    digest: row.digest,
    controller: row.controller,
    steps: Number(row.steps),
    ceiling: row.ceiling,
    reason: row.state === 'rejected' ? `rejected; ${row.reason}` : row.reason,
    since: row.since,
  }));
}

/** Says no: the steps stay undone until they are not wanted any more. @returns how many @throws ScimError PLAN_UNKNOWN */
export async function rejectHeld(
  { store, ledger, operator }: Pick<Parts, 'store' | 'ledger' | 'operator'>,
  digest: string,
): Promise<number> {
  return store.write(async (tx) => {
    const rows = await tx.db
      .selectFrom('held')
      .select(['controller', 'step_key', 'digest', 'step'])
      .where('state', '=', 'held')
      .where('digest', 'like', `${digest.replace(/[^0-9a-f]/g, '#')}%`)
      .execute();
    if (new Set(rows.map((row) => row.digest)).size !== 1) throw refuse('PLAN_UNKNOWN', { digest });
    const whole = rows[0]!.digest;
    await tx.db.updateTable('held').set({ state: 'rejected' }).where('digest', '=', whole).execute();
    for (const controller of new Set(rows.map((row) => row.controller))) {
      const own = rows.filter((row) => row.controller === controller);
      await forgetHeldEvents(
        tx.db,
        controller,
        own.map(({ step }) => (JSON.parse(step) as Step).person),
      );
      await ledger.record(tx, {
        kind: 'plan.rejected',
        actor: operator,
        subject: { kind: 'controller', id: controller },
        body: { digest: whole, steps: own.length },
      });
    }
    return rows.length;
  });
}

/** Takes a rejection back, because the same steps are to be released now. */
export async function reconsiderHeld({ store }: Pick<Parts, 'store'>, digest: string): Promise<void> {
  await store.write((tx) =>
    tx.db
      .updateTable('held')
      .set({ state: 'held' })
      .where('digest', '=', digest)
      .where('state', '=', 'rejected')
      .execute(),
  );
}
