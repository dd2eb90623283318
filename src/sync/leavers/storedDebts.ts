import { type Kysely, sql } from 'kysely';
import type { LeaverConfig } from '../../config/leaver.ts';
import { isLeaverStep, type LeaverStep, type Step } from '../../plan/step.ts';
import { rowsOf } from '../../store/sql/lists.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { Assessment } from '../pass/assessment.ts';
import type { Origin } from '../pass/origin.ts';
import { partsOf } from '../state/parts.ts';
import { goneSince } from './goneSince.ts';
import { firstDue, stepless, takesAnything } from './graces.ts';
import { isState } from './leaverStatements.ts';
import { NOTHING_DONE, putDebts } from './newDebts.ts';
import { keptBy, type Residue } from './residue.ts';
import { goesOn, isUnpaid, undone } from './unpaid.ts';
import { tellWaiting } from './waitingForRoles.ts';

type Db = Kysely<Tables>;

interface Occasion {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** By person: the mark that brought them here. */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly leaver: LeaverConfig;
}

/** What ended without a step. */
interface Ended {
  /** Debts that a reactivation cancelled before any step began. */
  readonly cancelled: readonly DebtsTable[];
  /** Debts for which nothing is to be done. */
  readonly idle: readonly IdleDebt[];
}

export type IdleDebt = Pick<DebtsTable, 'person' | 'id' | 'cause' | 'received_at' | 'request'>;

