import { type Kysely, sql } from 'kysely';
import type { Transaction } from '../../access/ports/store.ts';
import type { LeaverConfig } from '../../config/leaver.ts';
import type { GuardConfig } from '../../config/schema.ts';
import type { GuardEvent } from '../../plan/guard/event.ts';
import type { Claim } from '../../plan/identities.ts';
import type { Evaluation } from '../../policy/evaluation.ts';
import { isNamedSlot, ofGroups } from '../../policy/named.ts';
import { runBlind } from '../../store/blind.ts';
import { rowsOf } from '../../store/sql/lists.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { count } from '../held/counted.ts';
import { isFleetGain, requireFleet } from '../held/fleetGains.ts';
import { isLeaver, requireLeavers } from '../held/fleetLeavers.ts';
import { type NewlyHeld, storeHeld } from '../held/heldSteps.ts';
import { sampleGroups } from '../held/populations.ts';
import { endedLinks, forgetLinks, linking, type NewLink, putLinks } from '../ids/newLinks.ts';
import { type IdleDebt, storeDebts } from '../leavers/storedDebts.ts';
import { PART, partsOf, type Work } from '../state/parts.ts';
import { entryWorks } from '../state/storedEntries.ts';
import type { Assessment } from './assessment.ts';
import type { Origin } from './origin.ts';

type Db = Kysely<Tables>;

interface PrepareOptions {
  readonly now: number;
  readonly guard: GuardConfig;
  /** By person: the mark that brought them here. */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly leaver: LeaverConfig;
  readonly id: () => string;
  /** Told of a debt that a reactivation cancelled before any step began, in the transaction that cancels it. */
  readonly cancelled: (tx: Transaction<Tables>, debt: DebtsTable) => Promise<void>;
  /** Told of ids that somebody takes from who still has them, in the transaction that stores it. */
  readonly taken: (tx: Transaction<Tables>, links: readonly NewLink[]) => Promise<void>;
  /** Told of what waits for a release from now on, in the transaction that stores it. */
  readonly held: (tx: Transaction<Tables>, held: NewlyHeld) => Promise<void>;
  /** Told of a debt for which nothing is to be done, in the transaction that ends it. */
  readonly idle: (tx: Transaction<Tables>, debt: IdleDebt) => Promise<void>;
}

/**
 * What a pass decided, to be stored before anything is sent (semantics §4): claims, debts, bindings, expiries, what is held, what
 * counts against ceilings, and ownership of what is about to be granted. What is lost, owed or waits goes first and as one; what is
 * only new follows in parts. A crash between them leaves less than was decided, which the next pass decides again. The first of it throws
 * `FleetMoved`.
 */
export function prepareWorks(assessed: Assessment, options: PrepareOptions): Work[] {
  const at = new Date(options.now).toISOString();
  const [fresh, changed] = claimsOf(assessed);
  const { controller, identities, situation, verdict } = assessed;
  const linkOf = linking(assessed);
  const linked = (claims: readonly Claim[]): NewLink[] => claims.flatMap((claim) => linkOf(claim) ?? []);
  const isFleet = (event: GuardEvent): boolean => isFleetGain(event) || isLeaver(event);
  const fleet = verdict.events.filter(isFleet);
  const first: Work = {
    rows: changed.length + identities.owed.length + situation.held.length + verdict.held.length,
    async run(tx) {
      const { db } = tx;
      await requireFleet(db, assessed, options.guard.gains);
      await requireLeavers(db, assessed, options.guard.losses);
      await storeController(db, assessed);
      await releaseClaims(db, assessed);
      await putClaims(db, assessed, changed, at);
      const links = linked(changed);
      await putLinks(db, controller.name, links, at);
      for (const part of partsOf(links.filter(({ taken }) => taken))) await options.taken(tx, part);
      const { cancelled, idle } = await storeDebts(db, assessed, options, at);
      await forgetLinks(db, controller.name, endedLinks(assessed, cancelled));
      for (const debt of cancelled) await options.cancelled(tx, debt);
      for (const debt of idle) await options.idle(tx, debt);
      for (const held of await storeHeld(db, assessed, at)) await options.held(tx, held);
      await storeEmptyRoles(db, assessed, options.now);
      await db
        .deleteFrom('ordered_leavers')
        .where(({ not, exists, selectFrom }) => {
          const active = selectFrom('users').select('users.id').where('users.active', '=', 1);
          return not(exists(active.whereRef('users.id', '=', 'ordered_leavers.person')));
        })
        .execute();
      for (const part of partsOf(fleet)) await storeEvents(db, part, options.id);
    },
  };
  const sampled = [
    ...new Set([...ofGroups(assessed.evaluation.bind).map(({ group }) => group), ...groupsGiven(assessed)]),
  ];
  return [
    first,
    ...inParts(fresh, async (db, part) => {
      await putClaims(db, assessed, part, at);
      await putLinks(db, controller.name, linked(part), at);
    }),
    ...inParts(assessed.evaluation.bind.filter(isNews), (db, part) => storeBindings(db, part, at)),
    ...inParts(assessed.evaluation.expired, (db, part) => storeExpired(db, part, at)),
    ...inParts(
      verdict.events.filter((event) => !isFleet(event)),
      (db, part) => storeEvents(db, part, options.id),
    ),
    ...(assessed.live.observed.unread === undefined ? entryWorks(assessed, at) : []),
    ...inParts(sampled, (db, part) => sampleGroups(db, part, options.now), SAMPLED),
    { rows: 1, run: ({ db }) => count(db, controller.name, situation, assessed.time, options.guard.losses.window) },
  ];
}

