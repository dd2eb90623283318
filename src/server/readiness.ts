import { sql } from 'kysely';
import type { Clock } from '../access/ports/clock.ts';
import type { Log } from '../access/ports/log.ts';
import type { StorePort } from '../access/ports/store.ts';
import type { Timers } from '../access/ports/timers.ts';
import { within } from '../access/within.ts';
import type { Tables } from '../store/tables.ts';

/** An answer holds so long: whoever asks without credentials must not be able to keep the disk busy. */
export const READY_FOR = 2000;
const PATIENCE = 2000;
/** Milliseconds after which a failure of somebody's read or write no longer counts. */
export const FAILED_FOR = 5000;

interface ReadinessDeps {
  readonly store: StorePort<Tables>;
  /** Whether the database failed somebody else a moment ago, and why. */
  readonly failedWithin?: (milliseconds: number) => string | undefined;
  /** Whether the key files are still there and are the ones in use. */
  readonly keysHold: () => boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/** Whether the service could take a push now: the keys hold, the database can be read and takes a durable write. */
export function createReadiness({
  store,
  failedWithin,
  keysHold,
  clock,
  timers,
  log,
}: ReadinessDeps): () => Promise<boolean> {
  let asked: { readonly at: number; readonly answer: Promise<boolean> } | undefined;
  let was = true;

  async function probe(): Promise<boolean> {
    let reason: string | undefined;
    try {
      if (!keysHold()) reason = 'the key files are not the ones in use';
      else await within(PATIENCE, timers, touch(store));
      reason ??= failedWithin?.(FAILED_FOR);
    } catch (error) {
      reason = (error as Error).message;
    }
    const ready = reason === undefined;
    if (ready !== was) log[ready ? 'info' : 'error'](ready ? 'ready again' : 'not ready', ready ? {} : { reason });
    was = ready;
    return ready;
  }

  return () => {
    const now = clock.monotonic();
    if (asked === undefined || now - asked.at >= READY_FOR) asked = { at: now, answer: probe() };
    return asked.answer;
  };
}

/** What every push needs; a row of each shows that the head of the table can be read. */
const EXAMINED = ['tokens', 'users', 'groups', 'members', 'ledger', 'dirty'] as const;

/** Reads, and a durable write. SQLite writes nothing where a value stays as it was, so this one counts up. */
async function touch(store: StorePort<Tables>): Promise<void> {
  await store.read(async (db) => {
    for (const table of EXAMINED) await db.selectFrom(table).selectAll().limit(1).execute();
  });
  await store.write(({ db }) =>
    db
      .insertInto('counters')
      .values({ name: 'readiness', value: 1 })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: sql`counters.value + 1` }))
      .execute(),
  );
}
