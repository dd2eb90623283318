import type { Kysely } from 'kysely';
import type { Principal } from '../access/principal.ts';
import type { Reason } from '../access/reason.ts';
import type { RoleKey } from '../access/role.ts';
import type { GuardEvent } from '../plan/guard/event.ts';
import type { DebtsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import type { Assessment } from './assess.ts';
import { storeHeld } from './heldSteps.ts';
import { sampleGroups } from './populations.ts';
import { principalOf, roleOf } from './rows.ts';

type Db = Kysely<Tables>;

/** Names an entry byte for byte. */
export function entryKey(role: RoleKey, { type, id }: Principal): string {
  return `${role.type}\u0000${role.name}\u0000${type}\u0000${id}`;
}

/** Where a push that a pass answers came from. */
export interface Origin {
  /** RFC 3339 instant of the commit. */
  readonly at: string;
  readonly request: string | null;
}

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

async function storeDebts(db: Db, assessed: Assessment, options: PrepareOptions, at: string): Promise<DebtsTable[]> {
  const { controller, identities, plan, situation, verdict } = assessed;
  const known = new Map(situation.debts.map((row) => [`${row.person}\u0000${row.folded_id}`, row]));
  const heldPeople = new Set(verdict.held.filter(({ step }) => !('role' in step)).map(({ step }) => step.person));
  const gone = new Set(verdict.go.filter(({ kind }) => kind === 'revoke').map(({ person }) => person));
  const owed = [
    ...identities.owed.map((item) => ({ ...item, due: options.now })),
    ...plan.unentitled
      .filter(({ person }) => gone.has(person))
      .map((item) => ({ ...item, cause: 'unentitled' as const, due: options.now })),
  ];
  for (const { person, connection, id, foldedId, cause, due } of owed) {
    const row = known.get(`${person}\u0000${foldedId}`);
    const state = heldPeople.has(person) ? 'held' : 'open';
    if (row !== undefined && (row.state === 'open' || row.state === 'held') && row.cause === cause) {
      if (row.state !== state) await setDebt(db, controller.name, person, foldedId, { state });
      continue;
    }
    const origin = options.origins.get(person);
    const fresh = {
      id,
      connection,
      cause,
      received_at: origin?.at ?? at,
      request: origin?.request ?? null,
      state,
      due_ms: due,
      started_at: null,
      done_at: null,
      steps: '[]',
      missing: '[]',
      residual: '[]',
      attempts: 0,
      alarmed: 0,
      error: null,
      released: 0,
    } as const;
    await db
      .insertInto('debts')
      .values({ controller: controller.name, folded_id: foldedId, person, credential: null, ...fresh })
      .onConflict((conflict) => conflict.columns(['controller', 'folded_id', 'person']).doUpdateSet(fresh))
      .execute();
  }
  const cancelled: DebtsTable[] = [];
  for (const { person, foldedId } of identities.regained) {
    const row = known.get(`${person}\u0000${foldedId}`);
    if (row === undefined || row.state === 'cancelled') continue;
    if (row.started_at === null) cancelled.push(row);
    await setDebt(db, controller.name, person, foldedId, { state: row.started_at === null ? 'cancelled' : 'done' });
  }
  await settleOwedNothing(db, assessed, at);
  const entitled = new Set(assessed.evaluation.grants.map(({ person }) => person));
  for (const row of situation.debts)
    if (row.cause === 'unentitled' && row.state === 'open' && entitled.has(row.person))
      await setDebt(db, controller.name, row.person, row.folded_id, { state: 'cancelled' });
  return cancelled;
}

/** A debt for which nothing is left to do: the configuration keeps everything, or what was read shows nothing. */
async function settleOwedNothing(db: Db, { controller, plan, identities }: Assessment, at: string): Promise<void> {
  const busy = new Set(plan.steps.filter((step) => !('role' in step)).map(({ person }) => person));
  for (const { person, foldedId } of identities.owed) {
    if (busy.has(person)) continue;
    await db
      .updateTable('debts')
      .set({ state: 'done', started_at: at, done_at: at })
      .where('controller', '=', controller.name)
      .where('person', '=', person)
      .where('folded_id', '=', foldedId)
      .where('state', 'in', ['open', 'held'])
      .execute();
  }
}

async function setDebt(
  db: Db,
  controller: string,
  person: string,
  foldedId: string,
  values: { readonly state: 'open' | 'held' | 'done' | 'cancelled' },
): Promise<void> {
  await db
    .updateTable('debts')
    .set(values)
    .where('controller', '=', controller)
    .where('person', '=', person)
    .where('folded_id', '=', foldedId)
    .execute();
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

/** Ownership of what is about to be granted, what was found satisfied, and the reasons that carry each entry now. */
async function storeEntries(db: Db, assessed: Assessment, at: string): Promise<void> {
  const { controller, evaluation, identities, plan, situation, verdict } = assessed;
  const reasons = new Map<string, readonly Reason[]>();
  for (const grant of [...evaluation.grants, ...evaluation.frozen]) {
    const identity = grant.person === undefined ? undefined : identities.people.get(grant.person);
    const id = grant.principal ?? (identity !== undefined && 'id' in identity ? identity.id : undefined);
    if (id !== undefined) reasons.set(entryKey(grant.role, { type: 'user', id }), grant.reasons);
  }
  const rows = [
    ...verdict.go.flatMap((step) =>
      step.kind === 'grant' ? [{ entry: step, standing: 'owned' as const, there: 0 }] : [],
    ),
    ...plan.owned.map((entry) => ({ entry, standing: 'owned' as const, there: 1 })),
    ...plan.matched.map((entry) => ({ entry, standing: 'matched' as const, there: 1 })),
  ];
  const written = new Set<string>();
  for (const { entry, standing, there } of rows) {
    const { role, principal, person } = entry;
    const key = entryKey(role, principal);
    written.add(key);
    const carried = JSON.stringify(reasons.get(key) ?? entry.reasons ?? []);
    const values = { standing, person: person ?? null, reasons: carried, verified: there, desired: 1 };
    await db
      .insertInto('entries')
      .values({
        controller: controller.name,
        role_type: role.type,
        role_name: role.name,
        entry_type: principal.type,
        sid: principal.id,
        since: at,
        ...values,
      })
      .onConflict((conflict) =>
        conflict.columns(['controller', 'role_type', 'role_name', 'entry_type', 'sid']).doUpdateSet(values),
      )
      .execute();
  }
  for (const row of situation.entries) {
    const key = entryKey(roleOf(row), principalOf(row));
    if (written.has(key) || situation.except.has(row.person ?? '')) continue;
    const carried = reasons.get(key);
    const text = carried === undefined ? row.reasons : JSON.stringify(carried);
    const desired = carried === undefined ? 0 : 1;
    if (text === row.reasons && desired === row.desired) continue;
    await entryAt(db, controller.name, key).set({ reasons: text, desired }).execute();
  }
}

/** An update of one entry. */
export function entryAt(db: Db, controller: string, key: string) {
  const [type, name, kind, ...sid] = key.split('\u0000');
  return db
    .updateTable('entries')
    .where('controller', '=', controller)
    .where('role_type', '=', type as RoleKey['type'])
    .where('role_name', '=', name!)
    .where('entry_type', '=', kind as Principal['type'])
    .where('sid', '=', sid.join('\u0000'));
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
