import type { SyncContext } from './context.ts';

/** An unfinished leaver is told of after 1, 15 and 60 minutes, then every hour; one that is held at once, too. */
const ALARMS_MS = [60_000, 900_000, 3_600_000] as const;
const HOUR_MS = 3_600_000;

/** How many alarms are due for somebody who left that long ago. */
export function alarmsDue(age: number): number {
  const hours = Math.max(0, Math.floor(age / HOUR_MS) - 1);
  return ALARMS_MS.filter((after) => age >= after).length + hours;
}

/** Tells of leavers that are not done, and how long the oldest has waited. Held ones count: nobody may forget them. */
export async function watchDebts(context: SyncContext): Promise<void> {
  const { store, clock, log, meter } = context;
  const now = clock.now();
  await forgetOldEvents(context, now);
  const open = await store.read((db) =>
    db
      .selectFrom('debts')
      .select(['controller', 'person', 'folded_id', 'received_at', 'alarmed', 'state', 'error', 'attempts'])
      .where('cause', '=', 'leaver')
      .where('state', 'in', ['open', 'held'])
      .execute(),
  );
  const ages = open.map((row) => now - Date.parse(row.received_at));
  meter.oldestLeaver(Math.max(0, ...ages) / 1000);
  for (const [index, row] of open.entries()) {
    const due = Math.max(alarmsDue(ages[index]!), row.state === 'held' ? 1 : 0);
    if (due <= row.alarmed) continue;
    const { controller, person, state, error, attempts } = row;
    log.error('a leaver is not done', { controller, person, state, error, attempts, ageMs: ages[index] });
    await store.write(async ({ db }) => {
      await db
        .updateTable('debts')
        .set({ alarmed: due })
        .where('controller', '=', controller)
        .where('person', '=', person)
        .where('folded_id', '=', row.folded_id)
        .execute();
    });
  }
}

/** Events that no window reaches any more. */
async function forgetOldEvents({ store, config }: SyncContext, now: number): Promise<void> {
  const before = now - 2 * Math.max(config.guard.losses.window, config.guard.gains.window);
  const old = await store.read((db) =>
    db.selectFrom('guard_events').select('id').where('at_ms', '<', before).limit(1).executeTakeFirst(),
  );
  if (old === undefined) return;
  await store.write(({ db }) => db.deleteFrom('guard_events').where('at_ms', '<', before).execute());
}
