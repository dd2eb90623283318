import type { Log } from '../../access/ports/log.ts';
import type { Timer, Timers } from '../../access/ports/timers.ts';
import type { Store } from '../../store/store.ts';
import type { DailyWrites } from './dailyWrites.ts';
import type { Quotas } from './quotas.ts';
import { type Usage, usageOf } from './usage.ts';

/** Milliseconds between two looks. */
export const LOOK_EVERY = 60_000;

interface QuotaWatchDeps {
  readonly store: Pick<Store, 'read'>;
  readonly daily: DailyWrites;
  readonly quotas: (connection: string) => Quotas;
  readonly connections: readonly string[];
  readonly timers: Pick<Timers, 'after'>;
  readonly log: Log;
  /** Told what is used, for metrics. */
  readonly onLook: (usage: readonly Usage[]) => void;
}

/**
 * Looks once a minute at what connections have of their quotas and warns, once for each step, where one is nearly used up.
 * `stop` resolves when nothing runs any more.
 */
export function startQuotaWatch(deps: QuotaWatchDeps): { stop(): Promise<void> } {
  const { store, daily, quotas, connections, timers, log, onLook } = deps;
  const told = new Map<string, number>();
  let stopped = false;
  let timer: Timer | undefined;
  let running = turn();

  async function turn(): Promise<void> {
    try {
      const usage = await usageOf(store, daily, connections, quotas);
      onLook(usage);
      for (const one of usage) tell(one);
    } catch (error) {
      log.error('quotas are not watched', { reason: (error as Error).message });
    }
    if (stopped) return;
    timer = timers.after(LOOK_EVERY, () => {
      running = turn();
    });
  }

  function tell({ connection, what, used, limit }: Usage): void {
    const step = nearness(used, limit);
    const key = `${what} ${connection}`;
    if (step > (told.get(key) ?? 0)) {
      const message = step === 2 ? 'a quota of a connection is used up' : 'a quota of a connection is nearly used up';
      log[step === 2 ? 'error' : 'warn'](message, { connection, what, used, limit });
    }
    told.set(key, step);
  }

  return {
    async stop() {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
}

/** 2 where a quota is used up, 1 from four fifths on, else 0. */
export function nearness(used: number, limit: number): 0 | 1 | 2 {
  if (used >= limit) return 2;
  return used >= limit * 0.8 ? 1 : 0;
}
