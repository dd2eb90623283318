import { SILENT } from '../../access/ports/log.ts';
import { ScimError } from '../../errors.ts';
import { isNewStore, openStore } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import { UsesByController } from '../../sync/uses/usesByController.ts';
import { systemClock, systemTimers } from '../edge.ts';
import type { Uses } from '../modules.ts';
import { whileItCan } from './whileItCan.ts';

/** Makes and migrates nothing: a command that only looks does neither, and it looks where nothing can be written, too. */
export async function openUses(database: string): Promise<Uses | undefined> {
  const parts = { clock: systemClock, timers: systemTimers, log: SILENT };
  let store: Store;
  try {
    if (await isNewStore(database, parts)) return undefined;
    store = await openStore(database, parts, { migrate: false });
  } catch (error) {
    if (error instanceof ScimError) return undefined;
    throw error;
  }
  const counts = new UsesByController(store, systemClock);
  return {
    of: (controller) => whileItCan(counts.of(controller)),
    async close() {
      await counts.settle();
      await store.close();
    },
  };
}
