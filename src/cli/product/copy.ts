import { OPERATOR } from '../../access/operator.ts';
import { SILENT } from '../../access/ports/log.ts';
import { loadKeys } from '../../config/loadKeys.ts';
import type { Config } from '../../config/schema.ts';
import { createLedger } from '../../ledger/createLedger.ts';
import { nothingSealed, requireOwnKeys } from '../../ledger/keyMark.ts';
import { type Copied, type CopyWitness, copyStore } from '../../store/copy.ts';
import { isPostgres } from '../../store/postgres/address.ts';
import { systemClock, systemRandom, systemTimers } from '../edge.ts';
import type { Say } from '../engine.ts';
import type { EngineOptions } from '../modules.ts';
import { isAlive } from './process.ts';

/**
 * Copies the database to a new one, which a URL names, and compares them; the ledger of the copy goes on with where it came from.
 * @throws ScimError STORE_*, KEY_FILE, KEY_FOREIGN
 */
export function copy(config: Config, target: string, say: Say, options: EngineOptions = {}): Promise<Copied> {
  return copyStore(
    config.database,
    target,
    {
      ...{ clock: systemClock, timers: systemTimers, log: SILENT, alive: isAlive },
      witness: recording(config, options),
      ...(options.interruption === undefined ? {} : { interruption: options.interruption }),
    },
    say,
  );
}

function recording(config: Config, { operator = OPERATOR, runBy }: EngineOptions): CopyWitness {
  return async (source) => {
    const keys = await source.read(async (db) => {
      const own = loadKeys(config.keys, systemRandom, { create: await nothingSealed(db) });
      await requireOwnKeys(db, own, config.keys);
      return own;
    });
    const engine = isPostgres(config.database) ? 'postgresql' : 'sqlite';
    return (tx, { digest, tables, rows }, clock) =>
      createLedger({ store: source, keys, clock, random: systemRandom }).record(tx, {
        kind: 'database.copied',
        actor: operator,
        body: { engine, digest, tables, rows, ...(runBy === undefined ? {} : { from: { ...runBy } }) },
      });
  };
}
