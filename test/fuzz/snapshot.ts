import { sql } from 'kysely';
import type { Store } from '../../src/store/store.ts';

/** Everything that is kept of each resource, as text, by `user ID` or `group ID`; and who is in which group. */
export interface Snapshot {
  readonly resources: ReadonlyMap<string, string>;
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
}

export async function snapshot(store: Store): Promise<Snapshot> {
  return store.read(async (db) => {
    const resources = new Map<string, string>();
    const members = new Map<string, Set<string>>();
    for (const row of await db.selectFrom('users').selectAll().execute())
      resources.set(`user ${row.id}`, JSON.stringify(row));
    const emails = await db
      .selectFrom('user_emails')
      .selectAll()
      .orderBy('user_id')
      .orderBy('value')
      .orderBy('type')
      .execute();
    for (const row of emails) {
      const key = `user ${row.user_id}`;
      resources.set(key, `${resources.get(key) ?? 'no such user'}\n${JSON.stringify(row)}`);
    }
    for (const row of await db.selectFrom('groups').selectAll().execute())
      resources.set(`group ${row.id}`, JSON.stringify(row));
    for (const row of await db.selectFrom('members').selectAll().orderBy('group_id').orderBy('member_id').execute()) {
      const key = `group ${row.group_id}`;
      resources.set(key, `${resources.get(key) ?? 'no such group'}\n${JSON.stringify(row)}`);
      const list = members.get(row.group_id) ?? new Set();
      members.set(row.group_id, list.add(row.member_id));
    }
    return { resources, members };
  });
}

/** The keys of what differs between two snapshots. */
export function differing(before: Snapshot, after: Snapshot): string[] {
  const keys = new Set([...before.resources.keys(), ...after.resources.keys()]);
  return [...keys].filter((key) => before.resources.get(key) !== after.resources.get(key));
}

/** Rows that stand for nothing: addresses of nobody, memberships of or in nothing, names that two resources have. */
export async function orphans(store: Store): Promise<unknown[]> {
  return store.read(async (db) => {
    const { rows } = await sql`
      SELECT 'e-mail of nobody' AS what, user_id AS id FROM user_emails WHERE user_id NOT IN (SELECT id FROM users)
      UNION ALL SELECT 'member of nothing', group_id FROM members WHERE group_id NOT IN (SELECT id FROM groups)
      UNION ALL SELECT 'no such member', member_id FROM members
        WHERE member_id NOT IN (SELECT id FROM users UNION ALL SELECT id FROM groups)
      UNION ALL SELECT 'name twice', min(id) FROM users GROUP BY connection, user_name_key HAVING count(*) > 1
      UNION ALL SELECT 'name twice', min(id) FROM groups GROUP BY connection, display_name_key HAVING count(*) > 1
      UNION ALL SELECT 'no JSON', id FROM users WHERE NOT json_valid(document)`.execute(db);
    return rows;
  });
}