/** What is owed from now on, and what is owed no more. */
export async function storeDebts(db: Db, assessed: Assessment, occasion: Occasion, at: string): Promise<Ended> {
  const { controller, identities, plan, situation, verdict } = assessed;
  const known = new Map(situation.debts.map((row) => [keyOf(row), row]));
  // Who waits for roles alone is cut off meanwhile.
  const held = verdict.held.flatMap(({ step, ceiling }) =>
    isLeaverStep(step) && ceiling !== 'strategy' ? [step] : [],
  );
  const heldPeople = new Set(held.map(({ person }) => person));
  const heldIds = new Set(held.map(idOf));
  const losing = (steps: readonly Step[]): Set<string | undefined> =>
    new Set(steps.filter(({ kind }) => kind === 'revoke').map(({ person }) => person));
  const taken = losing(verdict.go);
  // Whose last entry others took away has nothing that falls; the deletion of a group decides nothing about it.
  const undecided = losing(plan.steps).union(new Set(assessed.evaluation.frozen.map(({ person }) => person)));
  const { leaver, now } = occasion;
  const losers = takesAnything(leaver) ? plan.unentitled : [];
  const owed = [
    ...identities.owed,
    ...losers
      .filter(({ person }) => taken.has(person) || !undecided.has(person))
      .map((item) => ({ ...item, cause: 'unentitled' as const })),
  ];
  const fresh: Omit<DebtsTable, 'received_at' | 'due_ms'>[] = [];
  const changes: Change[] = [];
  for (const { person, connection, id, foldedId, cause } of owed) {
    const row = known.get(`${person}\u0000${foldedId}`);
    const isHeld = cause === 'old-id' ? heldIds.has(`${person}\u0000${id}`) : heldPeople.has(person);
    const state = isHeld ? 'held' : 'open';
    if (row !== undefined && goesOn(row, cause, assessed.back)) {
      if (row.state !== state) changes.push({ person, foldedId, state });
      continue;
    }
    fresh.push({
      ...{ controller: controller.name, folded_id: foldedId, person, id, connection, cause, state },
      request: occasion.origins.get(person)?.request ?? null,
      ...NOTHING_DONE,
      ...(row !== undefined && isUnpaid(row) ? undone(row) : {}),
      unentitled_at: row !== undefined && isUnpaid(row) && cause !== 'unentitled' ? nothingSince(row) : null,
    });
  }
  // Rules alone give nobody anything who has no id there, because the connection may not reach it say.
  const entitled = new Set(
    assessed.evaluation.grants.flatMap(({ person }) => {
      const identity = person === undefined ? undefined : identities.people.get(person);
      return identity !== undefined && 'id' in identity ? [person] : [];
    }),
  );
  const cancelled: DebtsTable[] = [];
  const owing = new Set(fresh.map(keyOf));
  for (const { person, foldedId } of identities.regained) {
    const row = known.get(`${person}\u0000${foldedId}`);
    if (row === undefined || row.state === 'cancelled') continue;
    const begun = row.started_at !== null;
    if (!begun) cancelled.push(row);
    // Back to nothing: what is owed for that, now or from before the departure, is not cancelled with it.
    if (!begun && owing.has(keyOf(row))) continue;
    if (!begun && isUnpaid(row) && row.unentitled_at !== null && !entitled.has(person)) {
      const state = heldPeople.has(person) ? 'held' : 'open';
      fresh.push({
        ...row,
        ...NOTHING_DONE,
        ...undone(row),
        unentitled_at: row.unentitled_at,
        cause: 'unentitled',
        state,
      });
    } else changes.push({ person, foldedId, state: begun ? 'done' : 'cancelled' });
  }
  // An id that they left, or gave up, meanwhile is owed as that from now on.
  const anew = new Set(fresh.map(keyOf));
  const standing = situation.debts.filter(
    (row) => row.cause === 'unentitled' && isUnpaid(row) && !situation.except.has(row.person) && !anew.has(keyOf(row)),
  );
  for (const { person, folded_id: foldedId, state } of standing)
    if ((state === 'held') !== heldPeople.has(person))
      changes.push({ person, foldedId, state: state === 'held' ? 'open' : 'held' });
  changes.push(...othersJudged(assessed, owed));
  const leavers = fresh.flatMap(({ cause, person }) => (cause === 'leaver' ? [person] : []));
  const gone = await goneSince(db, leavers);
  const received = ({ person, cause }: Pick<DebtsTable, 'person' | 'cause'>): string =>
    // Without a mark, after a pause of the connection say, what is known of the departure is when it was, not when it is looked at.
    latest(
      occasion.origins.get(person)?.at ?? (cause === 'leaver' ? gone.get(person) : undefined) ?? at,
      assessed.back.get(person),
      cause === 'leaver' ? gone.get(person) : undefined,
    );
  for (const part of partsOf(fresh))
    await putDebts(
      db,
      part.map((row) => {
        const receivedAt = row.cause === 'unentitled' ? (row.unentitled_at ?? received(row)) : received(row);
        const due = row.cause === 'unentitled' ? firstDue(leaver, now, receivedAt) : now;
        return { ...row, received_at: receivedAt, due_ms: due };
      }),
    );
  await setDebts(db, controller.name, changes);
  await tellWaiting(db, assessed);
  const idle = await settleOwedNothing(db, assessed, at, keptBy(leaver));
  const unentitled = standing.filter(({ person }) => !entitled.has(person));
  const { waiting, over } = stepless(unentitled, plan.steps, leaver, assessed.time.now);
  await waitUntil(db, controller.name, waiting);
  const unowed = [...standing.filter(({ person }) => entitled.has(person)), ...over];
  await setDebts(
    db,
    controller.name,
    unowed.map(({ person, folded_id }): Change => ({ person, foldedId: folded_id, state: 'cancelled' })),
  );
  return { cancelled, idle };
}

function keyOf({ person, folded_id }: Pick<DebtsTable, 'person' | 'folded_id'>): string {
  return `${person}\u0000${folded_id}`;
}

/** Since when who owes this had nothing left, as far as it was known before they left. */
function nothingSince({ cause, received_at, unentitled_at }: DebtsTable): string | null {
  return cause === 'unentitled' ? received_at : unentitled_at;
}

