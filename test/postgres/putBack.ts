import { administer } from './database.ts';

/** How a dump comes back over tables that are there (`pg_restore --clean`): what is done by then. */
export const STAGES = ['dropped', 'made', 'filled', 'whole'] as const;
type Stage = (typeof STAGES)[number];

const list = async (database: string, text: string): Promise<string[]> => {
  const [found] = await administer(database, text);
  return found!.rows.map(({ text }) => text);
};

/**
 * Puts back what a database has now, one stage after another. The tables are kept in a schema of their own meanwhile, which stands for
 * the file of the dump.
 */
export async function putBack(database: string): Promise<(stage: Stage) => Promise<void>> {
  const tables = await list(database, `SELECT tablename AS text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`);
  const statements: Record<Stage, readonly string[]> = {
    dropped: ['CREATE SCHEMA dump', ...tables.toReversed().map((table) => `ALTER TABLE ${table} SET SCHEMA dump`)],
    made: tables.map((table) => `CREATE TABLE ${table} (LIKE dump.${table} INCLUDING DEFAULTS INCLUDING IDENTITY)`),
    filled: tables.map((table) => `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM dump.${table}`),
    whole: [
      ...(await list(
        database,
        `SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS text
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f') ORDER BY contype = 'f'`,
      )),
      ...(await list(
        database,
        `SELECT pg_get_indexdef(indexrelid) AS text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
          WHERE relnamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))`,
      )),
      ...(await list(database, 'SELECT pg_get_triggerdef(oid) AS text FROM pg_trigger WHERE NOT tgisinternal')),
    ],
  };
  return async (stage) => void (await administer(database, ...statements[stage]));
}
