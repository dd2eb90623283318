import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { unindexed } from '../../store/sql/unindexed.ts';
import type { GuardEventsTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { A_PART, behind, chunked, inOneTurn, inPages, isOf, type Whom, whose } from '../state/reading.ts';

type Db = Kysely<Tables>;

interface EventsAsked {
  readonly controller: string;
  readonly whom: Whom;
  /** Beginning of the windows, milliseconds since the epoch. */
  readonly losses: number;
  readonly gains: number;
}

/**
 * What the guard counted in its windows, but for people who left: administrators of the fleet, roles and losses of this controller,
 * gains of the people in scope and of whatever was lost. Ten thousand gains of a first sync cost later passes nothing.
 */
export async function guardEventsOf(
  db: Db,
  { controller, whom, losses, gains }: EventsAsked,
  breathe: Breathe = inOneTurn,
): Promise<GuardEventsTable[]> {
  const all = db.selectFrom('guard_events').selectAll();
  const fleet = await all
    .where('kind', 'in', ['administrator-gained', 'administrator-lost'])
    .where('at_ms', '>=', Math.min(losses, gains))
    .execute();
  const here = all.where('controller', '=', controller);
  const roles = await here.where('kind', '=', 'role-created').where('at_ms', '>=', gains).execute();
  const lost = await here.where('kind', '=', 'grant-lost').where('at_ms', '>=', losses).execute();
  const gained = here.where('kind', '=', 'grant-gained').where('at_ms', '>=', Math.min(losses, gains));
  if (whom === 'all') {
    const everything = await inPages<GuardEventsTable>(breathe, (after) =>
      gained
        .where(behind<GuardEventsTable>(['key', 'id'], after))
        .orderBy('key')
        .orderBy('id')
        .limit(A_PART)
        .execute(),
    );
    return [...fleet, ...roles, ...lost, ...everything];
  }
  const since = sql<boolean>`${unindexed('kind')} = 'grant-gained' AND at_ms + 0 >= ${Math.min(losses, gains)}`;
  const byPerson = await chunked([...whom], breathe, (part) =>
    all.where(whose(part)).where(isOf(controller)).where(since).execute(),
  );
  const seen = new Set(byPerson.map(({ id }) => id));
  const keys = [...new Set(lost.map(({ key }) => key))];
  const back = await chunked(keys, breathe, (part) => gained.where('key', 'in', part).execute());
  return [...fleet, ...roles, ...lost, ...byPerson, ...back.filter(({ id }) => !seen.has(id))];
}

/** When these people left, on whichever controller. */
export function disabledOf(
  db: Db,
  people: ReadonlySet<string>,
  since: number,
  breathe: Breathe,
): Promise<GuardEventsTable[]> {
  return ofPeople(db.selectFrom('guard_events'), 'disabled', { people, since }, breathe);
}

/** When these people were renamed on this controller. */
export function renamedOf(
  db: Db,
  controller: string,
  people: ReadonlySet<string>,
  since: number,
  breathe: Breathe,
): Promise<GuardEventsTable[]> {
  return ofPeople(db.selectFrom('guard_events').where(isOf(controller)), 'renamed', { people, since }, breathe);
}

function ofPeople(
  events: SelectQueryBuilder<Tables, 'guard_events', object>,
  kind: GuardEventsTable['kind'],
  { people, since }: { readonly people: ReadonlySet<string>; readonly since: number },
  breathe: Breathe,
): Promise<GuardEventsTable[]> {
  const lately = sql<boolean>`${unindexed('kind')} = ${sql.lit(kind)} AND at_ms + 0 >= ${since}`;
  return chunked([...people], breathe, (part) => events.selectAll().where(whose(part)).where(lately).execute());
}

/** As many who were renamed there since then as are above a ceiling; each may wait and go, which is two events. */
export function renamedThere(
  db: Db,
  of: { readonly controller: string; readonly connection: string; readonly since: number; readonly most: number },
): Promise<GuardEventsTable[]> {
  return db
    .selectFrom('guard_events')
    .selectAll()
    .where('kind', '=', sql.lit('renamed'))
    .where('at_ms', '>=', of.since)
    .where('controller', '=', of.controller)
    .where('connection', '=', of.connection)
    .limit(2 * (of.most + 1))
    .execute();
}

/** Everybody who left since then, on whichever controller. */
export function everyDisabled(db: Db, since: number, breathe: Breathe): Promise<GuardEventsTable[]> {
  return inPages<GuardEventsTable>(breathe, (after) =>
    db
      .selectFrom('guard_events')
      .selectAll()
      .where('kind', '=', sql.lit('disabled'))
      .where('at_ms', '>=', after?.at_ms ?? since)
      .$if(after !== undefined, (query) =>
        query.where(({ eb, or }) => or([eb('at_ms', '>', after!.at_ms), eb('id', '>', after!.id)])),
      )
      .orderBy('at_ms')
      .orderBy('id')
      .limit(A_PART)
      .execute(),
  );
}
