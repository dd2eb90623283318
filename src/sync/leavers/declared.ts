import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Breathe, Transaction } from '../../access/ports/store.ts';
import { among, rowsOf, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import type { Pending } from '../pace/distribute.ts';
import type { Scope } from '../pass/situation.ts';
import type { SyncContext } from '../state/context.ts';
import { partsOf } from '../state/parts.ts';
import { isState } from './leaverStatements.ts';

/**
 * An operator's word about somebody, as a mark that waits for each of these controllers: one that is down or paused still has it before
 * it, as it has what a provider says. Whoever carries it out there takes it away.
 * @param at RFC 3339
 */
export async function handOutWord(
  { db }: Transaction<Tables>,
  controllers: readonly string[],
  person: string,
  at: string,
): Promise<void> {
  await db.updateTable('counters').set({ value: sql`value + 1` }).where('name', '=', 'dirty').execute();
  const names = rowsOf(
    { controller: 'text' },
    controllers.map((name) => [name]),
  );
  // A push that waits there, too, stays one: an order by hand does not answer it.
  await sql`INSERT INTO pending (controller, kind, id, seq, marked_at, request)
    SELECT named.controller, 'user', ${person}, counters.value, ${at}, NULL FROM ${names} AS named, counters
    WHERE counters.name = 'dirty'
    ON CONFLICT (controller, kind, id) DO UPDATE SET seq = excluded.seq`.execute(db);
}

/** Marks that an operator's word about somebody has left on a controller. */
export async function wordsAbout(db: Kysely<Tables>, controller: string, person: string): Promise<Pending[]> {
  const rows = await db
    .selectFrom('pending')
    .select(['kind', 'id', 'seq', 'marked_at', 'request'])
    .where('controller', '=', controller)
    .where('kind', '=', 'user')
    .where('id', '=', person)
    .where('request', 'is', null)
    .execute();
  return rows.map(({ marked_at, ...row }) => ({ ...row, markedAt: marked_at }));
}

/**
 * Whom an operator said to leave and a controller has not cut since: past its mode and ceilings, also where the provider says the same
 * by now. A row alone says so of nobody; there has to be the record, and nobody's return after it.
 * @param scope whom a pass is about @param marks what it answers
 */
export async function declaredPeople(
  { store, witness }: Pick<SyncContext, 'store' | 'witness'>,
  controller: string,
  scope: Scope,
  marks: readonly Pick<Pending, 'kind' | 'id'>[],
): Promise<ReadonlySet<string>> {
  return store.read(async (db, breathe) => {
    const named = [...marks, ...(scope === 'all' ? [] : scope)].flatMap(({ kind, id }) =>
      kind === 'user' ? [id] : [],
    );
    const owing = scope === 'all' ? await owingOn(db, controller) : [];
    // Nobody else: whose word a look has answered, with nothing to do, has none left for an id they come to owe at later.
    const about = new Set([...named, ...owing]);
    const gone: string[] = [];
    for (const part of partsOf([...about])) {
      await breathe();
      gone.push(...(await goneOf(db, part)));
    }
    const said = new Set<string>();
    const active = about.size === 0 ? [] : await ordered(db, controller);
    for (const id of [...active.filter((one) => about.has(one)), ...(await toldOf(db, controller, gone, breathe))])
      if (await witness.declared(db, id, controller)) said.add(id);
    return said;
  });
}

/** Who left and of whom something was begun there that is not done. */
async function owingOn(db: Kysely<Tables>, controller: string): Promise<string[]> {
  const rows = await db
    .selectFrom('debts')
    .select('person')
    .where('controller', '=', controller)
    .where('cause', '=', 'leaver')
    .where('started_at', 'is not', null)
    .where(isState(['open', 'held']))
    .execute();
  return rows.map(({ person }) => person);
}

async function goneOf(db: Kysely<Tables>, people: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`SELECT marked.value AS id FROM (${textRows(people)}) AS marked
    LEFT JOIN users ON users.id = marked.value WHERE coalesce(users.active, 0) = 0`.execute(db);
  return rows.map(({ id }) => id);
}

/** Not everything is done there since that instant, as far as is stored. */
function isUnpaid(controller: string, person: RawBuilder<unknown>, at: RawBuilder<unknown>) {
  return sql<boolean>`NOT EXISTS (SELECT 1 FROM debts WHERE debts.controller = ${controller} AND debts.person = ${person}
    AND debts.cause = 'leaver' AND debts.state = 'done' AND debts.done_at >= ${at})`;
}

async function ordered(db: Kysely<Tables>, controller: string): Promise<string[]> {
  const rows = await db
    .selectFrom('ordered_leavers')
    .select('person')
    .where(isUnpaid(controller, sql.ref('ordered_leavers.person'), sql.ref('ordered_leavers.at')))
    .execute();
  return rows.map(({ person }) => person);
}

/** Of people who left by the provider's word: of whom an operator says so, too. */
async function toldOf(
  db: Kysely<Tables>,
  controller: string,
  people: readonly string[],
  breathe: Breathe,
): Promise<string[]> {
  const found: string[] = [];
  for (const part of partsOf(people)) {
    await breathe();
    const rows = await db
      .selectFrom('ledger')
      .select('subject_id')
      .distinct()
      .where('subject_kind', '=', 'user')
      .where(sql<boolean>`${among(sql.ref('subject_id'), textRows(part))}`)
      .where('kind', '=', 'leaver.declared')
      .where(isUnpaid(controller, sql.ref('ledger.subject_id'), sql.ref('ledger.at')))
      .execute();
    found.push(...rows.flatMap(({ subject_id }) => subject_id ?? []));
  }
  return found;
}
