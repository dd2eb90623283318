import type { Kysely } from 'kysely';
import type { Tables } from '../../store/tables.ts';

/** Nothing is written to these controllers until `resume`: the directory may be older than what was done there (semantics §3). */
export async function putOnHold(db: Kysely<Tables>, controllers: readonly string[]): Promise<void> {
  for (const name of controllers)
    await db
      .insertInto('controllers')
      .values({ name, paused: 0, on_hold: 1 })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ on_hold: 1 }))
      .execute();
}
