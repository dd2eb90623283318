import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { OlderCredentials } from '../../access/ports/controller.ts';
import type { NewLinksTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';

type Db = Kysely<Tables>;

/** What an id held when somebody was linked to it; it waits for a person to look at it. */
export interface OlderLink extends Omit<OlderCredentials, 'id'> {
  readonly controller: string;
  readonly id: string;
  readonly foldedId: string;
  /** SCIM id, and the name at the identity provider. */
  readonly person: string;
  readonly user: string;
  readonly connection: string;
  readonly linkedAt: string;
  readonly askedAt: string;
  /** Connection of the person whose id it was, where it was somebody's. */
  readonly former?: string;
  /** The former owner neither left nor is called otherwise. */
  readonly takenOver: boolean;
}

/** Which of them: on one controller, of one person. */
export interface OlderFilter {
  readonly controller?: string;
  readonly person?: string;
}

/** What waits to be looked at, of ids that are still of whom they were linked to. */
export async function olderLinks(db: Db, { controller, person }: OlderFilter): Promise<OlderLink[]> {
  const rows = await current(db)
    .leftJoin('users', 'users.id', 'new_links.person')
    .selectAll('new_links')
    .select('users.user_name')
    .where('new_links.found', 'is not', null)
    .$if(controller !== undefined, (query) => query.where('new_links.controller', '=', controller!))
    .$if(person !== undefined, (query) => query.where('new_links.person', '=', person!))
    .orderBy('new_links.controller')
    .orderBy('new_links.folded_id')
    .execute();
  return rows.map(({ user_name, ...row }) => linkOf(row, user_name ?? row.person));
}

interface OlderCount {
  readonly controller: string;
  readonly found: number;
  readonly takenOver: number;
  readonly unasked: number;
}

/** How many wait on each controller, and how many ids linked before that instant nobody could ask about. */
export async function olderCounts(db: Db, before: string): Promise<readonly OlderCount[]> {
  const is = (what: RawBuilder<unknown>) => sql<number>`coalesce(sum(CASE WHEN ${what} THEN 1 ELSE 0 END), 0)`;
  const rows = await current(db)
    .select('new_links.controller')
    .select([
      is(sql`found IS NOT NULL`).as('found'),
      is(sql`found IS NOT NULL AND taken = 1`).as('taken'),
      is(sql`found IS NULL AND linked_at < ${before}`).as('unasked'),
    ])
    .groupBy('new_links.controller')
    .orderBy('new_links.controller')
    .execute();
  return rows.map(({ controller, found, taken, unasked }) => ({
    ...{ controller, found: Number(found), takenOver: Number(taken), unasked: Number(unasked) },
  }));
}

/** A replica that knows nothing of these rows may have given the id to somebody else. */
function current(db: Db) {
  return db
    .selectFrom('new_links')
    .innerJoin('claims', (join) =>
      join
        .onRef('claims.controller', '=', 'new_links.controller')
        .onRef('claims.folded_id', '=', 'new_links.folded_id')
        .onRef('claims.person', '=', 'new_links.person'),
    )
    .where('claims.state', '=', 'current');
}

function linkOf(row: NewLinksTable, user: string): OlderLink {
  const held = JSON.parse(row.found!) as Omit<OlderCredentials, 'id'>;
  return {
    ...{ controller: row.controller, id: row.id, foldedId: row.folded_id, person: row.person, user },
    ...{ connection: row.connection, linkedAt: row.linked_at, askedAt: row.asked_at! },
    ...(row.former_connection === null ? {} : { former: row.former_connection }),
    takenOver: row.taken === 1,
    ...held,
  };
}
