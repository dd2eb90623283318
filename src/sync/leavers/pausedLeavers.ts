import type { Kysely } from 'kysely';
import type { Clock } from '../../access/ports/clock.ts';
import type { Breathe } from '../../access/ports/store.ts';
import type { Tables } from '../../store/tables.ts';
import { orderedLeavers, pausedConnections } from '../state/stored.ts';
import { type LeaverWithId, leaversWithId, stillGone } from './leaversWithId.ts';

type Db = Kysely<Tables>;

/** So long what was found holds: all ids of a connection are looked through, which is nothing for every few seconds. */
const AGAIN_MS = 60_000;

/**
 * Leavers of paused connections on these controllers: passes leave their people alone and take their marks, so that an id that is still
 * somebody's as if they had not left is all there is. Nothing is read where no connection is paused. To be asked again and again.
 */
export class PausedLeavers {
  readonly #controllers: readonly string[];
  readonly #clock: Pick<Clock, 'monotonic'>;
  #known: { readonly at: number; readonly paused: ReadonlySet<string>; readonly found: LeaverWithId[] } | undefined;

  constructor(controllers: readonly string[], clock: Pick<Clock, 'monotonic'>) {
    this.#controllers = controllers;
    this.#clock = clock;
  }

  async look(db: Db, breathe: Breathe): Promise<readonly LeaverWithId[]> {
    const paused = await pausedConnections(db);
    if (paused.size === 0) return [];
    const ordered = await orderedLeavers(db);
    const known = this.#known;
    const at = this.#clock.monotonic();
    if (known !== undefined && at - known.at < AGAIN_MS && known.paused.symmetricDifference(paused).size === 0)
      return stillGone(db, known.found, ordered, breathe);
    const found: LeaverWithId[] = [];
    for (const controller of this.#controllers)
      found.push(...(await leaversWithId(db, controller, paused, ordered, breathe)));
    this.#known = { at, paused, found };
    return found;
  }
}