/** Groups that are counted in one transaction: each takes several statements, and a large one its time. */
const SAMPLED = 50;

function inParts<T>(items: readonly T[], run: (db: Db, part: readonly T[]) => Promise<void>, most = PART): Work[] {
  return partsOf(items, most).map((part) => ({
    rows: (part.length * PART) / most,
    run: ({ db }) => run(db, part),
  }));
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

async function releaseClaims(db: Db, { controller, identities }: Assessment): Promise<void> {
  for (const part of partsOf(identities.release))
    await db
      .deleteFrom('claims')
      .where('controller', '=', controller.name)
      .where(
        'folded_id',
        'in',
        part.map(({ foldedId }) => foldedId),
      )
      .execute();
}

/** Claims to store: of ids that nobody had, and those that take or end what was there. */
function claimsOf({ identities, situation }: Assessment): readonly [fresh: Claim[], changed: Claim[]] {
  const known = new Set(situation.claims.map(({ folded_id }) => folded_id));
  const isFresh = ({ foldedId, state }: Claim): boolean => state === 'current' && !known.has(foldedId);
  return [identities.store.filter(isFresh), identities.store.filter((claim) => !isFresh(claim))];
}

async function putClaims(db: Db, { controller }: Assessment, claims: readonly Claim[], at: string): Promise<void> {
  for (const part of partsOf(claims)) {
    const rows = rowsOf(
      { folded_id: 'text', id: 'text', person: 'text', connection: 'text', state: 'text' },
      part.map(({ foldedId, id, person, connection, state }) => [foldedId, id, person, connection, state]),
    );
    await sql`INSERT INTO claims (controller, folded_id, id, person, connection, state, since)
      SELECT ${controller.name}, folded_id, id, person, connection, state, ${at} FROM ${rows} AS put WHERE true
      ON CONFLICT (controller, folded_id) DO UPDATE SET id = excluded.id, person = excluded.person,
        connection = excluded.connection, state = excluded.state`.execute(db);
  }
}

/** A group that was renamed is bound as it was: what an edit of the policy forgot since is not to come back. */
function isNews({ state }: Evaluation['bind'][number]): boolean {
  return state !== 'renamed';
}

async function storeBindings(db: Db, bind: Evaluation['bind'], at: string): Promise<void> {
  for (const { connection, nameKey, group, name } of bind) {
    const values = { group_id: group, name: name ?? null };
    const insert = db.insertInto('bindings').values({ connection, name_key: nameKey, ...values, since: at });
    // Whom a rule for one person is about is said once: another pass may have met somebody else of that name by now.
    await runBlind(
      db,
      insert.onConflict((conflict) =>
        isNamedSlot(nameKey)
          ? conflict.columns(['connection', 'name_key']).doNothing()
          : conflict.columns(['connection', 'name_key']).doUpdateSet(values),
      ),
    );
  }
}

/** `rule\0person` pairs, or `rule\0` for everybody: ended for good. */
export async function storeExpired(db: Db, keys: readonly string[], at: string): Promise<void> {
  await db
    .insertInto('expired')
    .values(keys.map((key) => ({ key, at })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function storeEvents(db: Db, events: readonly GuardEvent[], id: () => string): Promise<void> {
  const rows = rowsOf(
    {
      ...{ id: 'text', at_ms: 'number', controller: 'text', connection: 'text', kind: 'text', key: 'text' },
      ...{ person: 'text', administrative: 'number', state: 'text' },
    },
    events.map((event) => [
      ...[id(), event.at, event.controller, event.connection ?? null, event.kind, event.key],
      ...[event.person ?? null, event.administrative ? 1 : 0, event.state],
    ]),
  );
  await sql`INSERT INTO guard_events (id, at_ms, controller, connection, kind, key, person, administrative, state)
    SELECT id, at_ms, controller, connection, kind, key, person, administrative, state FROM ${rows} AS put WHERE true`.execute(
    db,
  );
}

async function storeEmptyRoles(db: Db, { controller, plan, situation, live }: Assessment, now: number): Promise<void> {
  if (situation.whom !== 'all' || live.observed.unread !== undefined) return;
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
