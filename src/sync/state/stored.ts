import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { stepDigest } from '../../plan/digest.ts';
import type { Step } from '../../plan/step.ts';
import { externalKey } from '../../policy/bindingKey.ts';
import type { Binding } from '../../policy/facts.ts';
import { isNamedSlot, namedSlot } from '../../policy/named.ts';
import type { Rule } from '../../policy/policy.ts';
import { memberText } from '../../store/sql/json.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type {
  ClaimsTable,
  ControllersTable,
  DebtsTable,
  EntriesTable,
  HeldTable,
  OwnedRolesTable,
} from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import { A_PART, behind, chunked, inOneTurn, inPages, isOf, pages, type Whom, whose } from './reading.ts';

type Db = Kysely<Tables>;

/** Every claim. */
export function allClaims(db: Db, controller: string, breathe: Breathe): Promise<ClaimsTable[]> {
  return inPages(breathe, (after) =>
    db
      .selectFrom('claims')
      .selectAll()
      .where('controller', '=', controller)
      .where('folded_id', '>', after?.folded_id ?? '')
      .orderBy('folded_id')
      .limit(A_PART)
      .execute(),
  );
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
  if (whom === 'all') return allEntries(db, controller, breathe);
  const rows = await chunked([...whom], breathe, (part) =>
    db.selectFrom('entries').selectAll().where(whose(part)).where(isOf(controller)).execute(),
  );
  const key = (row: EntriesTable): string => [row.role_type, row.role_name, row.entry_type, row.sid].join('\u0000');
  const seen = new Set(rows.map(key));
  const bySid = await chunked(sids, breathe, (part) => all.where('sid', 'in', part).execute());
  return [...rows, ...bySid.filter((row) => !seen.has(key(row)))];
}

function allEntries(db: Db, controller: string, breathe: Breathe): Promise<EntriesTable[]> {
  const key = ['role_type', 'role_name', 'entry_type', 'sid'] as const;
  return inPages(breathe, (after) =>
    db
      .selectFrom('entries')
      .selectAll()
      .where('controller', '=', controller)
      .where(behind<EntriesTable>(key, after))
      .orderBy(key[0])
      .orderBy(key[1])
      .orderBy(key[2])
      .orderBy(key[3])
      .limit(A_PART)
      .execute(),
  );
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
  if (whom === 'all')
    return inPages(breathe, (after) =>
      all
        .where('controller', '=', controller)
        .where(behind<DebtsTable>(['folded_id', 'person'], after))
        .orderBy('folded_id')
        .orderBy('person')
        .limit(A_PART)
        .execute(),
    );
  return chunked([...whom], breathe, (part) => all.where(whose(part)).where(isOf(controller)).execute());
}

/** What waits for a release, or was released or rejected: of these people, and what is about nobody. */
export async function heldOf(
  db: Db,
  controller: string,
  whom: Whom,
  breathe: Breathe = inOneTurn,
): Promise<HeldTable[]> {
  const all = db.selectFrom('held').selectAll().where('controller', '=', controller);
  if (whom === 'all')
    return inPages(breathe, (after) =>
      all
        .where('step_key', '>', after?.step_key ?? '')
        .orderBy('step_key')
        .limit(A_PART)
        .execute(),
    );
  const person = memberText('step', 'person');
  const ofNobody = await all.where(sql<boolean>`${person} IS NULL`).execute();
  const ofThem = await chunked([...whom], breathe, (part) =>
    all.where(sql<boolean>`${among(person, textRows(part))}`).execute(),
  );
  return [...ofNobody, ...ofThem];
}

/** Rows of these steps that are not among those, whoever they are about. */
export async function heldLike(
  db: Db,
  controller: string,
  known: readonly HeldTable[],
  steps: readonly Step[],
  breathe: Breathe,
): Promise<HeldTable[]> {
  const all = db.selectFrom('held').selectAll().where('controller', '=', controller);
  if ((await all.limit(1).execute()).length === 0) return [];
  const seen = new Set(known.map(({ step_key }) => step_key));
  const keys = [...new Set(steps.map(stepDigest))].filter((key) => !seen.has(key));
  return chunked(keys, breathe, (part) =>
    all.where(sql<boolean>`${among(sql.ref('step_key'), textRows(part))}`).execute(),
  );
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
    // Who is called so now is for the evaluation to see.
    state: row.id === null && !isNamedSlot(row.name_key) ? 'deleted' : 'bound',
    ...(row.name === null ? {} : { name: row.name }),
  }));
}

/** By group that is gone, the people whose stored reasons name it; what waits at an id that they gave up is theirs still. */
export async function holdersOf(
  db: Db,
  bindings: readonly Binding[],
  breathe: Breathe,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const gone = bindings.filter(({ state }) => state === 'deleted');
  const holders = new Map(gone.map(({ group }) => [group, new Set<string>()]));
  if (holders.size === 0) return holders;
  const key = ['controller', 'role_type', 'role_name', 'entry_type', 'sid'] as const;
  const waits = sql`SELECT 1 FROM debts WHERE debts.person = entries.person AND debts.id = entries.sid
    AND debts.controller = entries.controller AND debts.cause = 'old-id' AND debts.state IN ('open', 'held')`;
  const held = sql<number>`CASE WHEN desired = 1 OR (verified = 1 AND EXISTS (${waits})) THEN 1 ELSE 0 END`.as('held');
  const all = db.selectFrom('entries').select([...key, 'person', held, 'reasons']);
  type Row = Pick<EntriesTable, (typeof key)[number] | 'person' | 'reasons'> & { readonly held: number };
  const entries = pages<Row>(breathe, (after) =>
    all
      .where(behind(key, after))
      .orderBy(sql.join(key.map((column) => sql.ref(column))))
      .limit(A_PART)
      .execute(),
  );
  for await (const part of entries)
    for (const { person, held: isHeld, reasons } of part)
      if (person !== null && isHeld === 1)
        for (const [, group] of reasons.matchAll(/"groupId":"([^"]+)"/g)) holders.get(group ?? '')?.add(person);
  return holders;
}

/**
 * A policy edit ends what waits because a group was deleted, or is called otherwise or has another externalId now: names are met anew
 * (semantics §5). Whom a rule for one person was first about is forgotten with the rule.
 * @param rules those of the policy that comes into force
 */
export async function forgetLostBindings(db: Db, rules: readonly Pick<Rule, 'id' | 'subject'>[]): Promise<void> {
  const bindings = await db.selectFrom('bindings').select(['connection', 'name_key', 'group_id']).execute();
  const slots = new Set(rules.map(namedSlot));
  const lost = bindings.filter(({ name_key }) => isNamedSlot(name_key) && !slots.has(name_key));
  for (const { connection, name_key } of lost)
    await db.deleteFrom('bindings').where('connection', '=', connection).where('name_key', '=', name_key).execute();
  const named = bindings.filter(({ name_key }) => isNamedSlot(name_key)).map(({ name_key }) => name_key);
  const ofGroups = db.deleteFrom('bindings').$if(named.length > 0, (query) => query.where('name_key', 'not in', named));
  await ofGroups
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('groups')
            .select('groups.id')
            .whereRef('groups.id', '=', 'bindings.group_id')
            .where(({ eb, or, ref }) =>
              or([
                eb('groups.display_name_key', '=', ref('bindings.name_key')),
                eb(sql`${externalKey('')} || groups.external_id`, '=', ref('bindings.name_key')),
              ]),
            ),
        ),
      ),
    )
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
