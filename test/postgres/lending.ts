import { randomBytes } from 'node:crypto';
import { SILENT } from '../../src/access/ports/log.ts';
import { systemClock, systemTimers } from '../../src/cli/edge.ts';
import { openStore } from '../../src/store/open.ts';
import type { Lent } from '../store/open.ts';
import { administer, named, serverUrl } from './database.ts';

const SHAPE = `SELECT md5(string_agg(line, chr(10) ORDER BY line)) AS shape FROM (
  SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT tgname::text FROM pg_trigger UNION ALL SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'v')
  UNION ALL SELECT conname::text FROM pg_constraint) AS lines`;

const LARGE = 20 * 1024 ** 2;
const RESTART = [
  `SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public'`,
];

interface Template {
  readonly shape: string;
  /** Brings a database back to what migrations leave. */
  readonly reset: string;
}

const free: string[] = [];
let template: Template | undefined;

/** A database with the whole schema and nothing in it; one that a test gave back is emptied and lent again. */
export async function lend(): Promise<Lent> {
  const name = free.pop() ?? (await make());
  return {
    url: named(await serverUrl(), name),
    async giveBack() {
      const { shape, reset } = template!;
      const [found, size] = await administer(name, SHAPE, `SELECT pg_database_size('${name}')::int AS bytes`);
      if (found!.rows[0].shape !== shape || size!.rows[0].bytes > LARGE) return;
      await administer(name, reset);
      free.push(name);
    },
  };
}

async function make(): Promise<string> {
  const name = `lent_${randomBytes(8).toString('hex')}`;
  await administer('postgres', `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = named(await serverUrl(), name);
  await (await openStore(url, { clock: systemClock, timers: systemTimers, log: SILENT })).close();
  template ??= await describe(name);
  return name;
}

async function describe(name: string): Promise<Template> {
  const [shape, tables] = await administer(
    name,
    SHAPE,
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'`,
  );
  const names: string[] = tables!.rows.map((row) => row.name);
  const seeds: string[] = [];
  for (const table of names) {
    const [rows] = await administer(name, `SELECT row_to_json(t)::text AS row FROM ${table} AS t`);
    for (const { row } of rows!.rows)
      seeds.push(
        `INSERT INTO ${table} SELECT * FROM json_populate_record(NULL::${table}, '${row.replaceAll("'", "''")}')`,
      );
  }
  return {
    shape: shape!.rows[0].shape,
    reset: [...names.map((table) => `DELETE FROM ${table}`), ...RESTART, ...seeds].join('; '),
  };
}
