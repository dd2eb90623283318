import type { Kysely } from 'kysely';
import type { DebtsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import type { Assessment } from './assess.ts';
import type { Origin } from './origin.ts';

type Db = Kysely<Tables>;

interface Occasion {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** By person: the mark that brought them here. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** What is owed from now on, and what is owed no more. @returns debts that a reactivation cancelled before any step began */
export async function storeDebts(db: Db, assessed: Assessment, occasion: Occasion, at: string): Promise<DebtsTable[]> {
  const { controller, identities, plan, situation, verdict } = assessed;
  const known = new Map(situation.debts.map((row) => [`${row.person}\u0000${row.folded_id}`, row]));
  const heldPeople = new Set(verdict.held.filter(({ step }) => !('role' in step)).map(({ step }) => step.person));
  const gone = new Set(verdict.go.filter(({ kind }) => kind === 'revoke').map(({ person }) => person));
  const owed = [
    ...identities.owed.map((item) => ({ ...item, due: occasion.now })),
    ...plan.unentitled
      .filter(({ person }) => gone.has(person))
      .map((item) => ({ ...item, cause: 'unentitled' as const, due: occasion.now })),
  ];
  for (const { person, connection, id, foldedId, cause, due } of owed) {
    const row = known.get(`${person}\u0000${foldedId}`);
    const state = heldPeople.has(person) ? 'held' : 'open';
    if (row !== undefined && (row.state === 'open' || row.state === 'held') && row.cause === cause) {
      if (row.state !== state) await setDebt(db, controller.name, person, foldedId, { state });
      continue;
    }
    const origin = occasion.origins.get(person);
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
