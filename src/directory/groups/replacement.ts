import type { Kysely } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import type { GroupChange } from '../../scim/groupChange.ts';
import type { MemberRef } from '../../scim/resource.ts';
import { prepared } from '../../store/prepared.ts';
import type { Store } from '../../store/store.ts';
import type { Tables } from '../../store/tables.ts';
import { HERE, PART } from '../inParts.ts';
import type { GroupRow } from './groupRow.ts';

/** What a group lacks of the members it is to have, and has beyond them. */
interface Replacement {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** Compares the members of a group with those it is to have, in parts. */
export async function replacement(
  db: Kysely<Tables>,
  group: string,
  wanted: readonly string[],
  breathe: Breathe,
): Promise<Replacement> {
  const missing = new Set(wanted);
  const extra: string[] = [];
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('members')
      .select('member_id')
      .where('group_id', '=', group)
      .where('member_id', '>', after)
      .orderBy('member_id')
      .limit(PART)
      .execute();
    for (const { member_id: id } of rows) if (!missing.delete(id)) extra.push(id);
    if (rows.length < PART) return { missing: [...missing], extra };
    after = rows.at(-1)!.member_id;
    await breathe();
  }
}

/** Those of the members that are missing, with what is said of them. */
export function among(members: readonly MemberRef[], missing: readonly string[]): readonly MemberRef[] {
  const ids = new Set(missing);
  return members.filter(({ value }) => ids.has(value));
}

/** What is known of changes to a group before their write. */
export interface Foreseen {
  /** The version it is known of. */
  readonly version: number;
  /** Members of the group. */
  readonly size: number;
  /** The changes, or what they come to with the members of that version. */
  readonly changes: readonly GroupChange[];
}

/**
 * Finds out before the write, which everybody else waits for, how large the group is whose members are replaced, and what a replacement of
 * many comes to; it holds as long as the group has the same version. Undefined where there is nothing to find out. A server is asked
 * about replacements by many alone: it costs it a round trip, and nobody else's turn depends on it.
 */
export async function foreseen(
  store: Pick<Store, 'read' | 'far'>,
  connection: string,
  group: string,
  changes: readonly GroupChange[],
): Promise<Foreseen | undefined> {
  const [asked, ...others] = changes.filter(({ op }) => op !== 'attributes');
  const wanted = asked === undefined || others.length > 0 ? undefined : replacing(asked);
  const many = wanted !== undefined && wanted.length > PART;
  if (!many && (store.far === true || !changes.some(replaces))) return undefined;
  return store.read(async (db, breathe): Promise<Foreseen | undefined> => {
    const { rows } = await sizeOf(db, { id: group, connection });
    const [row] = rows;
    if (row === undefined) return undefined;
    const { version, member_count: size } = row;
    if (!many && (wanted === undefined || wanted.length + size <= HERE)) return { version, size, changes };
    const members = wanted ?? [];
    const { missing, extra } = await replacement(
      db,
      group,
      members.map(({ value }) => value),
      breathe,
    );
    const instead: GroupChange[] = [
      { op: 'remove-members', values: extra },
      { op: 'add-members', members: among(members, missing) },
    ];
    return { version, size, changes: changes.flatMap((change) => (change === asked ? instead : [change])) };
  });
}

/** Whether the size of the group decides how much a change writes. */
function replaces({ op }: GroupChange): boolean {
  return op === 'clear-members' || op === 'replace-members';
}

/** Whom a change leaves as the only members; undefined where others stay. */
function replacing(change: GroupChange): readonly MemberRef[] | undefined {
  if (change.op === 'clear-members') return [];
  return change.op === 'replace-members' ? change.members : undefined;
}

/** Memberships that changes to a group of so many members write at most. */
export function extent(changes: readonly GroupChange[], size: number): number {
  let total = 0;
  let now = size;
  for (const change of changes) {
    const before = now;
    if (change.op === 'remove-members') total += change.values.length;
    else if (change.op === 'add-members') {
      total += change.members.length;
      now += change.members.length;
    } else if (change.op !== 'attributes') {
      now = change.op === 'clear-members' ? 0 : change.members.length;
      total += before + now;
    }
  }
  return total;
}

/** Version and size of a group of a connection. */
export const sizeOf = prepared<{ id: string; connection: string }, Pick<GroupRow, 'version' | 'member_count'>>(
  (value, db) =>
    db
      .selectFrom('groups')
      .select(['version', 'member_count'])
      .where('id', '=', value('id'))
      .where('connection', '=', value('connection')),
);