/** Whether what somebody owes waits or goes now, where nothing follows from the claim: another one had the id after them. */
function othersJudged(
  { identities, situation, verdict }: Assessment,
  owed: readonly { readonly person: string; readonly foldedId: string }[],
): Change[] {
  const named = new Set([...owed, ...identities.regained].map(({ person, foldedId }) => `${person}\u0000${foldedId}`));
  const others = situation.debts.filter((row) => row.cause !== 'unentitled' && isUnpaid(row) && !named.has(keyOf(row)));
  if (others.length === 0) return [];
  const judged = new Map<string | undefined, 'open' | 'held'>();
  for (const step of verdict.go)
    if (isLeaverStep(step)) for (const name of [step.person, idOf(step)]) judged.set(name, 'open');
  for (const { step, ceiling } of verdict.held)
    if (isLeaverStep(step) && ceiling !== 'strategy')
      for (const name of [step.person, idOf(step)]) judged.set(name, 'held');
  return others.flatMap(({ person, id, cause, folded_id: foldedId, state }): Change[] => {
    const there = cause === 'old-id' ? judged.get(`${person}\u0000${id}`) : undefined;
    const now = there ?? judged.get(person) ?? state;
    return now === state ? [] : [{ person, foldedId, state: now }];
  });
}

/** Of somebody who is called otherwise each id is judged alone. */
function idOf({ person, principal }: LeaverStep): string {
  return `${person}\u0000${principal.id}`;
}

/** A mark keeps the instant of the first change that nobody had looked at: who left, or came back, after it left later still. */
export function latest(at: string, ...others: readonly (string | undefined)[]): string {
  return others.reduce<string>((last, other) => (other !== undefined && other > last ? other : last), at);
}

/** A debt for which nothing is left to do: the configuration keeps everything, or what was read shows nothing. */
async function settleOwedNothing(
  db: Db,
  { controller, plan, identities }: Assessment,
  at: string,
  kept: Residue,
): Promise<IdleDebt[]> {
  const busy = new Set(plan.steps.filter((step) => !('role' in step)).map(({ person }) => person));
  const idle = identities.owed.filter(({ person }) => !busy.has(person));
  const ended: IdleDebt[] = [];
  for (const part of partsOf(idle)) {
    const { rows } =
      await sql<IdleDebt>`UPDATE debts SET state = 'done', started_at = ${at}, done_at = ${at}, due_ms = ${Date.parse(at)},
        residual = ${JSON.stringify(kept.texts)}, missing = '[]', error = NULL
      FROM ${debtNames(controller.name, part)} AS named
      WHERE debts.controller = named.controller AND debts.person = named.person AND debts.folded_id = named.folded_id
        AND ${isState(['open', 'held'])}
      RETURNING debts.person, debts.id, debts.cause, debts.received_at, debts.request`.execute(db);
    ended.push(...rows);
  }
  return ended;
}

interface Change {
  readonly person: string;
  readonly foldedId: string;
  readonly state: 'open' | 'held' | 'done' | 'cancelled';
}

async function setDebts(db: Db, controller: string, changes: readonly Change[]): Promise<void> {
  for (const part of partsOf(changes))
    await sql`UPDATE debts SET state = named.state FROM ${debtNames(controller, part)} AS named
      WHERE debts.controller = named.controller AND debts.person = named.person AND debts.folded_id = named.folded_id`.execute(
      db,
    );
}

/** Nothing is to be done for these debts until then. */
async function waitUntil(
  db: Db,
  controller: string,
  debts: readonly (Pick<DebtsTable, 'person' | 'folded_id' | 'due_ms'> & { readonly due: number })[],
): Promise<void> {
  const moved = debts.filter(({ due_ms, due }) => due_ms !== due);
  for (const part of partsOf(moved)) {
    const rows = rowsOf(
      { controller: 'text', person: 'text', folded_id: 'text', due: 'number' },
      part.map(({ person, folded_id, due }) => [controller, person, folded_id, due]),
    );
    await sql`UPDATE debts SET due_ms = named.due FROM ${rows} AS named
      WHERE debts.controller = named.controller AND debts.person = named.person AND debts.folded_id = named.folded_id`.execute(
      db,
    );
  }
}

/** The controller stands in each row: beside them as a value of its own, it would lead an engine through all debts there. */
function debtNames(controller: string, debts: readonly { person: string; foldedId: string; state?: string }[]) {
  return rowsOf(
    { controller: 'text', person: 'text', folded_id: 'text', state: 'text' },
    debts.map(({ person, foldedId, state }) => [controller, person, foldedId, state ?? null]),
  );
}
