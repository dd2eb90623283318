import type { ExpressionBuilder } from 'kysely';
import type { Controller } from '../access/ports/controller.ts';
import type { StorePort } from '../access/ports/store.ts';
import type { ControllerConfig } from '../config/schema.ts';
import type { DebtsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import type { SyncContext } from './context.ts';
import { cameBack } from './leaverOutcome.ts';

type Store = StorePort<Tables>;

/** No retry of a leaver lies further ahead: one that does was put off by a clock that has gone back since. */
const FURTHEST_MS = 300_000;

/** People whose debt is open, was begun before, and is due again now. One that has not begun comes with its mark. */
export async function dueDebts(store: Store, controller: string, now: number): Promise<string[]> {
  const rows = await store.read((db) =>
    db
      .selectFrom('debts')
      .select('person')
      .where('controller', '=', controller)
      .where('state', '=', 'open')
      .where(isDue(now))
      .orderBy('received_at')
      .limit(200)
      .execute(),
  );
  return [...new Set(rows.map(({ person }) => person))];
}

/** When the next open debt is due; Infinity where there is none. */
export async function nextDebtDue(store: Store, controller: string): Promise<number> {
  const row = await store.read((db) =>
    db
      .selectFrom('debts')
      .select(({ fn }) => fn.min('due_ms').as('due'))
      .where('controller', '=', controller)
      .where('state', '=', 'open')
      .executeTakeFirst(),
  );
  return row?.due ?? Infinity;
}

/** What was due, was looked at and is still open is looked at again later, so that the loop never turns on it. */
export async function postponeDue(store: Store, controller: string, now: number): Promise<void> {
  await store.write(async ({ db }) => {
    await db
      .updateTable('debts')
      .set(({ eb }) => ({ attempts: eb('attempts', '+', 1), due_ms: now + 5_000 }))
      .where('controller', '=', controller)
      .where('state', '=', 'open')
      .where(isDue(now))
      .execute();
  });
}

function isDue(now: number) {
  return ({ and, eb, or }: ExpressionBuilder<Tables, 'debts'>) =>
    or([eb('due_ms', '<=', now), and([eb('cause', '=', 'leaver'), eb('due_ms', '>', now + FURTHEST_MS)])]);
}

const ASKED_AT_ONCE = 200;

/** Asks about everybody who left and is done, or is done since; whoever can act again owes again (semantics §2). */
export async function reproveLeavers(
  context: SyncContext,
  config: ControllerConfig,
  controller: Controller,
  since?: number,
): Promise<number> {
  if (config.mode !== 'enforce') return 0;
  const done = await context.store.read((db) => leftAndDone(db, config.name, since));
  let reopened = 0;
  for (let at = 0; at < done.length; at += ASKED_AT_ONCE) {
    const part = done.slice(at, at + ASKED_AT_ONCE);
    const states = await controller.people(part.map(({ id }) => id));
    const back = part.filter((_, index) => {
      const state = states[index];
      return state !== undefined && cameBack(state, context.config.leaver.grants);
    });
    for (const row of back) await reopen(context, row);
    reopened += back.length;
  }
  return reopened;
}

/** Debts of people who are still gone and whose id nobody else has now. */
async function leftAndDone(
  db: Parameters<Parameters<Store['read']>[0]>[0],
  controller: string,
  since = 0,
): Promise<DebtsTable[]> {
  return db
    .selectFrom('debts')
    .leftJoin('users', 'users.id', 'debts.person')
    .leftJoin('claims', (join) =>
      join
        .onRef('claims.controller', '=', 'debts.controller')
        .onRef('claims.folded_id', '=', 'debts.folded_id')
        .on('claims.state', '=', 'current'),
    )
    .selectAll('debts')
    .where('debts.controller', '=', controller)
    .where('debts.state', '=', 'done')
    .where('debts.done_at', '>=', new Date(since).toISOString())
    .where('debts.cause', '=', 'leaver')
    .where('claims.person', 'is', null)
    .where((where) => where.or([where('users.id', 'is', null), where('users.active', '=', 0)]))
    .execute();
}

async function reopen(context: SyncContext, row: DebtsTable): Promise<void> {
  const now = context.clock.now();
  context.log.warn('somebody who left can act again', { controller: row.controller, person: row.person });
  await context.store.write(async (tx) => {
    await tx.db
      .updateTable('debts')
      .set({ state: 'open', due_ms: now, done_at: null, steps: '[]' })
      .where('controller', '=', row.controller)
      .where('folded_id', '=', row.folded_id)
      .where('person', '=', row.person)
      .execute();
    await context.recorder.record(tx, {
      kind: 'leaver.came-back',
      actor: 'sync',
      subject: { kind: 'user', id: row.person },
      body: { controller: row.controller },
      personal: { jenkinsId: row.id },
    });
  });
}
