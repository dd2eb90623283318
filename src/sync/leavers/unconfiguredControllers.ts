import type { Kysely } from 'kysely';
import type { Config } from '../../config/schema.ts';
import type { Tables } from '../../store/tables.ts';

/** Controllers that worked once, are not configured any more, and that nobody has let go of: people may still act there. */
export async function unconfiguredControllers(
  db: Kysely<Tables>,
  { controllers }: Pick<Config, 'controllers'>,
): Promise<readonly string[]> {
  const configured = new Set(controllers.map(({ name }) => name));
  const rows = await db
    .selectFrom('controllers')
    .select('name')
    .where('mode', 'is not', null)
    .orderBy('name')
    .execute();
  return rows.flatMap(({ name }) => (configured.has(name) ? [] : [name]));
}
