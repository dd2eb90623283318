import type { Kysely } from 'kysely';
import type { Breathe } from '../access/ports/store.ts';
import type { GroupChange } from '../scim/groupChange.ts';
import type { Store } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';
import { PART } from './inParts.ts';

/** What a group lacks of the members it is to have, and has beyond them. */
export interface Replacement {
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

/** Changes to a group as they come to with the members it had in one version. */
export interface Foreseen {
  readonly version: number;
  readonly changes: readonly GroupChange[];
}

/**
 * Finds out before the write, which everybody else waits for, what a replacement of many members comes to; it holds as long as the
 * group has the same version. Undefined where there is nothing to find out.
 */
export async function foreseen(
  store: Pick<Store, 'read'>,
  connection: string,
  group: string,
  changes: readonly GroupChange[],
): Promise<Foreseen | undefined> {
  const [asked, ...others] = changes.filter(({ op }) => op !== 'attributes');
  if (asked?.op !== 'replace-members' || others.length > 0 || asked.members.length <= PART) return undefined;
  return store.read(async (db, breathe) => {
    const row = await db
      .selectFrom('groups')
      .select('version')
      .where('id', '=', group)
      .where('connection', '=', connection)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const wanted = asked.members.map((member) => member.value);
    const { missing, extra } = await replacement(db, group, wanted, breathe);
    const instead: GroupChange[] = [
      { op: 'remove-members', values: extra },
      { op: 'add-members', members: missing.map((value) => ({ value })) },
    ];
    return { version: row.version, changes: changes.flatMap((change) => (change === asked ? instead : [change])) };
  });
}
