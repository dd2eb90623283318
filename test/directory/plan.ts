import { sql } from 'kysely';
import { rowsOf } from '../../src/store/sql/lists.ts';
import type { Store } from '../../src/store/store.ts';
import { engine } from '../store/open.ts';
import { type Bench, crowd } from './open.ts';

/** The steps of a statement's plan, as the engine words them. On PostgreSQL tables are scanned only where no index would do. */
export async function explain({ store }: { readonly store: Store }, statement: string): Promise<string[]> {
  if (engine() === 'sqlite') {
    const { rows } = await store.read((db) =>
      sql.raw<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement}`).execute(db),
    );
    return rows.map((row) => row.detail);
  }
  return store.read(async (db) => {
    await sql`SET LOCAL enable_seqscan = off`.execute(db);
    const { rows } = await generic(db, statement);
    return rows.map((row) => row['QUERY PLAN'].trim());
  });
}

type Reader = Parameters<Parameters<Store['read']>[0]>[0];

/** Whatever the values are. */
async function generic(db: Reader, statement: string) {
  const count = Math.max(0, ...[...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const nulls = Array.from({ length: count }, () => 'NULL').join();
  await sql`SET LOCAL plan_cache_mode = force_generic_plan`.execute(db);
  await sql.raw(`PREPARE explained AS ${statement}`).execute(db);
  const plan = await sql
    .raw<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE explained${count === 0 ? '' : `(${nulls})`}`)
    .execute(db);
  await sql`DEALLOCATE explained`.execute(db);
  return plan;
}

/** Gives the planner of PostgreSQL a crowd to plan for; SQLite plans the same for any number. */
export async function populous(bench: Pick<Bench, 'store'>): Promise<void> {
  if (engine() === 'sqlite') return;
  await crowd(bench, 3_000);
  const groups = Array.from({ length: 3_000 }, (_, n) => [`group-${n}`, `team ${n}`] as const);
  await bench.store.write(async ({ db }) => {
    await sql`INSERT INTO groups
      (id, connection, display_name, display_name_key, document, created_at, modified_at, version, member_count)
      SELECT id, 'okta', name, name, '{}', '2025-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z', 1, 0
      FROM ${rowsOf({ id: 'text', name: 'text' }, groups)} AS crowd`.execute(db);
    await sql`ANALYZE`.execute(db);
  });
}

/** Steps that read a table, or all of a connection, to find a few rows. */
export function weakSteps(plan: readonly string[]): string[] {
  const weak =
    engine() === 'sqlite'
      ? /^SCAN (users|groups|members|user_emails|user_roles|tombstones)|\(connection=\?\)$/
      : /Seq Scan on (users|groups|members|user_emails|user_roles|tombstones)|Index Cond: \(connection = \$\d+\)$/;
  return plan.filter((step) => weak.test(step));
}
