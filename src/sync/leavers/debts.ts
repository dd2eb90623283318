import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import { type Hatch, isHatch } from '../../access/escapeHatch.ts';
import type { Capabilities, Controller, LeaverStepKind, PersonState } from '../../access/ports/controller.ts';
import type { Breathe, StorePort } from '../../access/ports/store.ts';
import type { LeaverConfig } from '../../config/leaver.ts';
import type { ControllerConfig } from '../../config/schema.ts';
import { protectedRoles } from '../../plan/protection.ts';
import { among, rowsOf, textRows } from '../../store/sql/lists.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { SyncContext } from '../state/context.ts';
import { A_PART, behind, inPages } from '../state/reading.ts';
import { orderedLeavers } from '../state/stored.ts';
import type { StoredStep } from './certificate.ts';
import { cameBack, putBack } from './leaverOutcome.ts';
import { isState } from './leaverStatements.ts';

type Store = StorePort<Tables>;
type Db = Kysely<Tables>;

/** No retry of a leaver, or of an id that was given up, lies further ahead: one that does was put off by a clock that has gone back since. */
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

/** What was due is looked at again after so many milliseconds; while it may wait for roles, after so many. */
const AGAIN_MS = { soon: 5_000, unread: 60_000 };

/** What was due of these people, whom a pass looked at, and is still open is looked at again later, so that the loop never turns on it. */
export async function postponeDue(
  store: Store,
  controller: string,
  people: readonly string[],
  now: number,
  unread = false,
): Promise<void> {
  await store.write(async ({ db }) => {
    await db
      .updateTable('debts')
      .set(({ eb }) => ({ attempts: eb('attempts', '+', 1), due_ms: now + (unread ? AGAIN_MS.unread : AGAIN_MS.soon) }))
      .where('controller', '=', controller)
      .where('state', '=', 'open')
      .where('person', 'in', people)
      .where(isDue(now))
      .execute();
  });
}

function isDue(now: number) {
  return ({ and, eb, or }: ExpressionBuilder<Tables, 'debts'>) =>
    or([eb('due_ms', '<=', now), and([eb('cause', '!=', 'unentitled'), eb('due_ms', '>', now + FURTHEST_MS)])]);
}

const ASKED_AT_ONCE = 200;

/**
 * For so long after the first cut somebody who logged in is cut again at once, afterwards by a full read: a realm that logs in at each
 * request (behind a proxy) would have a cut and two records every five seconds, without end.
 */
const LOGINS_MS = 180_000;

/** Whom to ask about: those who are done since then (milliseconds since the epoch), one person, or everybody. */
export interface Proving {
  readonly since?: number;
  readonly person?: string;
  /** Where they are known: a step that was missing for want of seeds, or because of the realm's escape hatch, is owed as soon as it can be done. */
  readonly capabilities?: Hatch & Pick<Capabilities, 'userSeeds'>;
  /** Also those who are done but for what waits while roles cannot be read. */
  readonly unread?: boolean;
}

/**
 * Asks about everybody who left and is done, and about ids that were given up; where somebody can act again, it is owed again
 * (semantics §2). In every mode: where nothing is taken away by itself, it is told as owed. @returns how many owe again
 */
export async function reproveLeavers(
  context: SyncContext,
  config: ControllerConfig,
  controller: Controller,
  proving: Proving = {},
): Promise<number> {
  const done = await context.store.read((db, breathe) => leftAndDone(db, config.name, proving, breathe));
  const falling = { leaver: context.config.leaver, isProtected: protectedRoles(config) };
  const unwatched = { ...falling, leaver: { ...falling.leaver, sessions: 'keep' as const } };
  const now = context.clock.now();
  const unread: PersonState[] = [];
  let reopened = 0;
  for (let at = 0; at < done.length; at += ASKED_AT_ONCE) {
    const part = done.slice(at, at + ASKED_AT_ONCE);
    const states = await controller.people(part.map(({ id }) => id));
    unread.push(...states.filter(({ error }) => error !== undefined));
    const back = part.filter((row, index) => {
      const state = states[index];
      if (state === undefined) return false;
      const lacking =
        proving.capabilities?.userSeeds === true && misses(row, 'end-sessions') && state.record !== undefined;
      const minded = proving.since === undefined || now - Date.parse(row.started_at!) < LOGINS_MS ? falling : unwatched;
      return (
        lacking ||
        hatched(row, proving, context.config.leaver) ||
        cameBack(state, minded) ||
        putBack(row.left, state, context.config.leaver)
      );
    });
    for (const row of back) await reopen(context, row);
    reopened += back.length;
  }
  if (unread.length > 0)
    context.log.warn('people who left could not be looked at again', {
      controller: config.name,
      people: unread.length,
      ...{ first: unread[0]!.id, reason: unread[0]!.error },
    });
  return reopened;
}

