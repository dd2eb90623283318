import type { Clock } from '../../access/ports/clock.ts';
import type { Log } from '../../access/ports/log.ts';
import type { StorePort } from '../../access/ports/store.ts';
import type { Timer, Timers } from '../../access/ports/timers.ts';
import { Trouble } from '../../access/trouble.ts';
import type { Tables } from '../../store/tables.ts';
import { SERVES } from '../../store/use.ts';
import { type Holder, LEASE_MS, RENEW_MS } from './lease.ts';

interface PresenceDeps {
  readonly store: StorePort<Tables>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly holder: Holder;
}

/** Rows of processes that ended without a word are removed after this long. */
const FORGOTTEN_MS = 3_600_000;

/**
 * Notes on a server that this process is there, by a lease of a name of its own: a replica that only answers requests holds no lease of
 * a controller, and its connections cannot be told from those that a pooler keeps. A file tells who has it open by itself. Never throws: a failure is told,
 * and tried again.
 */
export function startPresence(deps: PresenceDeps): { stop(): Promise<void> } {
  const { store, clock, timers, log, holder } = deps;
  if (store.far !== true) return { stop: async () => {} };
  const controller = SERVES + holder.name;
  const trouble = new Trouble({
    ...{ clock, log, message: 'that this process serves is not noted' },
    over: 'that this process serves is noted again',
  });
  let ended = false;
  let timer: Timer | undefined;
  let forgotten = false;
  let running = turn();

  async function note(): Promise<void> {
    const now = clock.now();
    const row = { controller, holder: holder.name, fence: 1, expires_ms: now + LEASE_MS };
    if (!forgotten) await forgetOthers(store, now - FORGOTTEN_MS);
    forgotten = true;
    await store.write(async ({ db }) => {
      await db
        .insertInto('leases')
        .values(row)
        .onConflict((conflict) => conflict.column('controller').doUpdateSet({ expires_ms: row.expires_ms }))
        .execute();
    });
  }

  async function turn(): Promise<void> {
    try {
      await note();
      trouble.well();
    } catch (error) {
      trouble.met({ reason: (error as Error).message });
    }
    if (!ended) schedule();
  }

  function schedule(): void {
    timer = timers.after(RENEW_MS, () => {
      running = turn();
    });
  }

  return {
    async stop() {
      ended = true;
      timer?.cancel();
      await running;
      await store
        .write(({ db }) => db.deleteFrom('leases').where('controller', '=', controller).execute())
        .catch(() => {});
    },
  };
}

/** Whether another process said that it serves, a moment ago; without a server there is none. */
export async function anotherServes({
  store,
  clock,
  holder,
}: Pick<PresenceDeps, 'store' | 'clock' | 'holder'>): Promise<boolean> {
  const other = await store.read((db) =>
    db
      .selectFrom('leases')
      .select('holder')
      .where('controller', 'like', `${SERVES}%`)
      .where('holder', '<>', holder.name)
      .where('expires_ms', '>', clock.now())
      .limit(1)
      .executeTakeFirst(),
  );
  return other !== undefined;
}

async function forgetOthers(store: StorePort<Tables>, before: number): Promise<void> {
  await store.write(({ db }) =>
    db.deleteFrom('leases').where('controller', 'like', `${SERVES}%`).where('expires_ms', '<', before).execute(),
  );
}
