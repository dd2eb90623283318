import { type Kysely, sql } from 'kysely';
import type { Breathe } from '../../access/ports/store.ts';
import { among, textRows } from '../../store/sql/lists.ts';
import type { Tables } from '../../store/tables.ts';
import { chunked } from '../state/reading.ts';

type Db = Kysely<Tables>;

/** Groups in a group, by way of others, too; as they are stored. */
export async function groupsBelow(db: Db, group: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`WITH RECURSIVE below (id) AS (
      ${textRows([group])}
      UNION
      SELECT members.member_id FROM below JOIN members ON members.group_id = below.id AND members.kind = 'Group')
    SELECT id FROM below WHERE id <> ${group}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Groups that somebody is in, by way of others, too; as they are stored. */
export async function groupsAbove(db: Db, person: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`WITH RECURSIVE above (id) AS (
      ${textRows([person])}
      UNION
      SELECT members.group_id FROM above JOIN members ON members.member_id = above.id)
    SELECT id FROM above WHERE id <> ${person}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Those of these ids of people and groups that are groups. */
export async function groupsAmong(db: Db, ids: readonly string[], breathe: Breathe): Promise<readonly string[]> {
  const rows = await chunked(ids, breathe, (part) =>
    db
      .selectFrom('groups')
      .select('id')
      .where(sql<boolean>`${among(sql.ref('id'), textRows(part))}`)
      .execute(),
  );
  return rows.map(({ id }) => id);
}
