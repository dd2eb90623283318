import { type Kysely, sql } from 'kysely';
import { prepared } from '../../store/prepared.ts';
import type { Tables } from '../../store/tables.ts';
import { hasLeft, oldestDirty, type Pending, type PendingRow, pendingRow, pendingWithPeople } from './distribute.ts';

/** How often a controller that fails is tried while somebody who left waits for it. */
export const PROBE_MS = 2_000;

/** Most marks of people who left that are told at once. */
const TOLD = 2_000;

/** Marks of people who are inactive or gone, or said to be, from a `seq` on: they do not wait for a window, nor for a breaker. */
export async function leavingMarks(db: Kysely<Tables>, controller: string, from = 0): Promise<Pending[]> {
  const { rows } = await gone(db, { controller, from });
  return rows.map(pendingRow);
}

const gone = prepared<{ controller: string; from: number }, PendingRow>((value, db) =>
  pendingWithPeople(db, value('controller'))
    .where('pending.kind', '=', sql.lit('user'))
    .where('pending.seq', '>=', value('from'))
    .where(hasLeft)
    .orderBy('pending.seq')
    .limit(sql.lit(TOLD)),
);

const bounds = prepared<{ controller: string }, { last: number | null; coming: number | null }>((value, db) =>
  db.selectNoFrom([
    db
      .selectFrom('pending')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .where('controller', '=', value('controller'))
      .where('kind', '=', sql.lit('user'))
      .as('last'),
    oldestDirty(db).as('coming'),
  ]),
);

/** Marks without those that are known. */
export function unknownMarks(marks: readonly Pending[], known: readonly Pending[]): Pending[] {
  const seen = new Set(known.map(({ id, seq }) => `${seq} ${id}`));
  return marks.filter(({ id, seq }) => !seen.has(`${seq} ${id}`));
}

/**
 * Looks for people who left, again and again while others keep coming: a mark that was looked at once is not looked at again, for
 * whoever changes is marked anew, with a higher `seq`. Several marks can share one, so the last is looked at twice. An operator's word
 * overtakes marks that are not handed out yet, so none is passed over that is still to come.
 */
export class Leaving {
  readonly #controller: string;
  #from = 0;

  constructor(controller: string) {
    this.#controller = controller;
  }

  async marks(db: Kysely<Tables>): Promise<Pending[]> {
    const found = await leavingMarks(db, this.#controller, this.#from);
    const { rows } = await bounds(db, { controller: this.#controller });
    const { last, coming } = rows[0] ?? {};
    this.#from = Math.min(found[0]?.seq ?? Number(last ?? 0), Number(coming ?? Infinity));
    return found;
  }
}
