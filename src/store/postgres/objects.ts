import { refuse } from '../../errors.ts';
import { madeBy } from '../migrations/made.ts';
import type { Migration } from '../migrations/migration.ts';
import type { PostgresConnection } from './connection.ts';
import { encode } from './text.ts';

const VERSIONS = 'schema_migrations';

interface Objects {
  /** Tables, indexes, and the indexes of primary keys. */
  readonly relations: readonly string[];
  readonly triggers: readonly string[];
}

/** What a schema has when all of the migrations were applied, by name. */
export function objectsOf(migrations: readonly Migration[]): Objects {
  const { tables, keyed, indexes, triggers } = madeBy(
    migrations.flatMap(({ postgres, up }) => [...(postgres ?? []), ...up]),
  );
  const keys = [VERSIONS, ...keyed].map((name) => `${name}_pkey`);
  return { relations: [VERSIONS, ...tables, ...indexes, ...keys], triggers };
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
