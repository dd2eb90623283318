import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../access/ports/clock.ts';
import type { Breathe } from '../../access/ports/store.ts';
import type { Config } from '../../config/schema.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { DebtsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { reaches } from '../ids/reach.ts';
import type { Pending } from '../pace/distribute.ts';
import { Leaving } from '../pace/urgency.ts';
import { partsOf } from '../state/parts.ts';
import { pausedConnections } from '../state/stored.ts';
import { goneSince } from './goneSince.ts';
import { LeaversWithId } from './leaversWithId.ts';
import { latest } from './storedDebts.ts';
import { unconfiguredControllers } from './unconfiguredControllers.ts';

type Db = Kysely<Tables>;

/** Somebody who left, and a controller that was not looked at since: nothing is stored as owed there, nor as paid. */
export interface UnreachedLeaver {
  readonly controller: string;
  /** SCIM id, and the name at the identity provider; of somebody who was deleted, the id. */
  readonly person: string;
  readonly user: string;
  /** RFC 3339 instant of the departure. */
  readonly since: string;
  /** Their connection, where that is paused. */
  readonly paused?: string;
  /** The controller is not configured any more. */
  readonly unconfigured?: true;
}

/**
 * Finds leavers whom a controller still has before it, because it is down, paused or busy, because it is not configured any more, or is again
 * and was not read since, or because their connection is paused: what they owe there is stored by the pass that looks at them, and nobody may
 * forget them until then. One that is off is not asked for anything. To be asked again and again.
 */
export class UnreachedLeavers {
  readonly #config: Config;
  readonly #looks: ReadonlyMap<string, Leaving>;
  readonly #paused: LeaversWithId;
  readonly #unconfigured: LeaversWithId;
  readonly #unread: LeaversWithId;

  constructor(config: Config, clock: Pick<Clock, 'monotonic'>) {
    this.#config = config;
    const on = config.controllers.filter(({ mode }) => mode !== 'off');
    this.#looks = new Map(on.map(({ name }) => [name, new Leaving(name)]));
    this.#paused = new LeaversWithId(clock);
    this.#unconfigured = new LeaversWithId(clock);
    this.#unread = new LeaversWithId(clock);
  }

  /** @param stored debts that are open: whom they are about is told by them */
  async look(
    db: Db,
    stored: readonly Pick<DebtsTable, 'controller' | 'person'>[],
    breathe: Breathe,
  ): Promise<readonly UnreachedLeaver[]> {
    const marks = await this.#unmarked(db, breathe);
    const known = new Set(marks.map(({ controller, id }) => `${controller}\u0000${id}`));
    for (const controller of await behind(db))
      for (const mark of (await this.#looks.get(controller)?.marks(db)) ?? [])
        if (!known.has(`${controller}\u0000${mark.id}`)) marks.push({ ...mark, controller });
    if (marks.length === 0) return [];
    const ids = [...new Set(marks.map(({ id }) => id))];
    const people = await peopleOf(db, ids);
    const gone = await goneSince(db, ids);
    const told = new Set(stored.map(({ controller, person }) => `${controller}\u0000${person}`));
    const paid = await paidFor(db, ids);
    return marks.flatMap(({ controller, id, markedAt = '', paused, unconfigured }) => {
      const known = people.get(id);
      const concerned = unconfigured === true || reaches(this.#config, controller)(known?.connection ?? '');
      if (known === undefined || !concerned || told.has(`${controller}\u0000${id}`)) return [];
      // Some later change of theirs has marked them again.
      const last = paid.get(`${controller}\u0000${id}`);
      if (last !== undefined && last >= (gone.get(id) ?? '')) return [];
      // Nothing where somebody without a mark came back meanwhile.
      const since = latest(markedAt, gone.get(id));
      return since === ''
        ? []
        : [
            {
              ...{ controller, person: id, user: known.user, since },
              ...(paused === undefined ? {} : { paused }),
              ...(unconfigured === undefined ? {} : { unconfigured }),
            },
          ];
    });
  }

  /** Those of whom passes have no mark: of paused connections, whose marks they take, and of controllers that have none, or had none for a while. */
  async #unmarked(db: Db, breathe: Breathe): Promise<Waiting[]> {
    const found: Waiting[] = [];
    const on = [...this.#looks.keys()];
    const paused = await pausedConnections(db);
    if (paused.size > 0)
      for (const { controller, person, connection } of await this.#paused.look(db, on, paused, breathe))
        found.push({ controller, id: person, paused: connection });
    const unread = await neverRead(db, on);
    if (unread.length > 0)
      for (const { controller, person, connection } of await this.#unread.look(db, unread, 'all', breathe))
        if (!paused.has(connection)) found.push({ controller, id: person });
    const gone = await unconfiguredControllers(db, this.#config);
    if (gone.length > 0)
      for (const { controller, person } of await this.#unconfigured.look(db, gone, 'all', breathe))
        found.push({ controller, id: person, unconfigured: true });
    return found;
  }
}

/** A mark of somebody who left, or somebody without one whose connection is paused, or of a controller that is not configured any more. */
type Waiting = Pick<Pending, 'id'> &
  Partial<Pick<Pending, 'markedAt'>> &
  Pick<UnreachedLeaver, 'controller' | 'paused' | 'unconfigured'>;

/** Of these controllers, those that were not read whole since they are configured: who left before may have no mark there. */
async function neverRead(db: Db, controllers: readonly string[]): Promise<readonly string[]> {
  const rows = await db.selectFrom('controllers').select('name').where('full_ms', 'is', null).orderBy('name').execute();
  return rows.flatMap(({ name }) => (controllers.includes(name) ? [name] : []));
}

/** Controllers that have anything before them, by few steps through an index, however much that is. */
async function behind(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`WITH RECURSIVE known (name) AS (
    SELECT min(controller) FROM pending
    UNION ALL
    SELECT (SELECT min(controller) FROM pending WHERE controller > known.name) FROM known WHERE known.name IS NOT NULL)
    SELECT name FROM known WHERE name IS NOT NULL`.execute(db);
  return rows.map(({ name }) => name);
}

/** By controller and person: the last departure that everything is paid for there (RFC 3339). */
async function paidFor(db: Db, people: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const part of partsOf(people)) {
    const rows = await db
      .selectFrom('debts')
      .select(['controller', 'person', 'received_at'])
      .where(sql<boolean>`${among(sql.ref('person'), textRows(part))}`)
      .where('cause', '=', 'leaver')
      .where('state', '=', 'done')
      .execute();
    for (const { controller, person, received_at: at } of rows) {
      const key = `${controller}\u0000${person}`;
      found.set(key, latest(at, found.get(key)));
    }
  }
  return found;
}

interface Known {
  readonly connection: string;
  readonly user: string;
}

async function peopleOf(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, Known>> {
  const found = new Map<string, Known>();
  for (const part of partsOf(ids)) {
    const named = sql<boolean>`${among(sql.ref('id'), textRows(part))}`;
    const deleted = await db.selectFrom('tombstones').select(['id', 'connection']).where(named).execute();
    for (const { id, connection } of deleted) found.set(id, { connection, user: id });
    const there = await db.selectFrom('users').select(['id', 'connection', 'user_name']).where(named).execute();
    for (const { id, connection, user_name } of there) found.set(id, { connection, user: user_name });
  }
  return found;
}
