import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { type PostgresServer, SERVER_VARIABLE, startPostgres } from './server.ts';

let own: Promise<PostgresServer> | undefined;

/** Why there is no PostgreSQL for the suites of this process; undefined where there is. Throws in CI instead of skipping. */
export const postgresMissing: string | undefined = await reachable();

async function reachable(): Promise<string | undefined> {
  if (process.env[SERVER_VARIABLE] !== undefined && process.env[SERVER_VARIABLE] !== '') return undefined;
  try {
    own = startPostgres();
    const server = await own;
    process.once('exit', () => server.drop());
    return undefined;
  } catch (error) {
    const reason = `PostgreSQL cannot be started: ${String(error)}`;
    if (process.env.CI === 'true') throw new Error(reason, { cause: error });
    process.stderr.write(`\n!!! SKIPPED: ${reason}\n\n`);
    return reason;
  }
}

/** Of the database `postgres` on the server of this run. */
export async function serverUrl(): Promise<string> {
  return own === undefined ? process.env[SERVER_VARIABLE]! : (await own).url;
}

/** Runs statements as the superuser, on a database of the server. */
export async function administer(database: string, ...statements: string[]): Promise<pg.QueryResult[]> {
  const client = new pg.Client({ connectionString: named(await serverUrl(), database) });
  await client.connect();
  try {
    const results: pg.QueryResult[] = [];
    for (const statement of statements) results.push(await client.query(statement));
    return results;
  } finally {
    await client.end();
  }
}

/** An empty database of its own for a test, dropped after it: its URL. */
export async function temporaryDatabase(t: Pick<TestContext, 'after'>, template = 'template0'): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer('postgres', `CREATE DATABASE ${name} TEMPLATE ${template}`);
  t.after(() => administer('postgres', ...dropping(name)));
  return named(await serverUrl(), name);
}

/** Whoever is still there is sent away; `WITH (FORCE)` is not known to PostgreSQL 12. */
export function dropping(name: string): readonly string[] {
  const away = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`;
  return [`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`, away, `DROP DATABASE ${name}`];
}

/** The URL of another database of the same server. */
export function named(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${database}`;
  return parsed.href;
}
