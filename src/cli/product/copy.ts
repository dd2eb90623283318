import { SILENT } from '../../access/ports/log.ts';
import type { Config } from '../../config/schema.ts';
import { type Copied, copyStore } from '../../store/copy.ts';
import { systemClock, systemTimers } from '../edge.ts';
import type { Say } from '../engine.ts';
import { isAlive } from './process.ts';

/** Copies the database to a new one, which a URL names, and compares them. @throws ScimError STORE_* */
export function copy(config: Config, target: string, say: Say): Promise<Copied> {
  return copyStore(
    config.database,
    target,
    { clock: systemClock, timers: systemTimers, log: SILENT, alive: isAlive },
    say,
  );
}
