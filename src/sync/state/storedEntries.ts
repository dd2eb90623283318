import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Observed } from '../../access/ports/controller.ts';
import { foldId, type IdStrategy, type Principal } from '../../access/principal.ts';
import { type RoleKey, roleKey } from '../../access/role.ts';
import type { GrantStep } from '../../plan/step.ts';
import type { DesiredGrant } from '../../policy/evaluation.ts';
import { rowsOf } from '../../store/sql/lists.ts';
import type { EntriesTable } from '../../store/tables/sync.ts';
import type { Tables } from '../../store/tables.ts';
import type { Assessment } from '../pass/assessment.ts';
import { stillFrozen } from '../policy/stillFrozen.ts';
import { partsOf, type Work } from './parts.ts';
import { principalOf, roleOf } from './rows.ts';

type Db = Kysely<Tables>;

/** `since` of an entry that hands gave, or an operator who knew that a credential was compromised: it came of no credential. */
export const BY_HAND = '';

/** What names an entry on a controller. */
export type EntryName = Pick<EntriesTable, 'role_type' | 'role_name' | 'entry_type' | 'sid'>;

/** Names an entry byte for byte. */
export function entryKey(role: RoleKey, { type, id }: Principal): string {
  return `${role.type}\u0000${role.name}\u0000${type}\u0000${id}`;
}

/** Names it as the realm of a controller compares ids: an entry stays as it was spelled when somebody's id is spelled otherwise. */
export function foldedEntryKey(role: RoleKey, { type, id }: Principal, ids: IdStrategy): string {
  return entryKey(role, { type, id: type === 'group' ? id : foldId(id, ids) });
}

export function entryName(role: RoleKey, { type, id }: Principal): EntryName {
  return { role_type: role.type, role_name: role.name, entry_type: type, sid: id };
}

const keyOf = ({ role_type, role_name, entry_type, sid }: EntryName): string =>
  `${role_type}\u0000${role_name}\u0000${entry_type}\u0000${sid}`;

/** Ownership of what is about to be granted, what was found satisfied, and the reasons that carry each entry now. */
export function entryWorks(assessed: Assessment, at: string): Work[] {
  const { controller, evaluation, identities, live, plan, situation, suspects, verdict } = assessed;
  const ids = live.capabilities.userIds;
  const carriers = (grants: readonly DesiredGrant[]) =>
    grants.flatMap((grant): [string, DesiredGrant][] => {
      const identity = grant.person === undefined ? undefined : identities.people.get(grant.person);
      const id = grant.principal ?? (identity !== undefined && 'id' in identity ? identity.id : undefined);
      return id === undefined ? [] : [[foldedEntryKey(grant.role, { type: 'user', id }, ids), grant]];
    });
  const wanted = new Map(carriers(evaluation.grants));
  const kept = stillFrozen(assessed);
  const carrying = new Map([...wanted, ...carriers(evaluation.frozen)]);
  for (const [key, grant] of carriers(evaluation.beside)) {
    const carrier = carrying.get(key)!;
    const more = kept(grant);
    if (more.length > 0) carrying.set(key, { ...carrier, reasons: [...carrier.reasons, ...more] });
  }
  // A repair that is cut off is still one the next time. What suspects gain goes only where an operator lets it through.
  const given = (step: GrantStep) => ({
    ...{ entry: step, standing: 'owned' as const, there: step.cause === 'drift' ? 1 : 0 },
    since: step.person !== undefined && suspects(step.person, step.reasons) ? BY_HAND : at,
  });
  const found = [
    ...verdict.go.flatMap((step) => (step.kind === 'grant' ? [given(step)] : [])),
    ...plan.owned.map((entry) => ({ entry, standing: 'owned' as const, there: 1, since: BY_HAND })),
    ...plan.matched.map((entry) => ({ entry, standing: 'matched' as const, there: 1, since: BY_HAND })),
  ];
  const rows = found.map(
    ({ entry: { role, principal, person, reasons: own }, standing, there, since }): EntriesTable => {
      const carried = JSON.stringify(carrying.get(foldedEntryKey(role, principal, ids))?.reasons ?? own ?? []);
      const name = { controller: controller.name, ...entryName(role, principal) };
      return { ...name, standing, person: person ?? null, reasons: carried, since, verified: there, desired: 1 };
    },
  );
  const written = new Set(rows.map(keyOf));
  const stands = standing(live.observed);
  const changed: EntriesTable[] = [];
  for (const row of situation.entries) {
    if (written.has(keyOf(row)) || situation.except.has(row.person ?? '')) continue;
    const key = foldedEntryKey(roleOf(row), principalOf(row), ids);
    const carried = carrying.get(key);
    const text = carried === undefined ? row.reasons : JSON.stringify(carried.reasons);
    // Kept entries go on with an id, too, and are whose that is now.
    const person = carried?.person ?? row.person;
    const desired = carried === undefined ? 0 : 1;
    // What others took away, and nothing gives now, is not there to come back when it is wanted again: that is a gain then, and no repair.
    // What is kept where it stands is there again where they put it back.
    const mayBeThere = row.verified === 1 || carried !== undefined;
    const verified = wanted.has(key) ? row.verified : mayBeThere && stands(row) ? 1 : 0;
    if (text !== row.reasons || desired !== row.desired || verified !== row.verified || person !== row.person)
      changed.push({ ...row, reasons: text, desired, verified, person });
  }
  return [
    ...partsOf(rows).map((part) => ({ rows: part.length, run: ({ db }: { db: Db }) => putEntries(db, part) })),
    ...partsOf(changed).map((part) => ({
      rows: part.length,
      run: ({ db }: { db: Db }) => setReasons(db, controller.name, part),
    })),
  ];
}

