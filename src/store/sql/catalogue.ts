import { type Kysely, sql } from 'kysely';
import { spelled } from '../spelling.ts';

/** Names of all tables of the service, in no particular order. */
export async function tableNames<Tables>(db: Kysely<Tables>): Promise<string[]> {
  const query = spelled<{ name: string }>(
    sql`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
    sql`SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()`,
  );
  const { rows } = await sql<{ name: string }>`${query}`.execute(db);
  return rows.map(({ name }) => name);
}
