import { SILENT } from '../../access/ports/log.ts';
import { loadKeys } from '../../config/loadKeys.ts';
import type { Config } from '../../config/schema.ts';
import { type Endings, endAgain, endingsOf } from '../../credentials/endings.ts';
import { nothingSealed, requireOwnKeys } from '../../ledger/keyMark.ts';
import { restoreStore } from '../../store/open.ts';
import { putOnHold } from '../../sync/onHold.ts';
import { forgetUses } from '../../sync/useWatch.ts';
import { systemRandom } from '../edge.ts';
import type { EngineOptions } from '../modules.ts';
import { openParts } from './parts.ts';

/**
 * Puts a backup in the place of the database with every controller on hold: an old directory would bring leavers back (semantics §3).
 * What ends it in between leaves one of the two, whole. Credentials that ended since stay ended. A backup of another database is refused.
 * @returns how many those were; undefined where what was there before could not be read
 * @throws ScimError STORE_*, KEY_FILE, KEY_FOREIGN
 */
export async function restore(
  config: Config,
  file: string,
  options: EngineOptions = {},
): Promise<{ readonly ended: number | undefined }> {
  let endings: Endings | undefined;
  let ended: number | undefined;
  await restoreStore(config.database, file, {
    async require(db, former) {
      const keys = loadKeys(config.keys, systemRandom, { create: await nothingSealed(db) });
      await requireOwnKeys(db, keys, config.keys);
      // A database is mostly replaced because it is damaged: what cannot be read is told, and hinders nothing.
      if (former !== undefined) endings = await endingsOf(former).catch(() => undefined);
    },
    async prepare(database) {
      ended = await hold({ ...config, database }, options, endings);
    },
  });
  return { ended };
}

/** @returns how many credentials were ended again. @throws ScimError STORE_*, KEY_FILE, KEY_FOREIGN */
async function hold(config: Config, options: EngineOptions, endings: Endings | undefined): Promise<number | undefined> {
  const parts = await openParts(config, SILENT, { ...options, migrate: true });
  try {
    return await parts.store.write(async (tx) => {
      await forgetUses(tx);
      await putOnHold(
        tx.db,
        config.controllers.map(({ name }) => name),
      );
      await parts.ledger.record(tx, {
        kind: 'database.restored',
        actor: parts.operator,
        body: { controllers: config.controllers.map(({ name }) => name) },
      });
      return endings === undefined ? undefined : endAgain(tx, parts.ledger, endings, parts.operator);
    });
  } finally {
    await parts.close();
  }
}
