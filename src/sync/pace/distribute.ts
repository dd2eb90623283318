import { type RawBuilder, sql } from 'kysely';
import type { Transaction } from '../../access/ports/store.ts';
import type { DirtyMark, FactsReader } from '../../directory/facts/facts.ts';
import { runBlind } from '../../store/blind.ts';
import { prepared } from '../../store/prepared.ts';
import { rowsOf } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { PART, partsOf, type Work } from '../state/parts.ts';

/** How many marks were moved, and the ids of the requests that made them. */
interface Distributed {
  readonly marks: number;
  /** There may be more. */
  readonly more: boolean;
  readonly requests: readonly string[];
}

/**
 * Turns dirty marks into one pending row per controller and clears them, in one transaction: a sick controller keeps its
 * rows without delaying the others. A row that is renewed keeps the time it was first marked, for the lag.
 */
export async function distribute(
  tx: Transaction<Tables>,
  facts: FactsReader,
  controllers: readonly string[],
): Promise<Distributed> {
  const limit = Math.max(1, Math.floor(PART / Math.max(1, controllers.length)));
  const marks = await facts.dirty(tx.db, limit);
  if (marks.length === 0) return { marks: 0, more: false, requests: [] };
  for (const controller of controllers) await addPending(tx, controller, marks);
  await facts.clear(tx.db, marks);
  const requests = marks.flatMap(({ request }) => (request === undefined ? [] : [request]));
  return { marks: marks.length, more: marks.length === limit, requests: [...new Set(requests)] };
}

async function addPending(tx: Transaction<Tables>, controller: string, marks: readonly DirtyMark[]): Promise<void> {
  const rows = rowsOf(
    { kind: 'text', id: 'text', seq: 'number', marked_at: 'text', request: 'text' },
    marks.map(({ kind, id, seq, markedAt, request }) => [kind, id, seq, markedAt, request ?? null]),
  );
  const statement = sql`INSERT INTO pending (controller, kind, id, seq, marked_at, request)
    SELECT ${controller}, kind, id, seq, marked_at, request FROM ${rows} AS marks WHERE true
    ON CONFLICT (controller, kind, id) DO UPDATE SET seq = excluded.seq, request = excluded.request`;
  await runBlind(tx.db, { compile: () => statement.compile(tx.db) });
}

export interface Pending {
  readonly kind: 'user' | 'group';
  readonly id: string;
  readonly seq: number;
  readonly markedAt: string;
  readonly request: string | null;
}

/** The rows of a controller, the oldest first; where there are more than the limit, people who left come before everybody else. */
export async function pendingOf(db: Transaction<Tables>['db'], controller: string, limit: number): Promise<Pending[]> {
  const { rows } = await oldestFirst(db, { controller, limit: limit + 1 });
  const taken = rows.length > limit ? (await leaversFirst(db, { controller, limit })).rows : rows;
  return taken.map(pendingRow);
}

/** The row that stands for it. */
export type PendingRow = Omit<Pending, 'markedAt'> & { readonly marked_at: string };

export function pendingRow({ marked_at, ...row }: PendingRow): Pending {
  return { ...row, markedAt: marked_at };
}

/** The rows of a controller with the people they are about, where they are about people. */
export function pendingWithPeople(db: Transaction<Tables>['db'], controller: RawBuilder<never>) {
  return db
    .selectFrom('pending')
    .leftJoin('users', 'users.id', 'pending.id')
    .select(['pending.kind', 'pending.id', 'pending.seq', 'pending.marked_at', 'pending.request'])
    .where('pending.controller', '=', controller);
}

/** Of a mark beside its person: gone by the provider's word, or by an operator's. */
export const hasLeft = sql<boolean>`(coalesce(users.active, 0) = 0 OR pending.id IN (SELECT person FROM ordered_leavers))`;

const oldestFirst = prepared<{ controller: string; limit: number }, PendingRow>((value, db) =>
  db
    .selectFrom('pending')
    .select(['kind', 'id', 'seq', 'marked_at', 'request'])
    .where('controller', '=', value('controller'))
    .orderBy('seq')
    .limit(value('limit')),
);

const leaversFirst = prepared<{ controller: string; limit: number }, PendingRow>((value, db) =>
  pendingWithPeople(db, value('controller'))
    .orderBy(sql`CASE WHEN pending.kind = 'user' AND ${hasLeft} THEN 0 ELSE 1 END`)
    .orderBy('pending.seq')
    .limit(value('limit')),
);

const oneOf = prepared<{ controller: string }, { seq: number }>((value, db) =>
  db.selectFrom('pending').select('seq').where('controller', '=', value('controller')).limit(sql.lit(1)),
);

/** Whether anything waits for a controller. */
export async function anyPending(db: Transaction<Tables>['db'], controller: string): Promise<boolean> {
  const { rows } = await oneOf(db, { controller });
  return rows.length > 0;
}

/** The number of the oldest mark that is not handed out yet. */
export function oldestDirty(db: Transaction<Tables>['db']) {
  return db.selectFrom('dirty').select(({ fn }) => fn.min('seq').as('seq'));
}

type Newest = Readonly<Record<'users' | 'groups' | 'coming', number | null>>;

const newestOf = prepared<{ controller: string }, Newest>((value, db) => {
  const newest = (kind: 'user' | 'group') =>
    db
      .selectFrom('pending')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .where('controller', '=', value('controller'))
      .where('kind', '=', sql.lit(kind));
  return db.selectNoFrom([newest('user').as('users'), newest('group').as('groups'), oldestDirty(db).as('coming')]);
});

/**
 * The number of the newest mark that waits for a controller, 0 where none does, and the one up to which all were handed out: an
 * operator's word overtakes those that were not.
 */
export async function newestPending(
  db: Transaction<Tables>['db'],
  controller: string,
): Promise<{ readonly newest: number; readonly all: number }> {
  const { rows } = await newestOf(db, { controller });
  const { users, groups, coming } = rows[0] ?? {};
  const newest = Math.max(0, Number(users ?? 0), Number(groups ?? 0));
  return { newest, all: Math.min(newest, Number(coming ?? Infinity) - 1) };
}

/** Removes what was dealt with, unless it was marked again meanwhile. */
export async function donePending(
  db: Transaction<Tables>['db'],
  controller: string,
  done: readonly Pending[],
): Promise<void> {
  if (done.length === 0) return;
  const gone = rowsOf(
    { kind: 'text', id: 'text', seq: 'number' },
    done.map(({ kind, id, seq }) => [kind, id, seq]),
  );
  await sql`DELETE FROM pending WHERE controller = ${controller}
    AND (kind, id, seq) IN (SELECT kind, id, seq FROM ${gone} AS gone)`.execute(db);
}

/** The same for any number of them: a part lost to a crash is only looked at once more. */
export function pendingDone(controller: string, done: readonly Pending[]): Work[] {
  return partsOf(done).map((part) => ({
    rows: part.length,
    run: ({ db }) => donePending(db, controller, part),
  }));
}
