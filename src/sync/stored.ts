import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../access/ports/store.ts';
import type { Binding } from '../policy/facts.ts';
import { among, textRows } from '../store/sql/lists.ts';
import { unindexed } from '../store/sql/unindexed.ts';
import type {
  ClaimsTable,
  ControllersTable,
  DebtsTable,
  EntriesTable,
  GuardEventsTable,
  HeldTable,
  OwnedRolesTable,
} from '../store/tables/sync.ts';
import type { Tables } from '../store/tables.ts';

type Db = Kysely<Tables>;

/** Whom a question is about: everybody, or these people by SCIM id. */
export type Whom = 'all' | ReadonlySet<string>;

/** People of one statement and one turn of the event loop. */
const CHUNK = 100;
/** Rows that are read in one turn of the event loop. */
const A_PART = 1_000;

/** Where nothing else waits for the event loop. */
const inOneTurn: Breathe = async () => {};

async function chunked<Row>(
  values: readonly string[],
  breathe: Breathe,
  query: (part: string[]) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < values.length; at += CHUNK) {
    await breathe();
    rows.push(...(await query(values.slice(at, at + CHUNK))));
  }
  return rows;
}

/** Whether a row is of one of these people: one parameter, whatever their number. */
function whose(people: readonly string[]) {
  return sql<boolean>`${among(sql.ref('person'), textRows(people))}`;
}

/**
 * Whether a row is of the controller, kept out of the way of the index over people: most rows are of one controller, and an engine
 * that has no statistics of the table takes the index that begins with it, and goes through all of them.
 */
function isOf(controller: string) {
  return sql<boolean>`${unindexed('controller')} = ${controller}`;
}

/** Every claim, in parts. */
export async function allClaims(db: Db, controller: string, breathe: Breathe): Promise<ClaimsTable[]> {
  const found: ClaimsTable[] = [];
  for (let after = ''; ; ) {
    const part = await db
      .selectFrom('claims')
      .selectAll()
      .where('controller', '=', controller)
      .where('folded_id', '>', after)
      .orderBy('folded_id')
      .limit(A_PART)
      .execute();
    for (const row of part) found.push(row);
    if (part.length < A_PART) return found;
    after = part.at(-1)!.folded_id;
    await breathe();
  }
}

/** Claims of these people, and of whoever has these folded ids. */
export async function claimsOf(
  db: Db,
  controller: string,
  whom: ReadonlySet<string>,
  foldedIds: readonly string[],
  breathe: Breathe = inOneTurn,
): Promise<ClaimsTable[]> {
  const all = db.selectFrom('claims').selectAll().where('controller', '=', controller);
  const byPerson = await chunked([...whom], breathe, (part) =>
    db.selectFrom('claims').selectAll().where(whose(part)).where(isOf(controller)).execute(),
  );
  const seen = new Set(byPerson.map((row) => row.folded_id));
  const missing = foldedIds.filter((id) => !seen.has(id));
  return [...byPerson, ...(await chunked(missing, breathe, (part) => all.where('folded_id', 'in', part).execute()))];
}

/** Entries we answer for: of these people, and those without a person that carry one of these SIDs. */
export async function entriesOf(
  db: Db,
  controller: string,
  whom: Whom,
  sids: readonly string[] = [],
  breathe: Breathe = inOneTurn,
): Promise<EntriesTable[]> {
  const all = db.selectFrom('entries').selectAll().where('controller', '=', controller);
  if (whom === 'all') return all.execute();
  const rows = await chunked([...whom], breathe, (part) =>
    db.selectFrom('entries').selectAll().where(whose(part)).where(isOf(controller)).execute(),
  );
  const key = (row: EntriesTable): string => [row.role_type, row.role_name, row.entry_type, row.sid].join('\u0000');
  const seen = new Set(rows.map(key));
  const bySid = await chunked(sids, breathe, (part) => all.where('sid', 'in', part).execute());
  return [...rows, ...bySid.filter((row) => !seen.has(key(row)))];
}

export async function ownedRolesOf(db: Db, controller: string): Promise<OwnedRolesTable[]> {
  return db.selectFrom('owned_roles').selectAll().where('controller', '=', controller).execute();
}

export async function debtsOf(
  db: Db,
  controller: string,
  whom: Whom,
  breathe: Breathe = inOneTurn,
): Promise<DebtsTable[]> {
  const all = db.selectFrom('debts').selectAll();
  if (whom === 'all') return all.where('controller', '=', controller).execute();
  return chunked([...whom], breathe, (part) => all.where(whose(part)).where(isOf(controller)).execute());
}

export async function heldOf(db: Db, controller: string): Promise<HeldTable[]> {
  return db.selectFrom('held').selectAll().where('controller', '=', controller).orderBy('since').execute();
}

