import type { Kysely } from 'kysely';
import type { GuardEvent } from '../plan/guard/event.ts';
import type { DebtsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import type { Assessment } from './assess.ts';
import { storeHeld } from './heldSteps.ts';
import type { Origin } from './origin.ts';
import { sampleGroups } from './populations.ts';
import { storeDebts } from './storedDebts.ts';
import { storeEntries } from './storedEntries.ts';

type Db = Kysely<Tables>;

export interface PrepareOptions {
  readonly now: number;
  /** By person: the mark that brought them here. */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly id: () => string;
}

/**
 * Stores what a pass decided before anything is sent (semantics §4): claims, debts, bindings, expiries, what is held, what
 * counts against ceilings, and ownership of what is about to be granted. One transaction, together with the intents.
 * @returns debts that a reactivation cancelled before any step began
 */
export async function prepare(db: Db, assessed: Assessment, options: PrepareOptions): Promise<DebtsTable[]> {
  const at = new Date(options.now).toISOString();
  await storeController(db, assessed);
  await storeClaims(db, assessed, at);
  const cancelled = await storeDebts(db, assessed, options, at);
  await storeBindings(db, assessed, at);
  await storeHeld(db, assessed, at);
  await storeEvents(db, assessed.verdict.events, options.id);
  await storeEntries(db, assessed, at);
  await storeEmptyRoles(db, assessed, options.now);
  await db
    .deleteFrom('ordered_leavers')
    .where('person', 'not in', (query) => query.selectFrom('users').select('id').where('active', '=', 1))
    .execute();
  await sampleGroups(db, groupsGiven(assessed), options.now);
  return cancelled;
}

async function storeController(db: Db, { controller, situation, live }: Assessment): Promise<void> {
  const identity = JSON.stringify(situation.identity);
  const { mode, name } = controller;
  const row = situation.controller;
  if (row?.identity === identity && row.mode === mode && row.session === live.observed.session) return;
  const values = { identity, mode, session: live.observed.session };
  await db
    .insertInto('controllers')
    .values({ name, paused: 0, on_hold: 0, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute();
}

async function storeClaims(db: Db, { controller, identities }: Assessment, at: string): Promise<void> {
  for (const claim of identities.release)
    await db
      .deleteFrom('claims')
      .where('controller', '=', controller.name)
      .where('folded_id', '=', claim.foldedId)
      .execute();
  for (const { foldedId, id, person, connection, state } of identities.store) {
    const values = { id, person, connection, state };
    await db
      .insertInto('claims')
      .values({ controller: controller.name, folded_id: foldedId, ...values, since: at })
      .onConflict((conflict) => conflict.columns(['controller', 'folded_id']).doUpdateSet(values))
      .execute();
  }
}

async function storeBindings(db: Db, { evaluation }: Assessment, at: string): Promise<void> {
  for (const { connection, nameKey, group, name } of evaluation.bind) {
    const values = { group_id: group, name: name ?? null };
    await db
      .insertInto('bindings')
      .values({ connection, name_key: nameKey, ...values, since: at })
      .onConflict((conflict) => conflict.columns(['connection', 'name_key']).doUpdateSet(values))
      .execute();
  }
  await sampleGroups(
    db,
    evaluation.bind.map(({ group }) => group),
    Date.parse(at),
  );
  for (const key of evaluation.expired)
    await db
      .insertInto('expired')
      .values({ key, at })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

async function storeEvents(db: Db, events: readonly GuardEvent[], id: () => string): Promise<void> {
  for (let at = 0; at < events.length; at += 500) {
    const rows = events.slice(at, at + 500).map((event) => ({
      id: id(),
      at_ms: event.at,
      controller: event.controller,
      connection: event.connection ?? null,
      kind: event.kind,
      key: event.key,
      person: event.person ?? null,
      administrative: event.administrative ? 1 : 0,
      state: event.state,
    }));
    await db.insertInto('guard_events').values(rows).execute();
  }
}

async function storeEmptyRoles(db: Db, { controller, plan, situation }: Assessment, now: number): Promise<void> {
  if (situation.whom !== 'all') return;
  const empty = new Set(plan.empty.map(({ type, name }) => `${type}\u0000${name}`));
  for (const row of situation.roles) {
    const isEmpty = empty.has(`${row.role_type}\u0000${row.role_name}`);
    if (isEmpty === (row.empty_since_ms !== null)) continue;
    await db
      .updateTable('owned_roles')
      .set({ empty_since_ms: isEmpty ? now : null })
      .where('controller', '=', controller.name)
      .where('role_type', '=', row.role_type)
      .where('role_name', '=', row.role_name)
      .execute();
  }
}

/** Groups that carry what is granted: their sizes are remembered, for the day somebody empties them. */
function groupsGiven({ verdict }: Assessment): string[] {
  const ids = verdict.go.flatMap((step) =>
    step.kind === 'grant' ? step.reasons.flatMap(({ groupId }) => groupId ?? []) : [],
  );
  return [...new Set(ids)];
}
