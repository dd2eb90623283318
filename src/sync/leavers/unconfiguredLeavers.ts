import type { Kysely } from 'kysely';
import type { Clock } from '../../access/ports/clock.ts';
import type { Breathe } from '../../access/ports/store.ts';
import type { Config } from '../../config/schema.ts';
import type { Tables } from '../../store/tables.ts';
import { orderedLeavers } from '../state/stored.ts';
import { type LeaverWithId, leaversWithId, stillGone } from './leaversWithId.ts';

type Db = Kysely<Tables>;

/** So long what was found holds: all ids of a controller are looked through, which is nothing for every few seconds. */
const AGAIN_MS = 60_000;

/** Controllers that worked once, are not configured any more, and that nobody has let go of: people may still act there. */
export async function unconfiguredControllers(
  db: Db,
  { controllers }: Pick<Config, 'controllers'>,
): Promise<readonly string[]> {
  const configured = new Set(controllers.map(({ name }) => name));
  const rows = await db
    .selectFrom('controllers')
    .select('name')
    .where('mode', 'is not', null)
    .orderBy('name')
    .execute();
  return rows.flatMap(({ name }) => (configured.has(name) ? [] : [name]));
}

/**
 * Leavers of whom such a controller has not heard: nothing is stored as owed there. Nothing is read where there is none. To be asked again
 * and again.
 */
export class UnconfiguredLeavers {
  readonly #config: Pick<Config, 'controllers'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #known: { readonly at: number; readonly of: string; readonly found: LeaverWithId[] } | undefined;

  constructor(config: Pick<Config, 'controllers'>, clock: Pick<Clock, 'monotonic'>) {
    this.#config = config;
    this.#clock = clock;
  }

  async look(db: Db, breathe: Breathe): Promise<readonly LeaverWithId[]> {
    const controllers = await unconfiguredControllers(db, this.#config);
    if (controllers.length === 0) return [];
    const ordered = await orderedLeavers(db);
    const known = this.#known;
    const at = this.#clock.monotonic();
    const of = JSON.stringify(controllers);
    if (known !== undefined && at - known.at < AGAIN_MS && known.of === of)
      return stillGone(db, known.found, ordered, breathe);
    const found: LeaverWithId[] = [];
    for (const controller of controllers) found.push(...(await leaversWithId(db, controller, 'all', ordered, breathe)));
    this.#known = { at, of, found };
    return found;
  }
}