/** Whether an entry was there when it was read; a role is looked through when it is first asked about. */
function standing({ roles }: Observed): (row: EntriesTable) => boolean {
  const entries = new Map<string, ReadonlySet<string>>();
  return (row) => {
    const role = roleOf(row);
    const key = roleKey(role);
    const known =
      entries.get(key) ??
      new Set(roles.find((one) => roleKey(one) === key)?.entries.map((principal) => entryKey(role, principal)));
    entries.set(key, known);
    return known.has(entryKey(role, principalOf(row)));
  };
}

/**
 * Stores entries of one controller whether they were there or not; `since` of an owned one that was there, or is found there, for the
 * same person stays, and where it goes on with an id that is somebody else now. What is owned stays owned: a pass over few people does
 * not know what is stored for others. The last of two counts.
 */
export async function putEntries(db: Db, rows: readonly EntriesTable[]): Promise<void> {
  const last = [...new Map(rows.map((row) => [keyOf(row), row])).values()];
  if (last.length === 0) return;
  const values = rowsOf(
    {
      ...{ controller: 'text', role_type: 'text', role_name: 'text', entry_type: 'text', sid: 'text' },
      ...{ standing: 'text', person: 'text', reasons: 'text', since: 'text', verified: 'number', desired: 'number' },
    },
    last.map((row) => [
      ...[row.controller, row.role_type, row.role_name, row.entry_type, row.sid],
      ...[row.standing, row.person, row.reasons, row.since, row.verified, row.desired],
    ]),
  );
  await sql`INSERT INTO entries (controller, role_type, role_name, entry_type, sid, standing, person, reasons, since, verified, desired)
    SELECT controller, role_type, role_name, entry_type, sid, standing, person, reasons, since, verified, desired FROM ${values} AS put
    WHERE true
    ON CONFLICT (controller, role_type, role_name, entry_type, sid) DO UPDATE SET
      standing = CASE WHEN entries.standing = 'owned' THEN entries.standing ELSE excluded.standing END,
      person = excluded.person, reasons = excluded.reasons, verified = excluded.verified, desired = excluded.desired,
      since = CASE WHEN entries.standing = 'owned' AND (entries.verified = 1 OR excluded.verified = 1)
        AND (entries.person IS NOT DISTINCT FROM excluded.person OR entries.verified = excluded.verified)
        THEN entries.since ELSE excluded.since END`.execute(db);
}

async function setReasons(db: Db, controller: string, rows: readonly EntriesTable[]): Promise<void> {
  const values = rowsOf(
    { ...NAMED, ...{ reasons: 'text', desired: 'number', verified: 'number', person: 'text' } },
    rows.map((row) => [...named(controller, row), row.reasons, row.desired, row.verified, row.person]),
  );
  const set = sql`reasons = named.reasons, desired = named.desired, verified = named.verified, person = named.person`;
  await updateEntries(db, set, values);
}

/** What was read of entries of one controller after a change. */
export async function setVerified(
  db: Db,
  controller: string,
  names: readonly EntryName[],
  set: { readonly verified: 1 } | { readonly verified: 0; readonly desired: 0 },
): Promise<void> {
  if (names.length === 0) return;
  const values = rowsOf(
    NAMED,
    names.map((name) => named(controller, name)),
  );
  const words = set.verified === 1 ? sql`verified = 1` : sql`verified = 0, desired = 0`;
  await updateEntries(db, words, values);
}

const NAMED = { controller: 'text', role_type: 'text', role_name: 'text', entry_type: 'text', sid: 'text' } as const;

/** The controller stands in each row: beside them as a value of its own, it would lead an engine through all entries there. */
function named(controller: string, { role_type, role_name, entry_type, sid }: EntryName): string[] {
  return [controller, role_type, role_name, entry_type, sid];
}

async function updateEntries(db: Db, set: RawBuilder<unknown>, rows: RawBuilder<unknown>): Promise<void> {
  await sql`UPDATE entries SET ${set} FROM ${rows} AS named
    WHERE entries.controller = named.controller AND entries.role_type = named.role_type AND entries.role_name = named.role_name
      AND entries.entry_type = named.entry_type AND entries.sid = named.sid`.execute(db);
}
