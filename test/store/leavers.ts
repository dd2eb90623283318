import { sql } from 'kysely';
import { rowsOf } from '../../src/store/sql/lists.ts';
import type { Store } from '../../src/store/store.ts';

const AT = '2026-11-24T08:00:00.000Z';

/** So many people who are not active, and as many who are, of one connection; past the directory, on any schema. */
export async function leavers(store: Store, count: number, name = 'left'): Promise<void> {
  const rows = Array.from({ length: 2 * count }, (_, n) => [`${name}-${n}`, n % 2]);
  await store.write(async ({ db }) => {
    await sql`INSERT INTO users (id, connection, user_name, user_name_key, active, document, created_at, modified_at, version)
      SELECT id, 'okta', id, id, active, '{}', ${AT}, ${AT}, 1
      FROM ${rowsOf({ id: 'text', active: 'number' }, rows)} AS people WHERE true`.execute(db);
  });
}

/** What the database counted of people who are not active. */
export async function inactiveKept(store: Store): Promise<{ name: string; value: number }[]> {
  const rows = await store.read((db) =>
    db.selectFrom('counters').selectAll().where('name', 'like', 'inactive:%').orderBy('name').execute(),
  );
  return rows.map(({ name, value }) => ({ name, value: Number(value) }));
}
