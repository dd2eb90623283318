import { refuse } from '../../errors.ts';
import type { Migration } from '../migrations/migration.ts';
import type { PostgresConnection } from './connection.ts';
import { encode } from './text.ts';

const MADE = /^CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER) (\w+)/;
const DROPPED = /^DROP (?:TABLE|INDEX|TRIGGER) (\w+)/;

interface Objects {
  /** Tables, indexes, and the indexes of primary keys. */
  readonly relations: readonly string[];
  readonly triggers: readonly string[];
}

/** What a schema has when all of the migrations were applied, by name. */
export function objectsOf(migrations: readonly Migration[]): Objects {
  const relations = new Set<string>(['schema_migrations', 'schema_migrations_pkey']);
  const triggers = new Set<string>();
  for (const statement of migrations.flatMap(({ postgres, up }) => [...(postgres ?? []), ...up])) {
    const [, kind, made] = MADE.exec(statement) ?? [];
    const [, dropped] = DROPPED.exec(statement) ?? [];
    if (made !== undefined) (kind === 'TRIGGER' ? triggers : relations).add(made);
    if (kind === 'TABLE' && /\bPRIMARY KEY\b/.test(statement)) relations.add(`${made}_pkey`);
    if (dropped !== undefined) for (const names of [relations, triggers]) names.delete(dropped);
  }
  return { relations: [...relations], triggers: [...triggers] };
}

const literal = (names: readonly string[]): string => `'{${encode(names.join(','))}}'::text[]`;

/**
 * Whether everything of a schema is there. A dump is put back table by table: all of them are made, then filled, then get their indexes
 * and triggers. Until the last of these is there, tables may be empty that are not in the dump, and take what may be there once only.
 * @returns the number by which the server knows these tables from others of their names
 * @throws ScimError STORE_INCOMPLETE
 */
export async function requireObjects(
  connection: PostgresConnection,
  { relations, triggers }: Objects,
): Promise<number> {
  const [found] = await connection.script(`SELECT to_regclass('schema_migrations')::oid::bigint AS home,
    (SELECT min(name) FROM unnest(${literal(relations)}) AS wanted (name) WHERE to_regclass(name) IS NULL) AS relation,
    (SELECT min(name) FROM unnest(${literal(triggers)}) AS wanted (name) WHERE NOT EXISTS (
      SELECT FROM pg_trigger WHERE tgname = name AND pg_table_is_visible(tgrelid))) AS trigger`);
  const { home, relation, trigger } = (found?.rows[0] ?? {}) as Record<string, number | string | null>;
  const missing = relation ?? trigger;
  if (typeof missing === 'string') throw refuse('STORE_INCOMPLETE', { reason: `${missing} is not there` });
  return Number(home);
}
