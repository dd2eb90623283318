import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { A_PART, behind, chunked, inPages } from '../state/reading.ts';

type Db = Kysely<Tables>;

/** Somebody who left and whose id on a controller is still theirs: it has not looked at them since. */
export interface LeaverWithId {
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

/** Without those who came back since. */
export async function stillGone<Found extends Pick<LeaverWithId, 'person'>>(
  db: Db,
  found: readonly Found[],
  ordered: ReadonlySet<string>,
  breathe: Breathe,
): Promise<readonly Found[]> {
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
