import type { Kysely } from 'kysely';
import type { Clock } from '../../access/ports/clock.ts';
import type { Breathe } from '../../access/ports/store.ts';
import type { Tables } from '../../store/tables.ts';
import { A_PART, behind, inPages } from '../state/reading.ts';
import { orderedLeavers } from '../state/stored.ts';

type Db = Kysely<Tables>;

/** Somebody who left and whose id on a controller is still theirs: it has not looked at them since. */
interface LeaverWithId {
  readonly controller: string;
  /** SCIM id. */
  readonly person: string;
  readonly connection: string;
  /** What they are called there, as it was found and folded. */
  readonly id: string;
  readonly folded_id: string;
}

/** @param connections whose people @param ordered of whom an operator said that they left */
export async function leaversWithId(
  db: Db,
  controller: string,
  connections: ReadonlySet<string> | 'all',
  ordered: ReadonlySet<string>,
  breathe: Breathe,
): Promise<readonly LeaverWithId[]> {
  const claims = db
    .selectFrom('claims')
    .leftJoin('users', 'users.id', 'claims.person')
    .select(['claims.folded_id', 'claims.id', 'claims.person', 'claims.connection', 'users.active'])
    .where('claims.controller', '=', controller)
    .where('claims.state', '=', 'current')
    .$if(connections !== 'all', (query) => query.where('claims.connection', 'in', [...connections]));
  const rows = await inPages<Awaited<ReturnType<typeof claims.execute>>[number]>(breathe, (after) =>
    claims
      .where(behind(['folded_id'], after))
      .orderBy('claims.folded_id')
      .limit(A_PART)
      .execute(),
  );
  return rows.flatMap(({ active, ...claim }) =>
    active !== 1 || ordered.has(claim.person) ? [{ controller, ...claim }] : [],
  );
}

/** So long what was found holds: all ids of a place are looked through, which is nothing for every few seconds. */
const AGAIN_MS = 60_000;

/** Finds them again and again: everybody is looked through once a minute, or where another place is asked about. Some may be back by then. */
export class LeaversWithId {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #known: { readonly at: number; readonly of: string; readonly found: readonly LeaverWithId[] } | undefined;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  async look(
    db: Db,
    controllers: readonly string[],
    connections: ReadonlySet<string> | 'all',
    breathe: Breathe,
  ): Promise<readonly LeaverWithId[]> {
    const of = JSON.stringify([controllers, connections === 'all' ? connections : [...connections].sort()]);
    const at = this.#clock.monotonic();
    const known = this.#known;
    if (known?.of === of && at - known.at < AGAIN_MS) return known.found;
    const ordered = await orderedLeavers(db);
    const found: LeaverWithId[] = [];
    for (const controller of controllers)
      found.push(...(await leaversWithId(db, controller, connections, ordered, breathe)));
    this.#known = { at, of, found };
    return found;
  }
}
