import type { Transaction } from '../../access/ports/store.ts';
import type { Tables } from '../../store/tables.ts';
import { LET_GO } from '../leavers/certificate.ts';
import { goneSince } from '../leavers/goneSince.ts';
import { leaversWithId } from '../leavers/leaversWithId.ts';
import { NOTHING_DONE, putDebts } from '../leavers/newDebts.ts';
import { operatorOf } from '../pass/outcome.ts';
import type { SyncContext } from '../state/context.ts';
import { partsOf } from '../state/parts.ts';
import { inOneTurn } from '../state/reading.ts';
import { orderedLeavers } from '../state/stored.ts';
import { disown } from './adoption.ts';

/**
 * Lets go of a whole controller: what is owned there, what leavers owe there, also those whom it never looked at, which nobody tries any
 * more, and what waits for a release there, which nothing could carry out. Who owes stands in the ledger; who leaves later has nothing to
 * do with it. @returns how many entries and roles were let go
 */
export async function detach(context: SyncContext, controller: string): Promise<number> {
  const count = await disown(context, controller, undefined);
  await context.store.write(async (tx) => {
    const unseen = await oweUnseen(tx, controller, context.clock.now());
    const owed = await tx.db
      .updateTable('debts')
      .set({ state: 'cancelled', error: LET_GO })
      .where('controller', '=', controller)
      .where('state', 'in', ['open', 'held'])
      .returning('person')
      .execute();
    const older = await tx.db.deleteFrom('new_links').where('controller', '=', controller).executeTakeFirst();
    const held = await tx.db.deleteFrom('held').where('controller', '=', controller).executeTakeFirst();
    await tx.db.deleteFrom('guard_events').where('controller', '=', controller).where('state', '=', 'held').execute();
    // As one that never worked: nobody who leaves from now on is looked for there.
    await tx.db.updateTable('controllers').set({ mode: null }).where('name', '=', controller).execute();
    const people = [...new Set([...unseen, ...owed.map(({ person }) => person)])].sort();
    await context.recorder.record(tx, {
      kind: 'controller.detached',
      actor: operatorOf(context),
      subject: { kind: 'controller', id: controller },
      body: {
        ...{ owned: count, owing: people.length },
        ...{ older: Number(older.numDeletedRows), held: Number(held.numDeletedRows) },
      },
    });
    if (people.length === 0) return;
    await context.recorder.record(tx, {
      kind: 'leaver.let-go',
      actor: operatorOf(context),
      subject: { kind: 'controller', id: controller },
      body: { people: people.length, named: people.slice(0, 1_000) },
    });
  });
  return count;
}

/** Stores what those owe who left and whom the controller has not looked at since. @returns their SCIM ids */
async function oweUnseen({ db }: Transaction<Tables>, controller: string, now: number): Promise<readonly string[]> {
  const leavers = await leaversWithId(db, controller, 'all', await orderedLeavers(db), inOneTurn);
  const since = await goneSince(
    db,
    leavers.map(({ person }) => person),
  );
  const debts = leavers.map(({ folded_id, id, person, connection }) => ({
    ...{ ...NOTHING_DONE, controller, folded_id, id, person, connection, request: null, due_ms: now },
    ...{ cause: 'leaver' as const, state: 'open' as const },
    received_at: since.get(person) ?? new Date(now).toISOString(),
  }));
  for (const part of partsOf(debts)) await putDebts(db, part);
  return leavers.map(({ person }) => person);
}
