import type { Kysely } from 'kysely';
import type { Tables } from '../../store/tables.ts';

/** The highest time that was ever trusted, milliseconds since the epoch; 0 for none. */
export async function highestTime(db: Kysely<Tables>): Promise<number> {
  return (await db.selectFrom('clock').select('highest_ms').executeTakeFirst())?.highest_ms ?? 0;
}