/** Debts of people who are still gone, and of ids that they gave up, where nobody has the id now. */
export async function leftAndDone(
  db: Db,
  controller: string,
  { since, person, unread = false }: Proving,
  breathe: Breathe,
): Promise<readonly Done[]> {
  const left = db
    .selectFrom('debts')
    .select([
      'controller',
      'person',
      'folded_id',
      'id',
      'cause',
      'received_at',
      'started_at',
      'done_at',
      'missing',
      'steps',
    ])
    .where('controller', '=', controller)
    .where('cause', '!=', 'unentitled');
  if (person !== undefined) {
    const own = left.where(isCut(unread)).where('person', '=', person);
    return stillGone(db, (await own.execute()).map(doneOf));
  }
  if (since !== undefined) {
    const lately = left
      .where('due_ms', '>=', since)
      .where((eb) =>
        eb.or([
          eb.and([eb('state', '=', 'done'), eb('done_at', '>=', new Date(since).toISOString())]),
          ...(unread ? [IS_REST] : []),
        ]),
      );
    return stillGone(db, (await lately.execute()).map(doneOf));
  }
  const found: Done[] = [];
  await inPages<Done>(breathe, async (after) => {
    const rows = await left
      .where(isCut(unread))
      .where(behind<Done>(['folded_id', 'person'], after))
      .orderBy('folded_id')
      .orderBy('person')
      .limit(A_PART)
      .execute();
    const page = rows.map(doneOf);
    found.push(...(await stillGone(db, page)));
    return page;
  });
  return found;
}

/** Everything that could be done was: what is left waits for roles. */
const IS_REST = sql<boolean>`(${isState(['open'])} AND debts.missing LIKE '%"remove-entries"%' AND debts.steps <> '[]')`;

function isCut(unread: boolean) {
  return unread ? sql<boolean>`(${isState(['done'])} OR ${IS_REST})` : isState(['done']);
}

type Row = Pick<
  DebtsTable,
  'controller' | 'person' | 'folded_id' | 'id' | 'cause' | 'received_at' | 'started_at' | 'done_at' | 'missing'
>;

/** With the steps that tell what they left, or when sessions were ended. */
export type Done = Row & { readonly left: readonly StoredStep[] };

const TELLING: ReadonlySet<string> = new Set(['scramble-password', 'end-sessions', 'delete-record']);

function doneOf({ steps, ...row }: Row & Pick<DebtsTable, 'steps'>): Done {
  const stored = JSON.parse(steps) as StoredStep[];
  return { ...row, left: stored.filter(({ kind, mark }) => mark !== undefined || TELLING.has(kind)) };
}

function misses({ missing }: Done, step: LeaverStepKind): boolean {
  return (JSON.parse(missing) as string[]).includes(step);
}

/** Whether the escape hatch of the realm became theirs since they were cut, or is theirs no more. */
function hatched(row: Done, { capabilities }: Proving, leaver: Pick<LeaverConfig, 'password'>): boolean {
  if (capabilities === undefined || leaver.password === 'keep') return false;
  return isHatch(capabilities, row.id) !== misses(row, 'scramble-password');
}

/** Of several who left one id, only who had it last: what stands there is theirs, and was cut, or is held, as that. */
async function stillGone(db: Db, debts: readonly Done[]): Promise<Done[]> {
  if (debts.length === 0) return [];
  const people = textRows(debts.map(({ person }) => person));
  const left = rowsOf(
    { controller: 'text', folded_id: 'text', person: 'text' },
    debts.map(({ controller, folded_id, person }) => [controller, folded_id, person]),
  );
  const { rows: others } = await sql<Pick<DebtsTable, 'folded_id' | 'person'>>`SELECT gone.folded_id, gone.person
    FROM ${left} AS gone JOIN claims ON claims.controller = gone.controller AND claims.folded_id = gone.folded_id
    WHERE claims.state = 'current' OR claims.person <> gone.person`.execute(db);
  const back = await db
    .selectFrom('users')
    .select('id')
    .where(sql<boolean>`${among(sql.ref('id'), people)}`)
    .where('active', '=', 1)
    .execute();
  const ordered = back.length === 0 ? new Set<string>() : await orderedLeavers(db);
  const theirs = new Set(others.map(keyOf));
  const active = new Set(back.flatMap(({ id }) => (ordered.has(id) ? [] : [id])));
  return debts.filter((row) => !theirs.has(keyOf(row)) && (row.cause === 'old-id' || !active.has(row.person)));
}

function keyOf({ folded_id, person }: Pick<DebtsTable, 'folded_id' | 'person'>): string {
  return `${folded_id}\u0000${person}`;
}

async function reopen(context: SyncContext, row: Done): Promise<void> {
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
      kind: `${row.cause}.came-back`,
      actor: 'sync',
      subject: { kind: 'user', id: row.person },
      body: { controller: row.controller, receivedAt: row.received_at },
      personal: { jenkinsId: row.id },
    });
  });
}
