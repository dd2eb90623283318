import type { StorePort } from '../../access/ports/store.ts';
import type { HeldProbe } from '../../doctor/probes.ts';
import { refuse } from '../../errors.ts';
import { heldUntil } from '../../plan/guard/ceiling.ts';
import { digestCalled, whyHeld } from '../../plan/guard/group.ts';
import type { Step } from '../../plan/step.ts';
import type { HeldTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { forgetHeldEvents } from '../../sync/held/heldSteps.ts';
import { about, NAMED } from '../../sync/pass/decided.ts';
import type { HeldPlan } from '../answers.ts';
import type { Parts } from './parts.ts';

/** What waits for a person: one row per controller and digest, the oldest first. */
export async function heldPlans({ store }: Pick<Parts, 'store'>): Promise<HeldPlan[]> {
  const rows = await store.read((db) =>
    db
      .selectFrom('held')
      .select(['controller', 'digest', 'ceiling', 'state', 'reason'])
      .select(({ fn }) => [fn.min('since').as('since'), fn.countAll<number>().as('steps')])
      .where('state', 'in', ['held', 'rejected'])
      .groupBy(['controller', 'digest', 'ceiling', 'state', 'reason'])
      .orderBy('since')
      .orderBy('reason')
      .execute(),
  );
  const groups = Map.groupBy(rows, ({ controller, digest, state }) => JSON.stringify([controller, digest, state]));
  return [...groups.values()].map((group) => {
    const [{ digest, controller, ceiling, since, state }] = group as [(typeof rows)[number]];
    const why = whyHeld(group.map(({ reason }) => reason));
    return {
      ...{ digest, controller, ceiling, since },
      steps: group.reduce((sum, row) => sum + Number(row.steps), 0),
      ...(state === 'rejected' ? { reason: `rejected; ${why}`, rejected: true } : { reason: why }),
    };
  });
}

/** How many steps of each controller are held and were not rejected, by what lets them through. */
export async function heldByWay({ store }: { readonly store: StorePort<Tables> }): Promise<HeldProbe[]> {
  const rows = await store.read((db) =>
    db
      .selectFrom('held')
      .select(['controller', 'ceiling', ({ fn }) => fn.countAll<number>().as('steps')])
      .where('state', '=', 'held')
      .groupBy(['controller', 'ceiling'])
      .orderBy('controller')
      .execute(),
  );
  const found = new Map<string, HeldProbe>();
  for (const { controller, ceiling, steps } of rows) {
    const until = heldUntil(ceiling);
    const key = JSON.stringify([controller, until]);
    found.set(key, { controller, until, steps: Number(steps) + (found.get(key)?.steps ?? 0) });
  }
  return [...found.values()];
}

/** What is stored under the digest that begins so, in any of these states. @throws ScimError PLAN_UNKNOWN */
export async function heldUnder(
  { store }: Pick<Parts, 'store'>,
  beginning: string,
  states: readonly HeldTable['state'][] = ['held', 'rejected', 'released'],
): Promise<{ readonly digest: string; readonly rows: readonly HeldTable[] }> {
  return store.read(async (db) => {
    const some = await db.selectFrom('held').select('digest').distinct().where('state', 'in', states).execute();
    const digest = digestCalled(
      beginning,
      some.map((row) => row.digest),
    );
    const rows = db.selectFrom('held').selectAll().where('digest', '=', digest).where('state', 'in', states);
    return { digest, rows: await rows.execute() };
  });
}

/** Says no: the steps stay undone until they are not wanted any more. @returns how many @throws ScimError PLAN_UNKNOWN */
export async function rejectHeld(
  { store, ledger, operator }: Pick<Parts, 'store' | 'ledger' | 'operator'>,
  beginning: string,
): Promise<number> {
  const { digest } = await heldUnder({ store }, beginning, ['held']);
  return store.write(async (tx) => {
    const held = tx.db.selectFrom('held').select(['controller', 'step_key', 'step']).where('digest', '=', digest);
    const rows = await held.where('state', '=', 'held').execute();
    if (rows.length === 0) throw refuse('PLAN_UNKNOWN', { digest });
    const waiting = tx.db.updateTable('held').where('digest', '=', digest).where('state', '=', 'held');
    await waiting.set({ state: 'rejected' }).execute();
    for (const controller of new Set(rows.map((row) => row.controller))) {
      const own = rows.filter((row) => row.controller === controller);
      await forgetHeldEvents(
        tx.db,
        controller,
        own.map((row) => stepIn(row).person),
      );
      // The records name each step: by them alone a rejection counts.
      for (let at = 0; at < own.length; at += NAMED) {
        const part = own.slice(at, at + NAMED);
        await ledger.record(tx, {
          kind: 'plan.rejected',
          actor: operator,
          subject: { kind: 'controller', id: controller },
          body: { digest, ...about(part.map(stepIn)), keys: part.map(({ step_key }) => step_key) },
        });
      }
    }
    return rows.length;
  });
}

function stepIn({ step }: Pick<HeldTable, 'step'>): Step {
  return JSON.parse(step) as Step;
}
