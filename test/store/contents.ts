import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Store } from '../../src/store/store.ts';
import { engine } from './open.ts';

/** Everything that is stored, by file or by table: to look for what must not be there. */
export async function contents(store: Store): Promise<[name: string, content: string][]> {
  if (engine() === 'sqlite') {
    const file = await store.read((db) => sql<{ file: string }>`PRAGMA database_list`.execute(db));
    const path = file.rows[0]!.file;
    return [path, `${path}-wal`].map((name) => [name, readFileSync(name, 'latin1')]);
  }
  return store.read(async (db) => {
    const tables = await sql<{ name: string }>`SELECT tablename AS name FROM pg_tables
      WHERE schemaname = current_schema()`.execute(db);
    const found: [string, string][] = [];
    for (const { name } of tables.rows) {
      const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM ${sql.table(name)} AS t`.execute(db);
      found.push([name, rows.map(({ row }) => row).join('\n')]);
    }
    return found;
  });
}
