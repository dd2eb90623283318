import { SILENT } from '../../access/ports/log.ts';
import type { Config } from '../../config/schema.ts';
import { restoreStore } from '../../store/store.ts';
import { openParts } from './parts.ts';

/**
 * Puts a backup in the place of the database and every controller on hold: an old directory would bring leavers back
 * (semantics §3). @throws ScimError STORE_*
 */
export async function restore(config: Config, file: string): Promise<void> {
  await restoreStore(config.database, file);
  const parts = await openParts(config, SILENT, { migrate: true });
  try {
    await parts.store.write(async (tx) => {
      for (const { name } of config.controllers)
        await tx.db
          .insertInto('controllers')
          .values({ name, paused: 0, on_hold: 1 })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ on_hold: 1 }))
          .execute();
      await parts.ledger.record(tx, {
        kind: 'database.restored',
        actor: 'operator',
        body: { controllers: config.controllers.map(({ name }) => name) },
      });
    });
  } finally {
    await parts.close();
  }
}
