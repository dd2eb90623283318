import { sql } from 'kysely';
import type { Transaction } from '../access/ports/store.ts';
import type { DirtyMark, FactsReader } from '../directory/facts.ts';
import type { Tables } from '../store/tables.ts';

/** Most marks moved in one transaction. */
export const DISTRIBUTE_LIMIT = 2_000;

/** How many marks were moved, and the ids of the requests that made them. */
export interface Distributed {
  readonly marks: number;
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
  const marks = await facts.dirty(tx.db, DISTRIBUTE_LIMIT);
  if (marks.length === 0) return { marks: 0, requests: [] };
  for (const controller of controllers) await addPending(tx, controller, marks);
  await facts.clear(tx.db, marks);
  const requests = marks.flatMap(({ request }) => (request === undefined ? [] : [request]));
  return { marks: marks.length, requests: [...new Set(requests)] };
}

async function addPending(tx: Transaction<Tables>, controller: string, marks: readonly DirtyMark[]): Promise<void> {
  for (let at = 0; at < marks.length; at += 500) {
    const rows = marks.slice(at, at + 500).map((mark) => ({
      controller,
      kind: mark.kind,
      id: mark.id,
      seq: mark.seq,
      marked_at: mark.markedAt,
      request: mark.request ?? null,
    }));
    await tx.db
      .insertInto('pending')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['controller', 'kind', 'id'])
          .doUpdateSet(({ ref }) => ({ seq: ref('excluded.seq'), request: ref('excluded.request') })),
      )
      .execute();
  }
}

export interface Pending {
  readonly kind: 'user' | 'group';
  readonly id: string;
  readonly seq: number;
  readonly markedAt: string;
  readonly request: string | null;
}

/** The rows of a controller: people who left before everybody else, then the oldest first. */
export async function pendingOf(db: Transaction<Tables>['db'], controller: string, limit: number): Promise<Pending[]> {
  const rows = await db
    .selectFrom('pending')
    .leftJoin('users', 'users.id', 'pending.id')
    .select(['pending.kind', 'pending.id', 'pending.seq', 'pending.marked_at', 'pending.request'])
    .where('pending.controller', '=', controller)
    .orderBy(sql`CASE WHEN pending.kind = 'user' AND coalesce(users.active, 0) = 0 THEN 0 ELSE 1 END`)
    .orderBy('pending.seq')
    .limit(limit)
    .execute();
  return rows.map(({ marked_at, ...row }) => ({ ...row, markedAt: marked_at }));
}

/** Removes what was dealt with, unless it was marked again meanwhile. */
export async function donePending(
  db: Transaction<Tables>['db'],
  controller: string,
  done: readonly Pending[],
): Promise<void> {
  for (const { kind, id, seq } of done)
    await db
      .deleteFrom('pending')
      .where('controller', '=', controller)
      .where('kind', '=', kind)
      .where('id', '=', id)
      .where('seq', '=', seq)
      .execute();
}
