import { SILENT } from '../../access/ports/log.ts';
import { loadKeys } from '../../config/loadKeys.ts';
import type { Config } from '../../config/schema.ts';
import { nothingSealed, requireOwnKeys } from '../../ledger/keyMark.ts';
import { restoreStore } from '../../store/open.ts';
import { systemRandom } from '../edge.ts';
import type { EngineOptions } from '../modules.ts';
import { openParts } from './parts.ts';

/**
 * Puts a backup in the place of the database with every controller on hold: an old directory would bring leavers back (semantics §3).
 * What ends it in between leaves one of the two, whole. A backup of another database is refused.
 * @throws ScimError STORE_*, KEY_FILE, KEY_FOREIGN
 */
export async function restore(config: Config, file: string, options: EngineOptions = {}): Promise<void> {
  await restoreStore(config.database, file, {
    async require(db) {
      const keys = loadKeys(config.keys, systemRandom, { create: await nothingSealed(db) });
      await requireOwnKeys(db, keys, config.keys);
    },
    prepare: (database) => hold({ ...config, database }, options),
  });
}

/** @throws ScimError STORE_*, KEY_FILE, KEY_FOREIGN */
async function hold(config: Config, options: EngineOptions): Promise<void> {
  const parts = await openParts(config, SILENT, { ...options, migrate: true });
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
        actor: parts.operator,
        body: { controllers: config.controllers.map(({ name }) => name) },
      });
    });
  } finally {
    await parts.close();
  }
}
