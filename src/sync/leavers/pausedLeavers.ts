import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../access/ports/clock.ts';
import type { Breathe } from '../../access/ports/store.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { A_PART, behind, chunked, inPages } from '../state/reading.ts';
import { orderedLeavers, pausedConnections } from '../state/stored.ts';

type Db = Kysely<Tables>;

/** Somebody who left and whose id on a controller is still theirs, because their connection is paused. */
interface PausedLeaver {
  readonly controller: string;
  readonly person: string;
  /** The paused connection. */
  readonly connection: string;
}

/** So long what was found holds: all ids of a connection are looked through, which is nothing for every few seconds. */
const AGAIN_MS = 60_000;

/**
 * Leavers of paused connections on these controllers: passes leave their people alone and take their marks, so that an id that is still
 * somebody's as if they had not left is all there is. Nothing is read where no connection is paused. To be asked again and again.
 */
export class PausedLeavers {
  readonly #controllers: readonly string[];
  readonly #clock: Pick<Clock, 'monotonic'>;
  #known: { readonly at: number; readonly paused: ReadonlySet<string>; readonly found: PausedLeaver[] } | undefined;

  constructor(controllers: readonly string[], clock: Pick<Clock, 'monotonic'>) {
    this.#controllers = controllers;
    this.#clock = clock;
  }

  async look(db: Db, breathe: Breathe): Promise<readonly PausedLeaver[]> {
    const paused = await pausedConnections(db);
    if (paused.size === 0) return [];
    const ordered = await orderedLeavers(db);
    const known = this.#known;
    const at = this.#clock.monotonic();
    if (known !== undefined && at - known.at < AGAIN_MS && known.paused.symmetricDifference(paused).size === 0)
      return stillGone(db, known.found, ordered, breathe);
    const found: PausedLeaver[] = [];
    for (const controller of this.#controllers)
      found.push(...(await leaversOf(db, controller, paused, ordered, breathe)));
    this.#known = { at, paused, found };
    return found;
  }
}

async function leaversOf(
  db: Db,
  controller: string,
  paused: ReadonlySet<string>,
  ordered: ReadonlySet<string>,
  breathe: Breathe,
): Promise<PausedLeaver[]> {
  const claims = db
    .selectFrom('claims')
    .leftJoin('users', 'users.id', 'claims.person')
    .select(['claims.folded_id', 'claims.person', 'claims.connection', 'users.active'])
    .where('claims.controller', '=', controller)
    .where('claims.state', '=', 'current')
    .where('claims.connection', 'in', [...paused]);
  const rows = await inPages<Awaited<ReturnType<typeof claims.execute>>[number]>(breathe, (after) =>
    claims
      .where(behind(['folded_id'], after))
      .orderBy('claims.folded_id')
      .limit(A_PART)
      .execute(),
  );
  return rows.flatMap(({ person, connection, active }) =>
    active !== 1 || ordered.has(person) ? [{ controller, person, connection }] : [],
  );
}

/** Without those who came back since. */
async function stillGone(
  db: Db,
  found: readonly PausedLeaver[],
  ordered: ReadonlySet<string>,
  breathe: Breathe,
): Promise<readonly PausedLeaver[]> {
  const people = [...new Set(found.map(({ person }) => person))];
  const rows = await chunked(people, breathe, (part) =>
    db
      .selectFrom('users')
      .select('id')
      .where(sql<boolean>`${among(sql.ref('id'), textRows(part))}`)
      .where('active', '=', 1)
      .execute(),
  );
  const active = new Set(rows.map(({ id }) => id));
  return found.filter(({ person }) => !active.has(person) || ordered.has(person));
}