interface EventsAsked {
  readonly controller: string;
  readonly whom: Whom;
  /** Beginning of the windows, milliseconds since the epoch. */
  readonly losses: number;
  readonly gains: number;
}

/**
 * What the guard counted in its windows: people and administrators of the fleet, roles and losses of this controller, gains of
 * the people in scope and of whatever was lost. Ten thousand gains of a first sync cost later passes nothing.
 */
export async function guardEventsOf(
  db: Db,
  { controller, whom, losses, gains }: EventsAsked,
  breathe: Breathe = inOneTurn,
): Promise<GuardEventsTable[]> {
  const all = db.selectFrom('guard_events').selectAll();
  const fleet = await all
    .where('kind', 'in', ['disabled', 'administrator-gained', 'administrator-lost'])
    .where('at_ms', '>=', Math.min(losses, gains))
    .execute();
  const here = all.where('controller', '=', controller);
  const roles = await here.where('kind', '=', 'role-created').where('at_ms', '>=', gains).execute();
  const lost = await here.where('kind', '=', 'grant-lost').where('at_ms', '>=', losses).execute();
  const gained = here.where('kind', '=', 'grant-gained').where('at_ms', '>=', Math.min(losses, gains));
  if (whom === 'all') return [...fleet, ...roles, ...lost, ...(await gained.execute())];
  const since = sql<boolean>`${unindexed('kind')} = 'grant-gained' AND at_ms + 0 >= ${Math.min(losses, gains)}`;
  const byPerson = await chunked([...whom], breathe, (part) =>
    all.where(whose(part)).where(isOf(controller)).where(since).execute(),
  );
  const seen = new Set(byPerson.map(({ id }) => id));
  const keys = [...new Set(lost.map(({ key }) => key))];
  const back = await chunked(keys, breathe, (part) => gained.where('key', 'in', part).execute());
  return [...fleet, ...roles, ...lost, ...byPerson, ...back.filter(({ id }) => !seen.has(id))];
}

/** Bindings; one whose group is gone is `deleted` (semantics §5). Renames are seen by the evaluation itself. */
export async function bindingsOf(db: Db): Promise<Binding[]> {
  const rows = await db
    .selectFrom('bindings')
    .leftJoin('groups', 'groups.id', 'bindings.group_id')
    .select(['bindings.connection', 'bindings.name_key', 'bindings.group_id', 'bindings.name', 'groups.id'])
    .execute();
  return rows.map((row) => ({
    connection: row.connection,
    nameKey: row.name_key,
    group: row.group_id,
    state: row.id === null ? 'deleted' : 'bound',
    ...(row.name === null ? {} : { name: row.name }),
  }));
}

/** By group that is gone, the people whose stored reasons name it: whom its deletion freezes. */
export async function holdersOf(db: Db, bindings: readonly Binding[]): Promise<Map<string, Set<string>>> {
  const holders = new Map<string, Set<string>>();
  for (const { group, state } of bindings) {
    if (state !== 'deleted' || holders.has(group)) continue;
    const rows = await db
      .selectFrom('entries')
      .select('person')
      .distinct()
      .where('person', 'is not', null)
      .where('desired', '=', 1)
      .where('reasons', 'like', `%"groupId":"${group}"%`)
      .execute();
    holders.set(group, new Set(rows.flatMap(({ person }) => person ?? [])));
  }
  return holders;
}

/** A policy edit ends what waits because a group was renamed or deleted: names are met anew (semantics §5). */
export async function forgetLostBindings(db: Db): Promise<void> {
  await db
    .deleteFrom('bindings')
    .where('group_id', 'not in', (query) =>
      query.selectFrom('groups').select('groups.id').whereRef('groups.display_name_key', '=', 'bindings.name_key'),
    )
    .where('name_key', 'not like', 'externalId:%')
    .execute();
  await db
    .deleteFrom('bindings')
    .where('group_id', 'not in', (query) => query.selectFrom('groups').select('groups.id'))
    .execute();
}

export async function expiredKeys(db: Db): Promise<Set<string>> {
  const rows = await db.selectFrom('expired').select('key').execute();
  return new Set(rows.map((row) => row.key));
}

export async function controllerRow(db: Db, name: string): Promise<ControllersTable | undefined> {
  return db.selectFrom('controllers').selectAll().where('name', '=', name).executeTakeFirst();
}

/** People an operator declared leavers; the provider's own word takes over as soon as it says so too. */
export async function orderedLeavers(db: Db): Promise<Set<string>> {
  const rows = await db.selectFrom('ordered_leavers').select('person').execute();
  return new Set(rows.map((row) => row.person));
}

export async function pausedConnections(db: Db): Promise<Set<string>> {
  const rows = await db.selectFrom('paused_connections').select('name').execute();
  return new Set(rows.map((row) => row.name));
}
