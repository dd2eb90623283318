import type { Kysely } from 'kysely';
import { SILENT } from '../../access/ports/log.ts';
import type { Keys } from '../../config/keys.ts';
import { loadKeys } from '../../config/loadKeys.ts';
import type { Config } from '../../config/schema.ts';
import { type Endings, endAgain, endingsOf } from '../../credentials/endings.ts';
import { nothingSealed, requireOwnKeys } from '../../ledger/keyMark.ts';
import { restoreStore } from '../../store/open.ts';
import type { Tables } from '../../store/tables.ts';
import { putOnHold } from '../../sync/lease/onHold.ts';
import { pausedConnections } from '../../sync/state/stored.ts';
import { forgetUses } from '../../sync/uses/useWatch.ts';
import { systemRandom } from '../edge.ts';
import type { EngineOptions, Restored } from '../modules.ts';
import { type Declared, declareAgain, declaredIn } from './declareLeaver.ts';
import { liftAgain, liftedSince } from './liftLeaver.ts';
import { openParts } from './parts.ts';
import { pauseAgain } from './pausing.ts';

/** What the database that is replaced knew, and a backup of before does not. */
interface Former {
  readonly endings: Endings;
  readonly declared: readonly Declared[];
  /** People of the backup (SCIM ids) whom an operator let come back; undefined where the records of it cannot be read. */
  readonly lifted: readonly string[] | undefined;
  /** Connections. */
  readonly paused: ReadonlySet<string>;
}

/**
 * Puts a backup in the place of the database with every controller on hold: an old directory would bring leavers back (semantics §3).
 * What ends it in between leaves one of the two, whole. Credentials that ended since stay ended, whom an operator cut since stays cut, whom
 * one let come back is back, connections that were paused since stay paused.
 * A backup of another database is refused. @throws ScimError STORE_*, KEY_FILE, KEY_FOREIGN
 */
export async function restore(config: Config, file: string, options: EngineOptions = {}): Promise<Restored> {
  let known: Former | undefined;
  let restored: Restored = {};
  await restoreStore(config.database, file, {
    async require(db, former) {
      const keys = loadKeys(config.keys, systemRandom, { create: await nothingSealed(db) });
      await requireOwnKeys(db, keys, config.keys);
      // A database is mostly replaced because it is damaged: what cannot be read is told, and hinders nothing.
      if (former !== undefined) known = await knownIn(former, db, keys.ledger.mac).catch(() => undefined);
    },
    async prepare(database) {
      restored = await hold({ ...config, database }, options, known);
    },
  });
  return restored;
}

async function knownIn(former: Kysely<Tables>, backup: Kysely<Tables>, mac: Keys['ledger']['mac']): Promise<Former> {
  return {
    endings: await endingsOf(former),
    declared: await declaredIn(former),
    lifted: await liftedSince(backup, former, mac).catch(() => undefined),
    paused: await pausedConnections(former),
  };
}

/** @throws ScimError STORE_*, KEY_FILE, KEY_FOREIGN */
async function hold(config: Config, options: EngineOptions, former: Former | undefined): Promise<Restored> {
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
      if (former === undefined) return {};
      // Before whom an operator cut: what is said while a connection is paused counts when it goes on.
      const paused = await pauseAgain(parts, tx, former.paused);
      return {
        paused,
        ended: await endAgain(tx, parts.ledger, former.endings, parts.operator),
        declared: await declareAgain(parts, tx, former.declared),
        ...(former.lifted === undefined ? {} : { lifted: await liftAgain(parts, tx, former.lifted) }),
      };
    });
  } finally {
    await parts.close();
  }
}
