import { type Kysely, sql } from 'kysely';
import { namedIn } from '../policy/named.ts';
import { among, textRows } from '../store/sql/lists.ts';
import type { Tables } from '../store/tables.ts';

/** Somebody whose name a rule for one person has, and who is not whom it was first about. */
export interface Namesake {
  readonly rule: string;
  readonly connection: string;
  readonly userName: string;
  /** SCIM ids. */
  readonly person: string;
  readonly first: string;
}

/** Rules whose one name is another person's now: they give that one nothing. */
export async function namesakesOf(db: Kysely<Tables>): Promise<Namesake[]> {
  const rows = await db
    .selectFrom('bindings')
    .select(['connection', 'name_key', 'group_id'])
    .orderBy('connection')
    .orderBy('name_key')
    .execute();
  const named = rows.flatMap((row) => {
    const found = namedIn(row.name_key);
    return found === undefined ? [] : [{ ...found, connection: row.connection, first: row.group_id }];
  });
  if (named.length === 0) return [];
  const people = await db
    .selectFrom('users')
    .select(['id', 'connection', 'user_name', 'user_name_key'])
    .where('connection', 'in', [...new Set(named.map(({ connection }) => connection))])
    .where(sql<boolean>`${among(sql.ref('user_name_key'), textRows(named.map(({ nameKey }) => nameKey)))}`)
    .execute();
  const now = new Map(people.map((row) => [`${row.connection}\u0000${row.user_name_key}`, row]));
  return named.flatMap(({ rule, nameKey, connection, first }) => {
    const person = now.get(`${connection}\u0000${nameKey}`);
    if (person === undefined || person.id === first) return [];
    return [{ rule, connection, userName: person.user_name, person: person.id, first }];
  });
}
