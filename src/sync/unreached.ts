import { type Kysely, sql } from 'kysely';
import type { Config } from '../config/schema.ts';
import { among, textRows } from '../store/sql/lists.ts';
import type { DebtsTable } from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';
import type { Pending } from './distribute.ts';
import { goneSince } from './goneSince.ts';
import { partsOf } from './parts.ts';
import { reaches } from './reach.ts';
import { latest } from './storedDebts.ts';
import { Leaving } from './urgency.ts';

type Db = Kysely<Tables>;

/** Somebody who left, and a controller that was not looked at since: nothing is stored as owed there yet. */
export interface UnreachedLeaver {
  readonly controller: string;
  /** SCIM id, and the name at the identity provider; of somebody who was deleted, the id. */
  readonly person: string;
  readonly user: string;
  /** RFC 3339 instant of the departure. */
  readonly since: string;
}

/**
 * Finds leavers whom a controller still has before it, because it is down, paused or busy: what they owe there is stored by the pass
 * that looks at them, and nobody may forget them until then. One that is off is not asked for anything. To be asked again and again.
 */
export class UnreachedLeavers {
  readonly #config: Config;
  readonly #looks: ReadonlyMap<string, Leaving>;

  constructor(config: Config) {
    this.#config = config;
    const on = config.controllers.filter(({ mode }) => mode !== 'off');
    this.#looks = new Map(on.map(({ name }) => [name, new Leaving(name)]));
  }

  /** @param stored debts that are open: whom they are about is told by them */
  async look(
    db: Db,
    stored: readonly Pick<DebtsTable, 'controller' | 'person'>[],
  ): Promise<readonly UnreachedLeaver[]> {
    const marks: (Pending & { readonly controller: string })[] = [];
    for (const controller of await behind(db))
      for (const mark of (await this.#looks.get(controller)?.marks(db)) ?? []) marks.push({ ...mark, controller });
    if (marks.length === 0) return [];
    const ids = [...new Set(marks.map(({ id }) => id))];
    const people = await peopleOf(db, ids);
    const gone = await goneSince(db, ids);
    const told = new Set(stored.map(({ controller, person }) => `${controller}\u0000${person}`));
    return marks.flatMap(({ controller, id, markedAt }) => {
      const known = people.get(id);
      const concerned = known !== undefined && reaches(this.#config, controller)(known.connection);
      if (!concerned || told.has(`${controller}\u0000${id}`)) return [];
      return [{ controller, person: id, user: known.user, since: latest(markedAt, gone.get(id)) }];
    });
  }
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
